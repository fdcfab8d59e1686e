// What the benchmarks of increments begin from: a source that keeps its stream for increments on demand, and
// replicates changes as effects, both as while an archiver follows.
import { DrillError } from "../../base/errors.ts";
import { connect, type Connection } from "../../falkordb/client/connection.ts";
import type { BackupSystem, IncrementOutcome } from "../../system/system.ts";
import { type BenchSource, benchSource } from "../bench-source.ts";
import type { BenchContext } from "../benchmark.ts";
import { keepStream } from "../storage/stream-window.ts";

export interface ChainSource extends BenchSource {
  readonly connection: Connection;
  /** What came since the last one, or since the backup. */
  increment(): Promise<IncrementOutcome>;
}

export async function chainSource(context: BenchContext): Promise<ChainSource> {
  const { progress, signal } = context;
  await using resources = new AsyncDisposableStack();
  const source = resources.use(await benchSource(context));
  const connection = resources.use(await connect(source.engine.endpoint));
  await keepStream(connection);
  await connection.command("GRAPH.CONFIG", "SET", "EFFECTS_THRESHOLD", 0);
  const owned = resources.move();
  return {
    ...source,
    connection,
    increment: async () => linked(await incrementOf(source.system, source, { progress, signal })),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function incrementOf(
  system: BackupSystem,
  { engine }: BenchSource,
  { progress, signal }: Pick<BenchContext, "progress" | "signal">,
): Promise<IncrementOutcome> {
  if (system.backupIncrement === undefined)
    throw new DrillError(`${system.name} makes no increments`, { exit: "usage" });
  return system.backupIncrement({ source: engine, coordinator: undefined, progress, signal });
}

/** A full backup in its place would be measured as if it were a chain. */
export function linked(increment: IncrementOutcome): IncrementOutcome {
  if (increment.continued) return increment;
  throw new DrillError(`a full backup (${increment.base}) was made where an increment was to be measured`, {
    exit: "inconclusive",
    hint: "The server did not keep enough of its stream, or replicated a change as query text.",
  });
}
