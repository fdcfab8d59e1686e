import { expect, it } from "vitest";
import { sampleExpectation } from "../../check/testing/sample-observation.ts";
import { ScenarioRecord } from "../../record/record.ts";
import type { RunDirectory } from "../../record/run-directory.ts";
import type { CyclePlan } from "../cycle-plan.ts";
import type { Drill } from "../drill.ts";
import type { Backup } from "./back-up.ts";
import type { Content } from "./generate.ts";
import { report } from "./report.ts";

const plan = { writers: 0, directEpisodes: 2, disaster: "none" } as unknown as CyclePlan;
const content = { expectation: sampleExpectation } as unknown as Content;

function demanded(transferMs: number, acknowledged: number): { missing: boolean; notCovered: readonly string[] } {
  const record = new ScenarioRecord("concurrent/any", { append: () => {} } as unknown as RunDirectory);
  record.witness("writesAcknowledgedInTransfer", acknowledged);
  const span = { fromMs: 0, toMs: transferMs };
  report({ record } as unknown as Drill, plan, content, { fork: span, transfer: span } as unknown as Backup);
  const { findings, notCovered } = record.result();
  const missing = findings.some(({ message }) => message.includes("writesAcknowledgedInTransfer"));
  return { missing, notCovered: notCovered ?? [] };
}

it.each([
  [500, 0, true, []],
  [500, 1, false, []],
  [156, 3, false, []],
  [156, 0, false, ["writes during the transfer: it took only 156 ms, and no write was acknowledged in it"]],
])("a transfer of %i ms with %i writes in it", (ms, acknowledged, missing, notCovered) => {
  expect(demanded(ms, acknowledged)).toEqual({ missing, notCovered });
});
