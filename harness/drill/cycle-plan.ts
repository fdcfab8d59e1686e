// Parameters of one cycle, apart from its size: the data's shape, the encryption, the restore method.
import type { Dataset, DatasetOptions } from "../../generators/model.ts";
import type { WriteKindName } from "../../generators/writes/write-kind.ts";
import type { Check, OwnCode } from "../check/check.ts";
import type { Evidence } from "../check/evidence.ts";
import type { Engine } from "../engine/engine.ts";
import type { WriteCoordination } from "../record/result.ts";
import type { WriteProfile } from "../workload/write-profile.ts";

export interface CyclePlan {
  readonly shape?: DatasetOptions["shape"];
  readonly variant: DatasetOptions["variant"];
  /** Graphs other than those that the generator makes for these options. */
  readonly content?: (options: DatasetOptions) => Dataset;
  readonly encryption: "interop" | "modern";
  /** Maximum rate at which the backup reads the snapshot: it shares the machine with the writers. */
  readonly backupBytesPerSecond?: number;
  /**
   * `file`: the system starts the target; `wire`: restores into a running empty engine; `logical`: the same, without the
   * engine's own loader.
   */
  readonly way: "file" | "wire" | "logical";
  /** Whether SAVE and load of this graph by the engine alone are measured in the same run. */
  readonly rawLimits: boolean;
  /**
   * `wipe` kills the source and removes its data; `none` leaves it running, to check that the restore does not touch
   * it.
   */
  readonly disaster: "wipe" | "none";
  /** Number of writers through the service during the backup and the disaster; 0 for an idle graph. */
  readonly writers: number;
  /** Combined rate of those writers; moderate by default. */
  readonly writerProfile?: WriteProfile;
  /** Number of graphs they are spread over; 2 by default. */
  readonly writerGraphs?: number;
  /** Writers of episodes directly on the engine, in Graphiti's own sequence of queries, which no pause holds. */
  readonly directEpisodes?: { readonly writers: number; readonly profile: WriteProfile };
  /** Writers directly on the engine, each kind in its own graph. No pause of the service holds them. */
  readonly kinds?: readonly KindPlan[];
  /** If the claim is about write rates: the share of the profiles' writes below which a machine proves nothing. */
  readonly profileShareMin?: number;
  /** Faults stop the writers now and then, so their average write rate means nothing. */
  readonly faultsStopWriters?: boolean;
  /** Minimum write time before and after the backup, in milliseconds, so that rates and latencies are meaningful. */
  readonly windowMs?: number;
  /**
   * `held`, the default: the system pauses writes through the service. `none`: it gets no coordinator. `removed`: its
   * pause is acknowledged at once and holds no writer, as with a broken service.
   */
  readonly coordination?: WriteCoordination;
  /** Additional user-defined checks of the restored graphs. */
  readonly checks?: readonly Check<Evidence, OwnCode>[] | undefined;
  /** Proof that the system's own `verify` runs on the engine it restored into. */
  readonly prove?: (target: Engine) => Promise<{ readonly problems: readonly string[] }>;
  /** A change made to the restored graph before it is judged, by scenarios that prove the proof. */
  readonly tamper?: (target: Engine, dataset: Dataset) => Promise<void>;
}

export interface KindPlan {
  readonly kind: WriteKindName;
  /** Number of graphs; 1 by default. */
  readonly graphs?: number;
  readonly writers: number;
  readonly profile: WriteProfile;
}

/** The default plan of most scenarios. */
export const fullCyclePlan: CyclePlan = {
  variant: "clean",
  encryption: "interop",
  way: "file",
  rawLimits: true,
  disaster: "wipe",
  writers: 2,
};
