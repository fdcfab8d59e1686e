import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../harness/base/package.ts";
import { readmeBlock } from "../../test/readme.ts";
import { loadPolicy } from "./load-policy.ts";

const folder = await mkdtemp(join(tmpdir(), "falkordrill-policy-"));
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

const good = `version: 1
name: Production
objectives:
  - scenarios: [cycle/*, concurrent/ring-and-ledger-at-the-cut]
    minNodes: 100k
    rto: 30s
`;

const tenfold = (name: string, of: string): string => `${name}: &${name} [${`*${of}, `.repeat(9)}*${of}]\n`;
const bomb = `a: &a [x]\n${tenfold("b", "a")}${tenfold("c", "b")}${tenfold("d", "c")}`;

describe("a policy file", { timeout: 30_000 }, () => {
  it("is YAML, JSON or a TypeScript module", async () => {
    const yaml = await loadPolicy(await file("good.yaml", good));
    expect(yaml.objectives?.[0]).toMatchObject({ minNodes: "100k", rto: "30s" });
    expect(await loadPolicy(await file("good.json", JSON.stringify(yaml)))).toEqual(yaml);
    const source = join(packageRoot(), "reports", "gate", "policy.ts");
    const module = `import { definePolicy } from ${JSON.stringify(source)};
export default definePolicy(${JSON.stringify(yaml)});`;
    expect(await loadPolicy(await file("good.ts", module))).toEqual(yaml);
  });

  it.each([
    [
      "a word for a duration",
      good.replace("30s", "soon"),
      ":6:10: objectives.0.rto: expected a duration such as 250ms",
    ],
    ["an unknown field", good.replace("rto:", "rtoo:"), ":6:5: objectives.0: Unrecognized key"],
    ["an unknown section", `${good}covrage: []\n`, ":7:1: Unrecognized key"],
    ["another version", good.replace("version: 1", "version: 2"), ":1:10: version: expected 1"],
    ["no rule", "version: 1\nname: x\n", ":1:1: it has no rule"],
    ["no objective", good.replace("    rto: 30s\n", ""), ":4:5: objectives.0: it names no objective"],
    ["an empty list of rules", `version: 1\nname: x\ncoverage: []\n`, ":3:11: coverage: expected at least one entry"],
    ["no engine", `version: 1\nname: x\nengines: {}\n`, ":3:10: engines: it names no engine"],
    [
      "a witness of nothing",
      `version: 1\nname: x\nwitnesses: [{ scenarios: "**", atLeast: {} }]\n`,
      ":3:41: witnesses.0.atLeast: expected at least one entry",
    ],
    ["metrics of nothing", good.replace("rto: 30s", "metrics: {}"), ":6:14: objectives.0.metrics: expected at least"],
    ["an alias bomb", bomb, ": Excessive alias count"],
    ["broken YAML", `${good}  - [\n`, ":8:1: "],
    ["a key that comes twice", `${good}name: again\n`, ":7:1: Map keys must be unique"],
    ["nothing at all", "", ": Invalid input"],
  ])("with %s is refused, and the place is named", async (_, text, message) => {
    const path = await file("bad.yaml", text);
    await expect(loadPolicy(path)).rejects.toThrow(`${path}${message}`);
  });

  it.each([
    ["absent.yaml", undefined, "the policy could not be read"],
    ["policy.toml", "", "it has to end in .yaml, .yml, .json or .ts"],
    ["empty.ts", "export const policy = 1;", "has no default export"],
    ["throws.ts", "throw new Error('no');", "could not be loaded: no"],
  ])("%s is refused", async (name, text, message) => {
    const path = text === undefined ? join(folder, name) : await file(name, text);
    await expect(loadPolicy(path)).rejects.toThrow(message);
  });

  it("that asks for HEAD asks for the commit that is checked out", async () => {
    const { commit } = await loadPolicy(await file("head.yaml", `version: 1\nname: x\ncommit: { is: HEAD }\n`));
    expect(commit?.is).toMatch(/^[0-9a-f]{40}$/);
  });

  it("in the guide to CI is valid", async () => {
    const text = readmeBlock("# policy.yaml");
    expect((await loadPolicy(await file("readme.yaml", text))).exceptions).toHaveLength(1);
  });

  it("is described by schemas/policy.schema.json", async () => {
    const schema = readFileSync(join(packageRoot(), "schemas", "policy.schema.json"), "utf8");
    const validate = new Ajv2020({ strict: false, formats: { date: true } }).compile(JSON.parse(schema) as object);
    expect(validate(await loadPolicy(await file("good.yaml", good)))).toBe(true);
    expect(validate({ version: 1, name: "x", objectives: [{ rto: "30s" }] })).toBe(false);
  });
});
