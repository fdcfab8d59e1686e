import { expect, it } from "vitest";
import { Draw } from "../../../generators/random.ts";
import { faultKind } from "../../fault/faults.ts";
import { ScenarioRecord } from "../../record/record.ts";
import { judgeScenario } from "../../record/result.ts";
import type { RunDirectory } from "../../record/run-directory.ts";
import type { Drill } from "../drill.ts";
import { recordFault } from "./disaster.ts";

it("a fault that is claimed and did not fire makes a scenario inconclusive, and one that fired does not", async () => {
  const directory = { append: () => {} } as unknown as RunDirectory;
  const record = new ScenarioRecord("fault/any", directory);
  const drill = { id: record.id, record, directory } as unknown as Drill;
  recordFault(drill, { fault: "flush", fired: true, detail: {} });
  expect(judgeScenario(record.result().findings).verdict).toBe("pass");
  const fault = faultKind("kill-command").draw(new Draw(1, "any"));
  const ended = { name: "backup", nodeFlags: [], pid: () => undefined, stderr: () => "" };
  await fault.inject({ command: ended, signal: new AbortController().signal });
  recordFault(drill, fault.record());
  expect(judgeScenario(record.result().findings)).toMatchObject({ verdict: "inconclusive", exit: "inconclusive" });
  expect(record.result().witnesses).toEqual({ faultsFired: 1 });
});
