// Builds run.json: what ran, where, from which commit, and how to run it again.
import { arch, availableParallelism, cpus, release, totalmem } from "node:os";
import { checkoutOf } from "../../base/checkout.ts";
import { systemClock } from "../../base/clock.ts";
import { packageCommit, packageVersion } from "../../base/package.ts";
import type { DrillOptions } from "./drill-options.ts";
import { replayCommand, shownOptions } from "./options.ts";
import { type RunRecord, runSchemaVersion } from "../../record/run-directory.ts";

/** `planned`: ids of the scenarios that will run; `engine`: its build, where known. */
export function describeRun(options: DrillOptions, planned: readonly string[], engine?: string): RunRecord {
  return {
    schemaVersion: runSchemaVersion,
    seed: options.seed,
    replay: replayCommand(options),
    startedAt: new Date(systemClock.nowMs()).toISOString(),
    version: packageVersion(),
    commit: packageCommit(),
    checkout: checkoutOf(process.cwd()),
    options: shownOptions(options),
    machine: {
      platform: `${process.platform} ${release()} ${arch()}`,
      cpus: availableParallelism(),
      cpu: cpus()[0]?.model ?? "unknown",
      memoryBytes: totalmem(),
      node: process.version,
    },
    system: options.system,
    ...(engine === undefined ? {} : { engine }),
    planned,
  };
}
