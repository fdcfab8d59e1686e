// What one cycle does, apart from its size: the data's shape, the encryption, the way back.
import type { Dataset, DatasetOptions } from "../../generators/model.ts";
import type { Engine } from "../engine/engine.ts";

export interface CyclePlan {
  readonly shape?: DatasetOptions["shape"];
  readonly variant: DatasetOptions["variant"];
  readonly encryption: "interop" | "modern";
  /** `file`: the system starts the target; `wire`: into a running empty engine. */
  readonly way: "file" | "wire";
  /** Whether the engine's own SAVE and load of this graph are measured in the same run. */
  readonly rawLimits: boolean;
  /** `wipe` kills the source and removes its data; `none` leaves it running, to see that the restore leaves it alone. */
  readonly disaster: "wipe" | "none";
  /** Writers that go on through the backup and the disaster; 0 for a graph at rest. */
  readonly writers: number;
  /** A change made to the restored graph before it is judged, by scenarios that prove the proof. */
  readonly tamper?: (target: Engine, dataset: Dataset) => Promise<void>;
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
