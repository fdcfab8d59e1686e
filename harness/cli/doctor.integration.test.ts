import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { isNightly } from "../base/testing/nightly.ts";
import { type CommandResult, runCommand } from "../base/process/run-command.ts";

const binary = fileURLToPath(new URL("../../bin/falkordrill.js", import.meta.url));

/** `settings` go before the program, by env(1). */
function doctor(args: readonly string[], settings: readonly string[] = []): Promise<CommandResult> {
  return runCommand("env", [...settings, process.execPath, binary, "doctor", ...args], { timeoutMs: 60_000 });
}

test.runIf(isNightly)("says that drills can run here, and with which FalkorDB", async () => {
  const { status, stdout } = await doctor([]);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^embedded\s+available: FalkorDB 4\.16\.3 on redis 8\.2\.3, started in /m);
  expect(stdout).toContain("Drills can run here.");
});

test("as JSON, on stdout alone", async () => {
  const { status, stdout } = await doctor(["--json"]);
  expect(status).toBe(0);
  const report: unknown = JSON.parse(stdout);
  expect(report).toMatchObject({
    schemaVersion: 1,
    canRun: true,
    engines: [{ kind: "embedded", available: true, versions: { module: 41603 } }, { kind: "container" }],
    machine: { node: process.versions.node, temporaryFolder: expect.any(String) },
  });
});

test("exits with 14 where no engine can be had, and says why", async () => {
  const { status, stdout } = await doctor(
    [],
    ["FALKORDRILL_REDIS_SERVER=/nowhere/redis-server", "FALKORDRILL_IMAGE=nowhere.invalid/falkordb:none"],
  );
  expect(status).toBe(14);
  expect(stdout).toContain("engine binary /nowhere/redis-server cannot be read");
  expect(stdout).toMatch(/^container\s+not available: /m);
  expect(stdout).toContain("No engine can be had here.");
});
