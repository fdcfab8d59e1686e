// One drill in a private run directory, judged twice: as it ran, and from its stored files.
import { join } from "node:path";
import { privateFolder } from "../base/process/reaper.ts";
import { silentProgress } from "../base/progress.ts";
import { describeRun } from "../drill/run/describe-run.ts";
import { type GivenOptions, resolveOptions } from "../drill/run/options.ts";
import { resultOf } from "../drill/run/run-drill.ts";
import { runScenario } from "../drill/run/run-scenario.ts";
import { deadlineMs, type ScenarioDefinition } from "../drill/run/scenario-definition.ts";
import type { ScenarioResult, StoredFinding } from "../record/result.ts";
import { RunDirectory } from "../record/run-directory.ts";
import { verifyRun } from "../record/verify-run.ts";
import { findersOf } from "./found-by.ts";

export interface DrilledOnce {
  readonly result: ScenarioResult;
  /** The same from the stored files. */
  readonly again: ScenarioResult | undefined;
  /** Findings of severity error. */
  readonly errors: readonly StoredFinding[];
  /** The checks, judges and steps that found them. */
  readonly finders: readonly string[];
}

/** Longest drill of a proof on a machine of usual speed: a mutant may hang, and each is drilled. */
const limitMsMax = 180_000;

let drills = 0;

export async function drillOnce(
  definition: ScenarioDefinition,
  given: GivenOptions & { readonly seed: number },
  signal: AbortSignal,
): Promise<DrilledOnce> {
  await using folder = await privateFolder("prove");
  const options = resolveOptions({ profile: "pr", ...given, out: join(folder.path, "run") });
  const { seed } = options;
  const directory = RunDirectory.create(options.out);
  // Drills of one scenario run at the same time, and an unobserved error is attributed by its id.
  const id = `${definition.id}@${(drills += 1)}`;
  directory.writeRun(describeRun(options, [id]));
  const limitMs = Math.min(limitMsMax, deadlineMs(definition, options));
  const running = { id, options, seed, directory, signal, progressOf: () => silentProgress, limitMs };
  const result = await runScenario(definition, running);
  directory.addResult(result);
  directory.writeResult(resultOf(options, [result], false));
  await directory.seal();
  const { scenarios } = await verifyRun(options.out);
  const errors = result.findings.filter(({ severity }) => severity === "error");
  return { result, again: scenarios[0], errors, finders: await findersOf(directory, definition.id, errors) };
}
