// Applies a replication stream to a server whose state is that of the stream's start. Meanwhile the server is a replica
// of this process: it runs each command as a replica of the source does, in order, which no client could ask for
// (clients may not call GRAPH.RESTORE and are subject to time limits), and commands without a reply are several times
// faster than the queries that produced them.
//
// A replica does not answer its master, so a failed command would go unnoticed; but it counts errors, and any that is
// not known to be harmless ends the replay.
import { Readable } from "node:stream";
import { DrillError } from "../../base/errors.ts";
import { waitFor } from "../../base/wait.ts";
import type { DataOnlyRange, StreamPart } from "./data-only-ranges.ts";
import type { Connection } from "../client/connection.ts";
import { flushAlways } from "./flush-pending-changes.ts";
import { type ConstrainedGraph, ReplayFeed } from "./replay-feed.ts";
import { CommandParser } from "../replication/replication-commands.ts";
import type { ReplicationServer } from "../replication/replication-server.ts";
import { liftLimits } from "../client/result-limits.ts";
import { SuspendedIndexes, type ApplyStatements } from "./suspended-indexes.ts";
import { StreamPieces } from "./stream-pieces.ts";

export interface Replay extends StreamPart {
  /** The bytes of the stream from `from` on; they may continue after `to`. */
  readonly stream: AsyncIterable<Buffer>;
  /** Ranges of this part of the stream in which indexes may be suspended. Without any, the replay takes longer. */
  readonly dataOnly: readonly DataOnlyRange[];
  /** Milliseconds for which the target may be silent. */
  readonly silenceMs: number;
  readonly signal: AbortSignal;
  /** Called with the offset sent so far. */
  readonly advance?: (offset: number) => void;
}

export interface Replayed {
  /** Database that the stream had selected at its end. */
  readonly database: number;
  readonly commands: number;
  /** Number of times that the indexes of a graph were suspended. */
  readonly suspensions: number;
}

const constraintTimeoutMs = 3_600_000;
/** Bytes kept of one command: enough to recognise MULTI and EXEC. */
const nameBytesMax = 16;

/** `server` is the one that the target of `connection` is attached to (attach-replica.ts). */
export async function replay(connection: Connection, server: ReplicationServer, options: Replay): Promise<Replayed> {
  const { from, to, silenceMs } = options;
  const feed = new ReplayFeed(options);
  const apply: ApplyStatements = (database, graph, statements) =>
    server.stream(Readable.from(feed.between(database, graph, statements)), silenceMs);
  const indexes = new SuspendedIndexes(connection, apply);
  await using _settings = await liftLimits(connection, [[flushAlways.name, flushAlways.value]]);
  const before = await errorsOf(connection);
  await using pieces = new StreamPieces(options.stream, from);
  let suspensions = 0;
  for (const { at, stretch, isBegin } of turnsOf(options.dataOnly)) {
    await server.stream(feed.of(pieces.upTo(at)), silenceMs);
    if (!isBegin) await indexes.rebuild(stretch);
    else if (await indexes.drop(stretch)) suspensions += 1;
  }
  await server.stream(feed.toTheEnd(pieces.upTo(to)), silenceMs);
  refuseErrors(before, await errorsOf(connection), feed.repeatedConstraints);
  await settleConstraints(connection, feed.constrained, options.signal);
  return { database: feed.database, commands: feed.commands, suspensions };
}

interface Turn {
  readonly at: number;
  readonly stretch: DataOnlyRange;
  readonly isBegin: boolean;
}

/** Offsets at which a suspension of indexes begins or ends, in stream order; at one offset, ends come first. */
function turnsOf(stretches: readonly DataOnlyRange[]): Turn[] {
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

/** Constraints become active in the background; until then, a snapshot would not contain them. */
async function settleConstraints(
  connection: Connection,
  graphs: readonly ConstrainedGraph[],
  signal: AbortSignal,
): Promise<void> {
  for (const { graph, database } of graphs) {
    const isSettled = async (): Promise<true | undefined> => {
      const there = (await connection.command("EXISTS", graph)) === 1;
      if (!there) return true;
      const { rows } = await connection.roQuery(graph, "CALL db.constraints() YIELD status RETURN status");
      return rows.every(([status]) => status !== "UNDER CONSTRUCTION") ? true : undefined;
    };
    await connection.command("SELECT", database);
    const what = `the constraints of graph "${graph}" to be in force`;
    await waitFor(isSettled, {
      what,
      timeoutMs: constraintTimeoutMs,
      intervalMaxMs: 500,
      exit: "notRecovered",
      signal,
    });
    await connection.command("SELECT", 0);
  }
}

/** Numbers of errors that a replica had with its master's commands, by their first word; "" is the total. */
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
