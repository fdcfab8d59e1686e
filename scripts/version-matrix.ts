// `node scripts/version-matrix.ts [--engine embedded|container] [--write-golden]`: what each version of FalkorDB makes of the snapshots
// of each other one (fixtures/golden), by its own loader and by ours, and writes docs/versions.md. With --write-golden the
// engine first writes its own snapshots. FALKORDRILL_IMAGE names the image of a container.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { format, resolveConfig } from "prettier";
import { goldenMatrix, type MatrixCell } from "../fixtures/golden/matrix.ts";
import { writeGolden } from "../fixtures/golden/golden.ts";
import { packageRoot } from "../harness/base/package.ts";
import { engineProvider } from "../harness/engine/engines.ts";

const page = join(packageRoot(), "docs", "versions.md");
const marker = "<!-- table: written by scripts/version-matrix.ts -->";

const { values } = parseArgs({
  options: { engine: { type: "string", default: "embedded" }, "write-golden": { type: "boolean", default: false } },
});
const engines = engineProvider(values.engine === "container" ? "container" : "embedded");
const { signal } = new AbortController();
if (values["write-golden"]) await writeGolden(engines, signal);
const cells = await goldenMatrix(engines, signal);
const before = readFileSync(page, "utf8");
const at = before.indexOf(marker);
if (at === -1) throw new Error(`${page} has no line ${marker}`);
const text = `${before.slice(0, at)}${marker}\n\n${tableOf(cells)}\n`;
writeFileSync(page, await format(text, { ...(await resolveConfig(page)), parser: "markdown" }));

function tableOf(all: readonly MatrixCell[]): string {
  const rows = all.map(
    ({ writer, reader, shape, own, logical }) => `| ${writer} | ${reader} | ${shape} | ${own} | ${logical} |`,
  );
  return [
    "| written by | read by | shape | the engine's own loader | `--logical` |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}
