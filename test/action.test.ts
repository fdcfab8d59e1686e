import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { packageRoot } from "../harness/base/package.ts";
import { readInputs, runArguments } from "../scripts/action/inputs.ts";
import { action, runStep } from "./action-script.ts";

const temp = mkdtempSync(join(tmpdir(), "falkordrill-action-"));
afterAll(() => rmSync(temp, { recursive: true, force: true }));

describe("the inputs of the action", () => {
  it("are the arguments of a drill, and empty ones are left out", () => {
    const given = {
      scenarios: "cycle/full  concurrent",
      profile: "pr",
      nodes: "",
      dims: "8",
      url: "redis://db:6379",
      wipes: "db:6379",
      server: "RESULTSET_SIZE=100\n\n appendonly=yes \n",
      arguments: "--schema pre1856",
      password: "never shown",
    };
    const drill = "cycle/full concurrent --profile pr --dims 8 --url redis://db:6379";
    const server = "--server RESULTSET_SIZE=100 --server appendonly=yes --i-understand-this-wipes db:6379";
    const rest = "--password-file password-file --schema pre1856 --out out";
    expect(runArguments(given, "out", "password-file").join(" ")).toBe(`${drill} ${server} ${rest}`);
  });

  it("that are missing as a whole are named", () => {
    expect(() => readInputs(undefined)).toThrow("the variable INPUTS is missing");
  });
});

describe("the job's own node", () => {
  const script = (id: string): string => action.runs.steps.find((step) => step.id === id)?.run ?? "exit 99";
  const bin = (name: string): string => {
    const folder = join(temp, name);
    mkdirSync(folder);
    symlinkSync("/bin/true", join(folder, "node"));
    return folder;
  };

  it("comes first in PATH again after Node 24 was found, and its own place is kept for the action", async () => {
    const [own, ours] = [bin("own"), bin("ours")];
    const system = "/usr/bin:/bin";
    const run = (id: string, env: Record<string, string>): ReturnType<typeof runStep> =>
      runStep({ temp, env }, "bash", ["-eo", "pipefail", "-c", script(id)]);
    const caller = await run("caller", { PATH: `${own}:${system}` });
    expect(caller.outputs["node"]).toBe(join(own, "node"));
    const env = { PATH: `${ours}:${own}:${system}`, ROOT: packageRoot(), CALLER: join(own, "node") };
    const harness = await run("harness", env);
    expect(harness.outputs).toMatchObject({ node: join(ours, "node"), path: own });
    expect(harness.outputs["lock"]).toMatch(/^[0-9a-f]{64}$/);
    expect((await run("harness", { ...env, CALLER: "" })).outputs["path"]).toBe("");
  });
});
