// Real work of a chosen length: questions to a real FalkorDB, whose answers are hashed here. A slowdown is more of the
// same work, so it lengthens a run the way in which a slower version would, noise and all.
import { createHash } from "node:crypto";
import { dataset } from "../../../generators/dataset.ts";
import { systemClock } from "../../base/clock.ts";
import { DrillError } from "../../base/errors.ts";
import type { Progress } from "../../base/progress.ts";
import type { EngineProvider } from "../../engine/engine.ts";
import { connect } from "../../falkordb/client/connection.ts";
import { loadDataset } from "../../falkordb/load/load.ts";

/** Work units of a run without a slowdown; a percent is then a whole unit. */
const units = 100;
/** One run takes about this long at the pace of the machine: long beside the clock, short enough for a thousand trials. */
const defaultRunMs = 25;
const graphNodes = 2000;

export interface PowerWorkload extends AsyncDisposable {
  /** Does `units * (1 + slowdown)` units of work and gives how long they took, in ms. */
  run(slowdown: number): Promise<number>;
  /** Nodes that a unit of work looks at. */
  readonly unitSize: number;
}

export async function startWorkload(
  engines: EngineProvider,
  options: { seed: number; progress: Progress; signal: AbortSignal; runMs?: number | undefined },
): Promise<PowerWorkload> {
  const { seed, progress, signal, runMs = defaultRunMs } = options;
  await using resources = new AsyncDisposableStack();
  const engine = resources.use(await engines.start({ name: "power", signal }));
  const content = dataset({ seed, nodes: graphNodes, dims: 0, shape: "large", variant: "clean", schema: "post1856" });
  await loadDataset(engine.endpoint, content, { signal, progress });
  const [plan] = content.graphs();
  if (plan === undefined) throw new Error("the dataset has no graph");
  const connection = resources.use(await connect(engine.endpoint, { name: "falkordrill-power" }));
  const ask = async (count: number, size: number): Promise<number> => {
    const startedMs = systemClock.monotonicMs();
    for (let unit = 0; unit < count; unit += 1) {
      signal.throwIfAborted();
      const reply = await connection.commandBuffer(
        "GRAPH.RO_QUERY",
        plan.name,
        `CYPHER size=${size} MATCH (n:Entity) WITH n LIMIT $size RETURN count(n.name), sum(size(n.summary))`,
      );
      createHash("sha256").update(JSON.stringify(reply)).digest();
    }
    return systemClock.monotonicMs() - startedMs;
  };
  progress.step("warm up, and measure the pace");
  const unitSize = await paced(ask, runMs);
  const owned = resources.move();
  return {
    unitSize,
    run: (slowdown) => ask(Math.round(units * (1 + slowdown)), unitSize),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** How many nodes each question looks at, so that a run takes about `runMs` here. */
async function paced(ask: (count: number, size: number) => Promise<number>, runMs: number): Promise<number> {
  await ask(units * 5, graphNodes / 10);
  for (let size = graphNodes; size >= 1; size = Math.floor(size / 2)) {
    const fastestMs = Math.min(await ask(units, size), await ask(units, size), await ask(units, size));
    if (fastestMs <= runMs * 1.4) return size;
  }
  throw new DrillError(`${units} questions take longer than ${runMs} ms here, however small they are`, {
    exit: "environment",
    hint: "Something else keeps this machine busy; measure on a quiet one.",
  });
}
