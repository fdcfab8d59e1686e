import { expect, it } from "vitest";
import { silentProgress } from "../../base/progress.ts";
import { ScenarioRecord } from "../../record/record.ts";
import type { RunDirectory } from "../../record/run-directory.ts";
import type { BackupSystem } from "../../system/system.ts";
import type { CyclePlan } from "../cycle-plan.ts";
import type { Drill } from "../drill.ts";
import { restore, type RestoreInput } from "./restore.ts";

it("calls a system operational no earlier than its first answer, which it may not report", async () => {
  const record = new ScenarioRecord("cycle/any", { append: () => {} } as unknown as RunDirectory);
  const drill = { record, progress: silentProgress, engines: {}, signal: new AbortController().signal };
  const system: Partial<BackupSystem> = {
    capabilities: new Set(["restore-file"]),
    restore: () => Promise.resolve({ target: { [Symbol.asyncDispose]: () => Promise.resolve() } as never, phases: [] }),
    list: () => Promise.resolve([]),
  };
  const content = { dataset: { graphs: () => [] } };
  const input = { stage: { system, source: {} }, content, backup: { point: { id: "a" } }, disaster: { atMs: 0 } };
  await using resources = new AsyncDisposableStack();
  const plan = { way: "file" } as CyclePlan;
  const given = input as unknown as RestoreInput;
  const { firstAnswerMs, operationalMs } = await restore(drill as unknown as Drill, plan, given, resources);
  expect(firstAnswerMs).toBeLessThanOrEqual(operationalMs);
});
