// What a benchmark is: a name to ask for it by, and a function that gives rows. One file each, all named in registry.ts.
import type { Progress } from "../base/progress.ts";
import type { EngineProvider } from "../engine/engine.ts";
import type { BenchRow } from "./rows.ts";

export interface BenchContext {
  /** Size of the graph, length of its embeddings, and the seed that it is made from. */
  readonly nodes: number;
  readonly dims: number;
  readonly seed: number;
  /** How often each whole command is measured; what is compared with each other is measured in turns. */
  readonly runs: number;
  readonly engines: EngineProvider;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface Benchmark {
  /** One word, as `falkordrill bench <name>` takes it. */
  readonly name: string;
  /** What it measures, in a few words for `bench --list`. */
  readonly title: string;
  /** Runs the benchmark; imports its code only when called, and ends every process that it starts. */
  readonly measure: (context: BenchContext) => Promise<readonly BenchRow[]>;
}
