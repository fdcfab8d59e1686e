// Run directories of one scenario, made without a drill. For tests.
import { join } from "node:path";
import { canariesSubject } from "../../record/canaries.ts";
import { judgeDrill, schemaVersion, type ScenarioResult } from "../../record/result.ts";
import { RunDirectory, runSchemaVersion } from "../../record/run-directory.ts";

/** A scenario that passed. */
export const passedResult: ScenarioResult = {
  id: "cycle/full",
  title: "t",
  verdict: "pass",
  exit: "pass",
  durationMs: 9000,
  findings: [],
  witnesses: {},
  metrics: { rtoMs: 656, rpoMs: 580 },
  phases: [],
  notCovered: [],
  judged: [canariesSubject],
  replay: "r",
};
/** Writes a run directory; without a result one of a run that did not end. */
export async function addTestRun(
  runs: string,
  name: string,
  startedAt: string,
  result: ScenarioResult | undefined,
): Promise<string> {
  const directory = RunDirectory.create(join(runs, name));
  const about = {
    schemaVersion: runSchemaVersion,
    seed: 1,
    replay: "r",
    startedAt,
    version: "1",
    options: {},
    machine: {},
  };
  directory.writeRun({ ...about, system: "reference", planned: [passedResult.id] });
  if (result === undefined) return directory.path;
  directory.addResult(result);
  directory.writeResult({ schemaVersion, seed: 1, replay: "r", scenarios: [result], ...judgeDrill([result]) });
  await directory.seal();
  return directory.path;
}
