import type { Progress } from "../base/progress.ts";
import type { EngineProvider } from "../engine/engine.ts";
import type { DrillOptions } from "./run/drill-options.ts";
import type { ScenarioRecord } from "../record/record.ts";
import type { RunDirectory } from "../record/run-directory.ts";

/** The context of a scenario. */
export interface Drill {
  readonly id: string;
  readonly options: DrillOptions;
  readonly seed: number;
  readonly nodes: number;
  readonly dims: number;
  readonly signal: AbortSignal;
  readonly progress: Progress;
  readonly record: ScenarioRecord;
  readonly engines: EngineProvider;
  readonly directory: RunDirectory;
}
