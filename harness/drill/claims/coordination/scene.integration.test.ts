// A system that keeps a backup whose pause was lost is detected.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { silentProgress } from "../../../base/progress.ts";
import type { Drill } from "../../drill.ts";
import { resolveOptions } from "../../run/options.ts";
import type { ScenarioResult } from "../../../record/result.ts";
import { RunDirectory } from "../../../record/run-directory.ts";
import { runScenario } from "../../run/run-scenario.ts";
import { killedInPause } from "./killed-service.ts";
import { openCoordinationSetup } from "./coordination-setup.ts";

async function judged(run: (drill: Drill, resources: AsyncDisposableStack) => Promise<void>): Promise<ScenarioResult> {
  const out = await mkdtemp(join(tmpdir(), "falkordrill-test-"));
  await using resources = new AsyncDisposableStack();
  resources.defer(() => rm(out, { recursive: true }));
  const options = resolveOptions({ profile: "pr", out });
  const id = "concurrent/broken-on-purpose";
  const definition = { id, title: "It holds", profiles: [], nodes: 200, run: (drill: Drill) => run(drill, resources) };
  const { signal } = new AbortController();
  const directory = RunDirectory.create(out);
  return await runScenario(definition, { options, id, seed: 1, directory, signal, progressOf: () => silentProgress });
}

test("a backup that does not check whether its pause held is detected", async () => {
  const { verdict, findings } = await judged(async (drill, resources) => {
    const scene = await openCoordinationSetup(drill, resources);
    const { coordinator } = scene.stage;
    const resume = coordinator.resume.bind(coordinator);
    coordinator.resume = async (leaseId) => await resume(leaseId).catch(() => {});
    await killedInPause(drill, scene, "at once");
  });
  expect(findings.filter(({ severity }) => severity === "error").map(({ code }) => code)).toEqual([
    "backup-kept-in-error",
  ]);
  expect(verdict).toBe("fail");
});
