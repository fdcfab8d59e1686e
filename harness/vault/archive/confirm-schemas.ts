// Asks the source for what the stream cannot show: whether the received names are those that the source has under the
// same numbers, and whether it has graphs that were not replicated. Names are only added as long as a graph lives, so
// those of the stream must be a prefix of the source's own list, however far ahead the source is.
import { errorMessage } from "../../base/errors.ts";
import { waitFor } from "../../base/wait.ts";
import type { Command, Connection } from "../../falkordb/client/connection.ts";
import { streamOffset } from "../../falkordb/client/stream-offset.ts";
import type { ArchiveSource } from "./archive-source.ts";
import type { ChainWriter } from "../chain/chain-writer.ts";
import { FailedWrites } from "./failed-writes.ts";
import type { GraphNames, ReplicaGraph } from "../chain/schemas/replica-graphs.ts";
import { nameKinds } from "../chain/schemas/replica-schemas.ts";

/** Graphs compared in one round; each costs the source three short reads. */
const graphsPerAsk = 200;
/** Rounds between two reads of the list of all graphs, which may be long. */
const beatsPerGraphList = 10;
/** How long to wait until the stream reaches the offset at which the source answered. */
const catchUpTimeoutMs = 5000;
/** How long a new graph may exist before its first change is replicated. */
const graceMs = 2000;

const questions = {
  labels: "CALL db.labels() YIELD label RETURN label",
  types: "CALL db.relationshipTypes() YIELD relationshipType RETURN relationshipType",
  propertyKeys: "CALL db.propertyKeys() YIELD propertyKey RETURN propertyKey",
} as const;

/** What an archiver asks its source, and when. */
export class SchemaCheck {
  readonly #source: ArchiveSource;
  readonly #note: (line: string) => void;
  readonly #failedWrites = new FailedWrites();
  #beats = 0;

  constructor(source: ArchiveSource, note: (line: string) => void) {
    this.#source = source;
    this.#note = note;
  }

  async beat(connection: Connection, chain: ChainWriter, signal: AbortSignal): Promise<void> {
    await this.#failedWrites.look(connection, chain);
    await confirmNames(connection, chain, signal);
    if (this.#beats++ % beatsPerGraphList === 0) await confirmGraphs(connection, chain, signal);
  }

  /** Runs a last check before an end that a caller waits for. Without an answer, the segment is sealed all the same. */
  async all(chain: ChainWriter, signal: AbortSignal): Promise<void> {
    try {
      const connection = await this.#source.connection();
      await this.#failedWrites.look(connection, chain);
      await confirmNames(connection, chain, signal);
      await confirmGraphs(connection, chain, signal);
    } catch (error) {
      this.#note(`the source could not be asked for the names in its graphs: ${errorMessage(error)}`);
    }
  }
}

/** Checks the received names against the source. A difference is a hazard of the chain. */
export async function confirmNames(connection: Connection, chain: ChainWriter, signal: AbortSignal): Promise<void> {
  const asked = chain.schemas?.known?.unconfirmed() ?? [];
  for (let at = 0; at < asked.length; at += graphsPerAsk)
    await confirmSome(connection, chain, asked.slice(at, at + graphsPerAsk), signal);
  chain.noteSchemas();
}

/**
 * Checks for graphs that were not replicated. A query creates the graph that it only reads, and that is not replicated.
 */
export async function confirmGraphs(connection: Connection, chain: ChainWriter, signal: AbortSignal): Promise<void> {
  const { schemas } = chain;
  const known = schemas?.known;
  if (schemas === undefined || known === undefined) return;
  const { offset } = chain.position;
  const ask = async (): Promise<string[]> => {
    const graphs = await connection.graphs();
    const told = known.graphNames();
    return graphs.filter((name) => !told.has(name));
  };
  const untold = await ask();
  if (untold.length === 0) {
    schemas.checked(offset);
    return;
  }
  const left = async (): Promise<string[]> => {
    const now = new Set(await ask());
    return untold.filter((name) => now.has(name));
  };
  const areTold = async (): Promise<true | undefined> => ((await left()).length === 0 ? true : undefined);
  const what = "the stream to replicate new graphs";
  const wait = waitFor(areTold, { what, timeoutMs: graceMs, signal, exit: "environment" });
  if (await wait.catch(() => false)) return;
  // An aborted wait says nothing about the graphs.
  signal.throwIfAborted();
  for (const name of await left()) known.untold(name, schemas.checkedAt);
  chain.noteSchemas();
}

async function confirmSome(
  connection: Connection,
  chain: ChainWriter,
  asked: readonly ReplicaGraph[],
  signal: AbortSignal,
): Promise<void> {
  const known = chain.schemas?.known;
  const answers = await askNames(connection, asked);
  const doubted = asked.filter((graph, place) => {
    const answer = answers[place];
    // The graph is gone by now, which the stream will show.
    if (answer === undefined || graph.names === undefined) return false;
    const isSame = beginsWith(answer, graph.names);
    if (isSame) known?.confirm(graph);
    return !isSame;
  });
  if (doubted.length === 0) return;
  // It may have been deleted and created again; the stream then shows that, and the doubt does not apply to the new
  // one.
  if (await caughtUp(connection, chain, signal)) for (const graph of doubted) known?.refute(graph);
}

async function askNames(connection: Connection, graphs: readonly ReplicaGraph[]): Promise<(GraphNames | undefined)[]> {
  const commands = graphs.flatMap(({ database, name }): Command[] => [
    ["SELECT", database],
    ...nameKinds.map((kind): Command => ["GRAPH.RO_QUERY", name, questions[kind]]),
  ]);
  const replies = await connection.pipeline([...commands, ["SELECT", 0]]);
  return graphs.map((_, place) => {
    const at = place * (nameKinds.length + 1) + 1;
    const [labels, types, propertyKeys] = nameKinds.map((__, index) => column(replies[at + index]));
    if (labels === undefined || types === undefined || propertyKeys === undefined) return undefined;
    return { labels, types, propertyKeys };
  });
}

/** The only column of a reply; undefined for an error reply. */
function column(reply: unknown): string[] | undefined {
  if (!Array.isArray(reply)) return undefined;
  return (reply[1] as unknown[][]).map(([value]) => String(value));
}

function beginsWith(whole: GraphNames, beginning: GraphNames): boolean {
  return nameKinds.every((kind) => beginning[kind].every((name, place) => whole[kind][place] === name));
}

/** False where the stream lags; the source is then asked again with the next increment. */
async function caughtUp(connection: Connection, chain: ChainWriter, signal: AbortSignal): Promise<boolean> {
  const offset = await streamOffset(connection);
  const isThere = (): true | undefined => (chain.position.offset >= offset ? true : undefined);
  const what = `the stream up to offset ${offset}`;
  const wait = waitFor(isThere, { what, timeoutMs: catchUpTimeoutMs, signal, exit: "environment" });
  return await wait.catch(() => false);
}
