// The drill action, step by step as a runner takes it: on a drill that passes, and on ones that do not.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { packageRoot } from "../harness/base/package.ts";
import { type ActionRun, runAction } from "./action-runner.ts";
import { drillStep, readmeBlock } from "./readme.ts";

const folder = join(packageRoot(), ".github", "actions", "drill");
const temp = mkdtempSync(join(tmpdir(), "falkordrill-action-"));
mkdirSync(join(temp, "workspace"));
afterAll(() => rmSync(temp, { recursive: true, force: true }));

const small = { scenarios: "cycle/full", nodes: "300" };

async function act(
  inputs: Readonly<Record<string, string>>,
  policy?: Readonly<Record<string, unknown>>,
): Promise<ActionRun> {
  if (policy === undefined) return runAction(folder, temp, inputs);
  writeFileSync(join(temp, "workspace", "policy.json"), JSON.stringify({ version: 1, name: "test", ...policy }));
  return runAction(folder, temp, { ...inputs, policy: "policy.json" });
}

describe("the drill action", () => {
  it("passes a drill that passes, and says how it went", async () => {
    const coverage = [{ scenarios: "cycle/full" }];
    const run = await act({ ...small, seed: "7" }, { coverage, objectives: [{ scenarios: "cycle/full", rto: "5m" }] });
    expect(run).toMatchObject({ code: 0 });
    expect(run.outputs).toMatchObject({ verdict: "pass", failed: "0", decision: "go", "exit-code": "0" });
    expect(Number(run.outputs["rto-ms"])).toBeGreaterThan(0);
    expect(Number(run.outputs["rpo-writes"])).toBeGreaterThanOrEqual(0);
    expect(run.outputs["rpo-writes"]).not.toBe("");
    expect(run.outputs["replay"]).toContain("falkordrill run cycle/full");
    expect(run.outputs["replay"]).toContain("--seed 7");
    expect(readFileSync(run.outputs["report-path"] ?? "", "utf8")).toContain("<html");
    expect(existsSync(join(run.outputs["run-path"] ?? "", "result.json"))).toBe(true);
    expect(run.summary).toContain("cycle/full");
    expect(run.summary).toContain("# Release gate: go");
    expect(run.log).not.toMatch(/^::(?:error|warning)/m);
    expect(run.used["actions/upload-artifact"]).toMatchObject({ name: "drill", path: run.outputs["run-path"] });
  });

  it("fails where the policy's objective is missed, with the reason where people look", async () => {
    const run = await act(small, { objectives: [{ scenarios: "cycle/full", rto: "1ms" }] });
    expect(run).toMatchObject({ code: 12 });
    expect(run.outputs).toMatchObject({ verdict: "pass", decision: "no-go", "exit-code": "0" });
    expect(run.summary).toContain("# Release gate: no-go");
    expect(run.log).toMatch(/^::error title=Release gate%3A no-go::.*rtoMs.*wanted at most 1.0 ms/m);
    // What the drill wrote is uploaded all the same.
    expect(run.used["actions/upload-artifact"]).toMatchObject({ path: run.outputs["run-path"] });
  });

  it("is inconclusive where the policy asks for what was not run", async () => {
    const run = await act(small, { coverage: [{ scenarios: "fault/*" }] });
    expect(run).toMatchObject({ code: 13 });
    expect(run.outputs).toMatchObject({ decision: "inconclusive" });
    expect(run.log).toMatch(/^::warning title=Release gate%3A inconclusive::/m);
  });

  it("fails at once where the drill cannot be run, and no gate hides that", async () => {
    const run = await act({ scenarios: "cycle/nothing" }, { coverage: [{ scenarios: "cycle/full" }] });
    expect(run).toMatchObject({ code: 2 });
    expect(run.outputs).toMatchObject({ verdict: "", decision: "", "exit-code": "2" });
    expect(run.log).toContain('no scenario id starts with "cycle/nothing"');
  });

  it("decides by the README's policy on what the README's ten lines drill", async () => {
    const { with: given = {} } = drillStep(readmeBlock("# .github/workflows/drill.yml"));
    // An exception has its last day, and this test has none.
    const policy = readmeBlock("# policy.yaml").replace(/expires: \S+/, "expires: 2999-12-31");
    writeFileSync(join(temp, "workspace", given["policy"] ?? ""), policy);
    // Of the profile only what the policy asks for, so that the test is short.
    const scenarios = "cycle/full concurrent/ring-and-ledger-at-the-cut";
    const run = await runAction(folder, temp, { ...given, scenarios });
    expect(run.summary).toContain("# Release gate: go");
    expect(run).toMatchObject({ code: 0, outputs: { verdict: "pass", decision: "go" } });
  });

  it("runs the part of the drill that its shard is, and no more", async () => {
    const run = await act({ scenarios: "cycle/full cycle/edge-values", nodes: "300", shard: "2/2" });
    expect(run).toMatchObject({ code: 0, outputs: { verdict: "pass" } });
    const { scenarios } = JSON.parse(readFileSync(join(run.outputs["run-path"] ?? "", "result.json"), "utf8")) as {
      scenarios: { id: string }[];
    };
    expect(scenarios.map(({ id }) => id)).toEqual(["cycle/edge-values"]);
    expect(run.outputs["replay"]).toContain("--shard 2/2");
  });

  it("takes no input for a command", async () => {
    const run = await act({ scenarios: `cycle/nothing $(touch ${temp}/pwned) ; touch ${temp}/pwned`, artifact: "" });
    expect(run.code).toBe(2);
    expect(existsSync(join(temp, "pwned"))).toBe(false);
    expect(run.used["actions/upload-artifact"]).toBeUndefined();
  });

  it("keeps its packages in a cache that changes with the lock file", async () => {
    const run = await act({ scenarios: "cycle/nothing" });
    expect(run.used["actions/cache"]?.["key"]).toMatch(/^falkordrill-Linux-X64-[0-9a-f]{64}$/);
    expect(Object.keys(run.used).map((name) => basename(name))).toEqual(["setup-node", "cache", "upload-artifact"]);
  });
});
