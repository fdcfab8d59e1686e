// Applies a replication stream to a server that stands where the stream begins. The server is a replica of this process
// meanwhile: it runs each command as a replica of the source does, in order and with nothing that a client could ask for
// (GRAPH.RESTORE answers no client, and no client is spared the time limits), and commands without an answer are several
// times faster than the queries that made them.
//
// A replica does not answer its master, so an error of a command would pass unseen; but it counts them, and any that is
// not known to be harmless ends the replay.
import { Readable } from "node:stream";
import { DrillError } from "../base/errors.ts";
import { waitFor } from "../base/wait.ts";
import { type CalmStretch, calmStretches, type StreamPart } from "./calm-stretches.ts";
import type { Connection } from "./connection.ts";
import { ChangeFolder, foldAlways } from "./fold-changes.ts";
import { CommandParser, type StreamCommand } from "./replication-commands.ts";
import type { ReplicationServer } from "./replication-server.ts";
import { RestingIndexes } from "./resting-indexes.ts";
import { StreamPieces } from "./stream-pieces.ts";

export interface Replay extends StreamPart {
  /** The bytes of the stream from `from` on; it may go on after `to`. Read twice: to find where indexes may rest, and to send. */
  readonly stream: () => AsyncIterable<Buffer>;
  /** How long the target may be silent. */
  readonly silenceMs: number;
  /** Indexes stay as they are, which takes longer. */
  readonly keepIndexes?: boolean;
  /** Changes of one graph in a row for which its indexes may rest. */
  readonly restAfterChanges?: number;
  /** Hears the offset that was sent. */
  readonly advance?: (offset: number) => void;
}

export interface Replayed {
  /** The database that the stream had selected at its end. */
  readonly database: number;
  readonly commands: number;
  /** How often the indexes of a graph rested. */
  readonly rests: number;
}

/** Of one command; no text of a query that matters here is longer. */
const keptBytesMax = 64 * 1024;
const constraintTimeoutMs = 3_600_000;
/** Enough to know a MULTI and an EXEC. */
const nameBytesMax = 16;
const manyChanges = 1000;

/** `server` is the one that the target of `connection` is attached to (attach-replica.ts). */
export async function replay(connection: Connection, server: ReplicationServer, options: Replay): Promise<Replayed> {
  const { from, to, advance, silenceMs, keepIndexes = false, restAfterChanges = manyChanges } = options;
  const parser = new CommandParser(from, keptBytesMax);
  const constraints = new ConstraintWatch();
  let { database } = options;
  let commands = 0;
  let rests = 0;
  const observe = (command: StreamCommand): void => {
    refuseUnrepeatable(command);
    constraints.observe(command, database);
    if (command.name === "SELECT") database = Number(command.args[0]?.toString("latin1"));
    commands += 1;
  };
  const folder = new ChangeFolder();
  const checked = async function* (bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of bytes) {
      const start = parser.offset + parser.pendingBytes;
      let sent = 0;
      // What is refused is not sent to its end, and so it is not carried out.
      for (const command of parser.push(chunk)) {
        observe(command);
        const fold = folder.after(command, database);
        if (fold === undefined) continue;
        const end = command.offsetEnd - start;
        yield Buffer.concat([chunk.subarray(sent, end), encode(...fold)]);
        sent = end;
      }
      if (sent < chunk.length) yield chunk.subarray(sent);
      advance?.(start + chunk.length);
    }
  };
  const send = (words: readonly (readonly string[])[]): Promise<void> =>
    server.stream(Readable.from(words.map((command) => encode(...command))), silenceMs);
  const indexes = new RestingIndexes(connection, (into, graph, statements) =>
    send([
      ["SELECT", String(into)],
      ...statements.map((statement) => ["GRAPH.QUERY", graph, statement]),
      ["SELECT", String(database)],
    ]),
  );
  await using _settings = await settingsOfReplay(connection);
  const before = await errorsOf(connection);
  const calm = keepIndexes ? [] : await calmStretches(options.stream(), options, restAfterChanges);
  await using pieces = new StreamPieces(options.stream(), from);
  await send([["SELECT", String(database)]]);
  for (const { at, stretch, isBegin } of turnsOf(calm)) {
    await server.stream(checked(pieces.upTo(at)), silenceMs);
    if (!isBegin) await indexes.wake(stretch);
    else if (await indexes.rest(stretch)) rests += 1;
  }
  const lastPiece = async function* (): AsyncGenerator<Buffer> {
    yield* checked(pieces.upTo(to));
    if (parser.boundary !== to) throw endsElsewhere(parser.boundary, to);
  };
  await server.stream(lastPiece(), silenceMs);
  refuseErrors(before, await errorsOf(connection), constraints.repeated);
  await constraints.settle(connection);
  return { database, commands, rests };
}

interface Turn {
  readonly at: number;
  readonly stretch: CalmStretch;
  readonly isBegin: boolean;
}

/** Where indexes begin and end to rest, in the order of the stream; at one place, ends come first. */
function turnsOf(stretches: readonly CalmStretch[]): Turn[] {
  return stretches
    .flatMap((stretch) => [
      { at: stretch.to, stretch, isBegin: false },
      { at: stretch.from, stretch, isBegin: true },
    ])
    .toSorted((a, b) => a.at - b.at || Number(a.isBegin) - Number(b.isBegin));
}

/** The last offset, at most `to`, at which the stream may be ended. */
export async function lastBoundary(stream: AsyncIterable<Buffer>, from: number, to: number): Promise<number> {
  const parser = new CommandParser(from, nameBytesMax);
  let at = from;
  for await (const chunk of stream) {
    const bytes = chunk.subarray(0, to - at);
    parser.push(bytes);
    at += bytes.length;
    if (at === to) break;
  }
  return parser.boundary;
}

function endsElsewhere(boundary: number, to: number): DrillError {
  return new DrillError(`the stream cannot be ended at offset ${to}: its last whole command ends at ${boundary}`, {
    exit: "dataWrong",
    code: "replay-incomplete",
  });
}

/** A load from a file or an address would read whatever is there now. */
function refuseUnrepeatable({ name, args, offsetStart }: StreamCommand): void {
  if (name !== "GRAPH.QUERY" || !/\bLOAD\s+CSV\b/i.test(args[1]?.toString("utf8") ?? "")) return;
  throw new DrillError(
    `the stream holds a LOAD CSV as text at offset ${offsetStart}, and what its file held then is not known`,
    { exit: "dataWrong", code: "replay-unrepeatable", hint: `Restore to offset ${offsetStart}, which is before it.` },
  );
}

/**
 * The source sends a constraint twice: when it was asked for, and when it came into force. A replica that has finished
 * its own work on the first answers the second with an error that means nothing.
 */
class ConstraintWatch {
  /** Graph and database of each constraint that was asked for. */
  readonly #asked = new Map<string, { readonly graph: string; readonly database: number }>();
  repeated = 0;

  observe({ name, args }: StreamCommand, database: number): void {
    if (name !== "GRAPH.CONSTRAINT") return;
    const [action = "", graph = "", ...what] = args.map((arg) => arg.toString("utf8"));
    const key = [database, graph, ...what].join("\0");
    if (action.toUpperCase() === "DROP") this.#asked.delete(key);
    else if (this.#asked.has(key)) this.repeated += 1;
    else this.#asked.set(key, { graph, database });
  }

  /** A constraint is put into force in the background; until it is, a snapshot would not hold it. */
  async settle(connection: Connection): Promise<void> {
    const graphs = new Map(this.#asked.values().map((where) => [`${where.database}/${where.graph}`, where]));
    for (const { graph, database } of graphs.values()) {
      const isSettled = async (): Promise<true | undefined> => {
        const there = (await connection.command("EXISTS", graph)) === 1;
        if (!there) return true;
        const { rows } = await connection.roQuery(graph, "CALL db.constraints() YIELD status RETURN status");
        return rows.every(([status]) => status !== "UNDER CONSTRUCTION") ? true : undefined;
      };
      await connection.command("SELECT", database);
      await waitFor(isSettled, { what: `the constraints of graph "${graph}"`, timeoutMs: constraintTimeoutMs });
      await connection.command("SELECT", 0);
    }
  }
}

/** Errors that a replica had for its master, by their first word; "" holds all of them together. */
type Errors = ReadonlyMap<string, number>;

async function errorsOf(connection: Connection): Promise<Errors> {
  const { unexpected_error_replies: all } = await connection.info("stats");
  const kinds = Object.entries(await connection.info("errorstats"));
  const counts = kinds.map(
    ([name, text]) => [name.replace("errorstat_", ""), Number(text.replace("count=", ""))] as const,
  );
  return new Map([["", Number(all)], ...counts]);
}

function refuseErrors(before: Errors, after: Errors, repeatedConstraints: number): void {
  const grownBy = (kind: string): number => (after.get(kind) ?? 0) - (before.get(kind) ?? 0);
  const harmless = Math.min(repeatedConstraints, grownBy("Constraint"));
  const errors = grownBy("") - harmless;
  if (errors <= 0) return;
  const kinds = [...after.keys()].filter((kind) => kind !== "" && grownBy(kind) > 0);
  throw new DrillError(
    `the target answered ${errors} of the replayed commands with an error: ${kinds.map((kind) => `${grownBy(kind)}x ${kind}`).join(", ")}`,
    {
      exit: "dataWrong",
      code: "replay-error",
      hint: "What it holds is not the moment that was asked for. Its log names the commands (CRITICAL); restore to before them.",
    },
  );
}

/** Limits on queries that came with the server must not cut off what the source carried out. */
async function settingsOfReplay(connection: Connection): Promise<AsyncDisposable> {
  const set = async (name: string, value: number): Promise<void> => {
    await connection.command("GRAPH.CONFIG", "SET", name, value);
  };
  const changed: [name: string, value: number][] = [];
  for (const [name, wanted] of [
    ["TIMEOUT_MAX", 0],
    ["TIMEOUT_DEFAULT", 0],
    ["QUERY_MEM_CAPACITY", 0],
    ["RESULTSET_SIZE", -1],
    [foldAlways.name, foldAlways.value],
  ] as const) {
    const [, value] = (await connection.command("GRAPH.CONFIG", "GET", name)) as [string, number];
    if (value === wanted) continue;
    await set(name, wanted);
    changed.push([name, value]);
  }
  return {
    [Symbol.asyncDispose]: async () => {
      // In the same order: a default may not be above the maximum. The server may be gone, which is told elsewhere.
      for (const [name, value] of changed) await set(name, value).catch(() => {});
    },
  };
}

function encode(...words: readonly string[]): Buffer {
  return Buffer.from(
    `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`,
  );
}
