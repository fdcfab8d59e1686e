// What one cycle does, apart from its size: the data's shape, the encryption, the way back.
import type { Dataset, DatasetOptions } from "../../generators/model.ts";
import type { WriteKindName } from "../../generators/writes/write-kind.ts";
import type { Check, OwnCode } from "../check/check.ts";
import type { Evidence } from "../check/evidence.ts";
import type { Engine } from "../engine/engine.ts";
import type { BackupSystem } from "../system/system.ts";
import type { WriteCoordination } from "../record/result.ts";
import type { WriteProfile } from "../workload/write-profile.ts";

export interface CyclePlan {
  readonly shape?: DatasetOptions["shape"];
  readonly variant: DatasetOptions["variant"];
  readonly encryption: "interop" | "modern";
  /** How fast the backup reads the snapshot, at the most: it shares the machine with the writers. */
  readonly backupBytesPerSecond?: number;
  /** `file`: the system starts the target; `wire`: into a running empty engine. */
  readonly way: "file" | "wire";
  /** Whether the engine's own SAVE and load of this graph are measured in the same run. */
  readonly rawLimits: boolean;
  /** `wipe` kills the source and removes its data; `none` leaves it running, to see that the restore leaves it alone. */
  readonly disaster: "wipe" | "none";
  /** Writers through the service that go on through the backup and the disaster; 0 for a graph at rest. */
  readonly writers: number;
  /** Of those writers together; a modest rate by default. */
  readonly writerProfile?: WriteProfile;
  /** Over how many graphs they are spread; 2 by default. */
  readonly writerGraphs?: number;
  /** Writers of episodes straight at the engine, in Graphiti's own row of queries, which no pause holds. */
  readonly directEpisodes?: { readonly writers: number; readonly profile: WriteProfile };
  /** Writers that go straight at the engine, each kind in a graph of its own. No pause of the service holds them. */
  readonly kinds?: readonly KindPlan[];
  /** Whether the claim is about the rates of the writers: then a machine that does not reach them proves nothing. */
  readonly heldToProfiles?: boolean;
  /** Faults stop the writers now and then, so how many writes a second they made in all says nothing. */
  readonly faultsStopWriters?: boolean;
  /** How long writers write before the backup, and after it, at the least, so that rates and latencies mean something. */
  readonly windowMs?: number;
  /**
   * `held`, the default: the system pauses writes through the service. `none`: it gets no coordinator. `removed`: its
   * pause is answered at once and holds nobody, as a broken service would do it.
   */
  readonly coordination?: WriteCoordination;
  /** Checks of one's own over what was restored, beside those of FalkorDrill. */
  readonly checks?: readonly Check<Evidence, OwnCode>[] | undefined;
  /** What the system's own `verify` runs on the engine that it restored into. */
  readonly prove?: (target: Engine) => Promise<{ readonly problems: readonly string[] }>;
  /** A fault put into the system under test, to see that a drill finds it; see fixtures/mutants/. */
  readonly mutate?: (system: BackupSystem, place: { readonly vault: string }) => BackupSystem;
  /** A change made to the restored graph before it is judged, by scenarios that prove the proof. */
  readonly tamper?: (target: Engine, dataset: Dataset) => Promise<void>;
}

export interface KindPlan {
  readonly kind: WriteKindName;
  /** Over so many graphs; 1 by default. */
  readonly graphs?: number;
  readonly writers: number;
  readonly profile: WriteProfile;
}

/** The plan that most scenarios begin from. */
export const fullCyclePlan: CyclePlan = {
  variant: "clean",
  encryption: "interop",
  way: "file",
  rawLimits: true,
  disaster: "wipe",
  writers: 2,
};
