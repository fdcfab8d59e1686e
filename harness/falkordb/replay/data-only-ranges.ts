// Finds the ranges of a replication stream in which a graph only changes by effects. There, nothing queries, creates or
// drops its indexes, so they may be suspended.
//
// Any other command that names a graph ends its range: an index statement, a constraint, a bulk load, a rename. A
// command that may reach a graph without naming it ends all ranges.
import { changesIn } from "../effects/changes-in.ts";
import { dropsIndex, indexNames } from "./index-names.ts";
import { CommandParser, type CommandWatch, type StreamCommand } from "../replication/replication-commands.ts";

export interface DataOnlyRange {
  readonly database: number;
  readonly graph: string;
  /** Start offset of the range; both ends are between commands and outside of transactions. */
  readonly from: number;
  readonly to: number;
  /** Minimum number of changed entities, estimated by changes-in.ts. */
  readonly changes: number;
}

export interface StreamPart {
  /** Stream offset of the first byte; `to` is the one to stop at. */
  readonly from: number;
  readonly to: number;
  /** Database that is selected at `from`. */
  readonly database: number;
}

/** Commands that change nothing by themselves. */
const neutralCommands: ReadonlySet<string> = new Set(["SELECT", "PING", "REPLCONF", "MULTI", "EXEC", "DISCARD"]);
const reachesAll: ReadonlySet<string> = new Set(["FLUSHALL", "FLUSHDB", "SWAPDB"]);
/** Minimum changes of one graph in a range; fewer are not worth the statements. */
const manyChanges = 1000;
/** Bytes kept of one command; graph names are at its beginning. */
const keptBytesMax = 64 * 1024;
const ignore = (): void => {};
const watch: CommandWatch = {
  argument: (words) => (words.length === 2 && words[0]?.toString("latin1") === "GRAPH.EFFECT" ? ignore : undefined),
  command: ignore,
};

/** The ranges in order of their start; those with fewer changes than `changesMin` are left out. */
export async function dataOnlyRanges(
  stream: AsyncIterable<Buffer>,
  { from, to, database }: StreamPart,
  changesMin: number = manyChanges,
): Promise<DataOnlyRange[]> {
  const parser = new CommandParser(from, keptBytesMax, watch);
  const finder = new RangeFinder(from, database, changesMin);
  let at = from;
  for await (const chunk of stream) {
    for (const command of parser.push(chunk.subarray(0, to - at))) finder.follow(command);
    at += Math.min(chunk.length, to - at);
    if (at === to) break;
  }
  return finder.finish();
}

interface Open {
  readonly database: number;
  readonly graph: string;
  readonly from: number;
  changes: number;
}

class RangeFinder {
  readonly #changesMin: number;
  readonly #found: DataOnlyRange[] = [];
  readonly #open = new Map<string, Open>();
  /** Graphs with an index that cannot be rebuilt from what an engine reports about it. */
  readonly #barred = new Set<string>();
  #database: number;
  #boundary: number;
  /** Whether to ignore the current transaction to its end, because another command was in it. */
  #isDisturbed = false;

  constructor(from: number, database: number, changesMin: number) {
    this.#boundary = from;
    this.#database = database;
    this.#changesMin = changesMin;
  }

  follow(command: StreamCommand): void {
    const { name, args, isBoundary, offsetEnd } = command;
    if (name === "GRAPH.EFFECT") this.#change(args[0]?.toString("utf8") ?? "", changesIn(command));
    else if (name === "SELECT") this.#database = Number(args[0]?.toString("latin1"));
    else if (!neutralCommands.has(name)) this.#disturb(command);
    if (!isBoundary) return;
    this.#boundary = offsetEnd;
    this.#isDisturbed = false;
  }

  finish(): DataOnlyRange[] {
    for (const key of this.#open.keys()) this.#end(key);
    return this.#found.toSorted((a, b) => a.from - b.from);
  }

  #change(graph: string, changes: number): void {
    const key = keyOf(this.#database, graph);
    if (this.#isDisturbed || this.#barred.has(key)) return;
    const open = this.#open.get(key) ?? { database: this.#database, graph, from: this.#boundary, changes: 0 };
    open.changes += changes;
    this.#open.set(key, open);
  }

  #disturb({ name, args, argBytes }: StreamCommand): void {
    this.#isDisturbed = true;
    const isWhole = args.every((arg, at) => arg.length === argBytes[at]);
    const named = new Set(args.map((arg) => arg.toString("utf8")));
    const isAll = reachesAll.has(name) || !isWhole || args.length === 0;
    for (const [key, { graph }] of this.#open) if (isAll || named.has(graph)) this.#end(key);
    if (name === "GRAPH.QUERY" && !isRepeatable(args[1]?.toString("utf8") ?? ""))
      this.#barred.add(keyOf(this.#database, args[0]?.toString("utf8") ?? ""));
  }

  #end(key: string): void {
    const open = this.#open.get(key);
    this.#open.delete(key);
    if (open === undefined || open.changes < this.#changesMin || open.from === this.#boundary) return;
    this.#found.push({ ...open, to: this.#boundary });
  }
}

/** An index without stopwords cannot be told from one with the engine's default stopwords afterwards. */
function isRepeatable(statement: string): boolean {
  return (
    dropsIndex(statement) || (indexNames(statement) !== undefined && !/\bstopwords\s*:\s*\[\s*\]/i.test(statement))
  );
}

function keyOf(database: number, graph: string): string {
  return `${database}/${graph}`;
}
