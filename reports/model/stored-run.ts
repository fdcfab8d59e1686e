// One run of a run directory, read into plain data of bounded size. All reports are functions of a list of these.
import type { DrillResult, FaultLine, ResourceLine, TimelineMark } from "../../harness/record/result.ts";
import type { RunRecord } from "../../harness/record/run-directory.ts";
import type { Activity } from "./activity.ts";

export interface StoredRun {
  /** The folder, as the user gave it. */
  readonly directory: string;
  readonly record: RunRecord;
  readonly result: DrillResult;
  /** Traces by scenario id. */
  readonly traces: ReadonlyMap<string, Trace>;
}

/** What one scenario recorded in addition to its result. */
export interface Trace {
  readonly marks: readonly TimelineMark[];
  readonly faults: readonly FaultLine[];
  readonly memory: readonly ResourceLine[];
  readonly restorePoints: readonly StoredPoint[];
  /** What its writers did; undefined where it had none. */
  readonly activity: Activity | undefined;
  /** Kind and versions of the engine. */
  readonly engine: Readonly<Record<string, unknown>> | undefined;
  /** The backup system under test, with what it says that it can do. */
  readonly system: { readonly capabilities: readonly string[] } | undefined;
}

export const noTrace: Trace = {
  marks: [],
  faults: [],
  memory: [],
  restorePoints: [],
  activity: undefined,
  engine: undefined,
  system: undefined,
};

/** One restore point of the vault at the end of a backup. */
export interface StoredPoint {
  readonly id: string;
  readonly cutAt: string;
  readonly storedBytes: number;
  readonly rawBytes?: number | undefined;
  /** The restore point that an increment builds on; a full backup has none. */
  readonly parent?: string | undefined;
}
