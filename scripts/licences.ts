// Whether what the package brings with it may be used and passed on by everyone: `node scripts/licences.ts sbom.cdx.json`.
import { readFileSync } from "node:fs";
import { z } from "zod";

const sbomSchema = z.object({
  components: z.array(
    z.object({
      name: z.string(),
      version: z.string(),
      licenses: z
        .array(
          z.object({
            license: z.object({ id: z.string().optional(), name: z.string().optional() }).optional(),
            expression: z.string().optional(),
          }),
        )
        .default([]),
    }),
  ),
});

/** Licences that ask for no more than that their text stays. */
const permissive = new Set([
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "ISC",
  "MIT",
  "Unlicense",
]);
/** A library that anyone may exchange: npm installs it beside the program, as its licence asks for. */
const byName = new Map([["openpgp", "LGPL-3.0+"]]);

const [file = ""] = process.argv.slice(2);
const { components } = sbomSchema.parse(JSON.parse(readFileSync(file, "utf8")));
if (components.length === 0) throw new Error(`${file} names no component`);
const refused = components.flatMap(({ name, version, licenses }) => {
  const found = licenses.map(({ license, expression }) => license?.id ?? expression ?? license?.name ?? "unnamed");
  const allowed = found.length > 0 && found.every((licence) => permissive.has(licence) || byName.get(name) === licence);
  return allowed ? [] : [`${name} ${version}: ${found.join(", ") || "no licence"}`];
});
if (refused.length > 0)
  throw new Error(
    `licences to decide about in scripts/licences.ts, before these are shipped:\n  ${refused.join("\n  ")}`,
  );
process.stdout.write(`${components.length} packages under permissive licences\n`);
