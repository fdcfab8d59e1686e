// A restore that does not use the engine's own loader: the graphs of a backup are decoded here, written into a running
// server by GRAPH.BULK and queries, and read back from a snapshot of it. So it works where the engine crashes on its own
// dump, and into versions that do not read it. A graph is written under a name of ours and gets its own only when its
// content was proven equal to the last bit, so nobody ever sees half of it. Keys and function libraries come last.
import { randomBytes } from "node:crypto";
import { address } from "../../base/endpoint.ts";
import { DrillError, errorMessage, usageError } from "../../base/errors.ts";
import { type Phase, PhaseTimer } from "../../base/phases.ts";
import type { Progress } from "../../base/progress.ts";
import type { Engine } from "../../engine/engine.ts";
import { ContentVisitor, walkSnapshot } from "../../falkordb/logical/content-visitor.ts";
import { OtherContent } from "../../falkordb/logical/other-content.ts";
import { encverRead } from "../../falkordb/rdb/graph-matrices.ts";
import { whyMarked } from "../chain/proofs.ts";
import { useBackups } from "../locks/vault-lock.ts";
import { partsOf, readParts } from "../parts/read-parts.ts";
import { openBackup, type RestoreContext } from "../restore/restore.ts";
import type { Manifest } from "../store/manifest.ts";
import { hiddenPrefix, LogicalWriter, type Restoring } from "./logical-writer.ts";

export interface LogicalRestoreRequest {
  readonly point: string;
  /** Only this graph, under the name `as`; all graphs of the backup by default. */
  readonly graph?: { readonly name: string; readonly as: string };
  /** A running server, which may hold other graphs. */
  readonly target: Engine;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface LogicalRestore {
  readonly graphs: readonly {
    readonly name: string;
    readonly as: string;
    readonly nodes: number;
    readonly edges: number;
  }[];
  /** How many keys that are no graphs, and function libraries. */
  readonly keys: number;
  readonly libraries: number;
  readonly phases: readonly Phase[];
}

export async function restoreLogically(
  context: RestoreContext,
  request: LogicalRestoreRequest,
): Promise<LogicalRestore> {
  const { point, graph, target, progress, signal } = request;
  const { store, keyring } = context;
  const timer = new PhaseTimer();
  await using lease = await useBackups(store, "restore", [point]);
  for (const note of lease.notes) progress.note(note);
  const { manifest, keys } = await openBackup(context, point, { progress, signal }, timer);
  refuseVersion(manifest);
  const marked = await whyMarked(store, point, keyring);
  if (marked !== undefined) progress.note(`${marked.message}; its graphs are read without the engine's own loader`);
  const snapshot = (): AsyncIterable<Buffer> => readParts(store, { ...partsOf(manifest), isQuick: true }, keys, signal);
  const isWanted = (name: string): boolean => graph === undefined || name === graph.name;
  progress.step("read");
  const visitor = new ContentVisitor(isWanted);
  const { read, version } = await timer.during(
    "read",
    () =>
      understood(point, async () => {
        const version = await walkSnapshot(snapshot(), visitor);
        return { version, read: visitor.result() };
      }),
    () => manifest.rawBytes,
  );
  if (graph !== undefined && read.length === 0)
    throw usageError(`the backup ${point} has no graph ${JSON.stringify(graph.name)}`);
  const run = randomBytes(4).toString("hex");
  const wanted = read.map((each, index): Restoring =>
    Object.assign(each, {
      as: graph?.as ?? each.header.name,
      hidden: `${hiddenPrefix}${run}-${index}`,
      // One graph goes to database 0, as it does by the engine's own loader.
      into: graph === undefined ? each.database : 0,
    }),
  );
  // With one graph of a backup, nothing comes that is not of that graph.
  const others = graph === undefined ? visitor.others : new OtherContent();
  const writer = new LogicalWriter({ target, graphs: wanted, others, progress, signal });
  await writer.refuseTarget();
  try {
    await timer.during(
      "load",
      () => understood(point, () => writer.load(snapshot)),
      () => manifest.rawBytes,
    );
    await timer.during("index", () => writer.index());
    await timer.during("prove", () => writer.prove());
    await timer.during("keys", () => writer.writeOthers(snapshot, version));
    await timer.during("name", () => writer.name());
  } catch (error) {
    await writer.remove().catch((reason: unknown) => {
      progress.note(
        `what was written is left on ${address(target.endpoint)}: ${errorMessage(reason)}; delete the graphs whose names begin with ${hiddenPrefix}${run}`,
      );
    });
    throw error;
  }
  const graphs = wanted.map(({ header: { name, nodes, edges }, as }) => ({ name, as, nodes, edges }));
  return { graphs, keys: others.keys.length, libraries: others.libraries.length, phases: timer.all() };
}

function refuseVersion({ id, source: { encver } }: Manifest): void {
  if (encver === null || encver === encverRead) return;
  throw usageError(
    `the graphs of ${id} are encoded in version ${encver}, and this program reads ${encverRead}`,
    "Restore it without --logical, into a FalkorDB of its own version.",
  );
}

async function understood<T>(point: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new DrillError(`the snapshot of ${point} was not understood: ${error.message}`, {
      exit: "inconclusive",
      hint: "Restore it without --logical, by the engine's own loader.",
      cause: error,
    });
  }
}
