// Systems and servers that do not hold what the scenarios about server settings claim: each is detected.
import { join } from "node:path";
import { expect, test } from "vitest";
import { silentProgress } from "../../../base/progress.ts";
import { privateFolder } from "../../../base/process/reaper.ts";
import type { EngineProvider, StartOptions } from "../../../engine/engine.ts";
import { RunDirectory } from "../../../record/run-directory.ts";
import type { Drill } from "../../drill.ts";
import { resolveOptions } from "../../run/options.ts";
import { runScenario } from "../../run/run-scenario.ts";
import { keepsVolume } from "../persistence/recreated.ts";

async function codesOf(run: (drill: Drill) => Promise<void>, signal: AbortSignal): Promise<readonly string[]> {
  await using folder = await privateFolder("broken-settings");
  const out = join(folder.path, "run");
  const options = resolveOptions({ profile: "pr", dims: 0, out });
  const id = "fault/broken";
  const definition = { id, title: "A broken one is right", profiles: [], nodes: 300, run };
  const place = { options, id, seed: 1, directory: RunDirectory.create(out), signal, progressOf: () => silentProgress };
  const { findings } = await runScenario(definition, place);
  return findings.filter(({ severity }) => severity === "error").map(({ code }) => code);
}

test.each<[string, StartOptions["volume"], string]>([
  ["where no server writes", "elsewhere", "graph-missing"],
  ["that is right in spite of the mistake", "data", "assumption-defect-not-shown"],
])("a volume %s", async (_, volume, code) => {
  const { signal } = new AbortController();
  const mounted = (engines: EngineProvider): EngineProvider => ({
    kind: engines.kind,
    unavailable: () => engines.unavailable(),
    start: (options) => engines.start({ ...options, volume: volume ?? "data" }),
  });
  const codes = await codesOf((drill) => keepsVolume({ ...drill, engines: mounted(drill.engines) }), signal);
  expect(codes).toContain(code);
});
