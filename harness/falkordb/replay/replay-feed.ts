// Passes the commands of a stream to a target: each is inspected before its last byte is sent. Commands that cannot be
// repeated are refused, and reads that make the engine flush its pending changes are inserted.
import { DrillError } from "../../base/errors.ts";
import type { StreamPart } from "./data-only-ranges.ts";
import { encodeCommand } from "../client/encode-command.ts";
import { inOneTransaction } from "./index-definitions.ts";
import { PendingChangesFlusher } from "./flush-pending-changes.ts";
import { CommandParser, type StreamCommand } from "../replication/replication-commands.ts";

export interface ConstrainedGraph {
  readonly database: number;
  readonly graph: string;
}

/** Bytes kept of one command; no query text that matters here is longer. */
const keptBytesMax = 64 * 1024;

export class ReplayFeed {
  /** Database that the stream has selected. */
  database: number;
  commands = 0;
  /**
   * The source sends a constraint twice: when it is requested, and when it becomes active. A replica that has already
   * completed the first answers the second with a harmless error.
   */
  repeatedConstraints = 0;
  readonly #constraints = new Map<string, ConstrainedGraph>();
  readonly #parser: CommandParser;
  readonly #folder = new PendingChangesFlusher();
  readonly #to: number;
  readonly #advance: ((offset: number) => void) | undefined;
  /** Whether the target still has to select the stream's database. */
  #isNew = true;

  constructor({ from, to, database, advance }: StreamPart & { readonly advance?: (offset: number) => void }) {
    this.database = database;
    this.#parser = new CommandParser(from, keptBytesMax);
    this.#to = to;
    this.#advance = advance;
  }

  /** Graphs with constraints that the stream created and did not drop. */
  get constrained(): readonly ConstrainedGraph[] {
    return [
      ...new Map(this.#constraints.values().map((where) => [`${where.database}/${where.graph}`, where])).values(),
    ];
  }

  /** Takes the next bytes of the stream. */
  async *of(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    if (this.#isNew) yield encodeCommand(["SELECT", String(this.database)]);
    this.#isNew = false;
    for await (const chunk of bytes) {
      const start = this.#parser.offset + this.#parser.pendingBytes;
      let sent = 0;
      for (const command of this.#parser.push(chunk)) {
        this.#observe(command);
        const fold = this.#folder.after(command, this.database);
        if (fold === undefined) continue;
        const end = command.offsetEnd - start;
        yield chunk.subarray(sent, end);
        yield encodeCommand(fold);
        sent = end;
      }
      if (sent < chunk.length) yield chunk.subarray(sent);
      this.#advance?.(start + chunk.length);
    }
  }

  /** The same for the last of them. */
  async *toTheEnd(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    yield* this.of(bytes);
    const { boundary } = this.#parser;
    if (boundary === this.#to) return;
    throw new DrillError(
      `the stream cannot be ended at offset ${this.#to}: its last whole command ends at ${boundary}`,
      { exit: "dataWrong", code: "replay-incomplete" },
    );
  }

  /** Encodes index statements that are not in the stream, to be sent between two of its commands. */
  between(database: number, graph: string, statements: readonly string[]): readonly Buffer[] {
    return [
      encodeCommand(["SELECT", String(database)]),
      ...inOneTransaction(graph, statements).map(encodeCommand),
      encodeCommand(["SELECT", String(this.database)]),
    ];
  }

  #observe(command: StreamCommand): void {
    refuseUnrepeatable(command);
    const { name, args } = command;
    if (name === "SELECT") this.database = Number(args[0]?.toString("latin1"));
    if (name === "GRAPH.CONSTRAINT") this.#constraint(args.map((arg) => arg.toString("utf8")));
    this.commands += 1;
  }

  #constraint([action = "", graph = "", ...what]: string[]): void {
    const { database } = this;
    const key = [database, graph, ...what].join("\0");
    if (action.toUpperCase() === "DROP") this.#constraints.delete(key);
    else if (this.#constraints.has(key)) this.repeatedConstraints += 1;
    else this.#constraints.set(key, { graph, database });
  }
}

/** A load from a file or a URL would read its current content, not that of the time. */
function refuseUnrepeatable({ name, args, offsetStart }: StreamCommand): void {
  if (name !== "GRAPH.QUERY" || !/\bLOAD\s+CSV\b/i.test(args[1]?.toString("utf8") ?? "")) return;
  throw new DrillError(
    `the stream holds a LOAD CSV as text at offset ${offsetStart}, and what its file held then is not known`,
    { exit: "dataWrong", code: "replay-unrepeatable", hint: `Restore to offset ${offsetStart}, which is before it.` },
  );
}
