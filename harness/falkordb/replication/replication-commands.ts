// The commands of a replication stream: RESP arrays of bulk strings, split anywhere by the network. Offsets are those
// of the stream, so the end of a command is the offset at which a replica has applied it. One argument may hold a whole
// graph, so only the beginning of each command is kept, and no byte is parsed twice.
import { DrillError } from "../../base/errors.ts";

export interface StreamCommand {
  readonly offsetStart: number;
  /** Stream offset one past the command's last byte. */
  readonly offsetEnd: number;
  /** Command name in upper case. */
  readonly name: string;
  /** Arguments without the name, truncated to the bytes kept per command; empty where a watch took the bytes. */
  readonly args: readonly Buffer[];
  /** Full lengths of the arguments in bytes. */
  readonly argBytes: readonly number[];
  /** Whether the stream may be ended here: false from MULTI until before EXEC. */
  readonly isBoundary: boolean;
}

/** Callbacks in stream order: a chunk may hold the end of one command and the beginning of another. */
export interface CommandWatch {
  /**
   * Called before each argument with the words before it, its size and the offset of the command. The function that it
   * returns receives the bytes of that argument as they come; none of them are kept then.
   */
  argument(words: readonly Buffer[], bytes: number, offset: number): ((bytes: Buffer) => void) | undefined;
  /** Called when the command is complete. */
  command(command: StreamCommand): void;
}

/** Longest argument in bytes: a server refuses more (`proto-max-bulk-len` is half of it by default). */
const argumentBytesMax = 2 ** 30;
const argumentsMax = 2 ** 20;
const lengthDigitsMax = 12;
const newline = 0x0a;
const carriageReturn = 0x0d;

/** A command that has arrived in part. */
interface Unfinished {
  /** Number of words still to come. */
  left: number;
  readonly words: Buffer[];
  readonly sizes: number[];
}

export class CommandParser {
  readonly #keptBytesMax: number;
  readonly #watch: CommandWatch | undefined;
  /** Stream offset of the next byte. */
  #at: number;
  #offset: number;
  #boundary: number;
  #isInTransaction = false;
  /** The beginning of a line of a type character and a number, while its end has not arrived. */
  #line = "";
  #command: Unfinished | undefined;
  /** Bytes of the current word that are still to come, its line end included; undefined between two words. */
  #bodyLeft: number | undefined;
  #kept: Buffer[] = [];
  /** Receives the bytes of the current word instead of keeping them. */
  #sink: ((bytes: Buffer) => void) | undefined;
  /** Bytes of the current command that may still be kept. */
  #keepLeft = 0;

  /** `offset` is that of the first byte pushed; `keptBytesMax` is the number of bytes kept of one command. */
  constructor(offset: number, keptBytesMax: number = Number.POSITIVE_INFINITY, watch?: CommandWatch) {
    this.#at = offset;
    this.#offset = offset;
    this.#boundary = offset;
    this.#keptBytesMax = keptBytesMax;
    this.#watch = watch;
  }

  /** Stream offset of the end of the last complete command. */
  get offset(): number {
    return this.#offset;
  }

  /** The last offset at which the stream may be ended: outside of any command or transaction. */
  get boundary(): number {
    return this.#boundary;
  }

  /** Bytes held of a command that is not complete yet. */
  get pendingBytes(): number {
    return this.#at - this.#offset;
  }

  /** Returns the commands that are complete now. Throws on bytes that are not a command, and is unusable afterwards. */
  push(chunk: Buffer): StreamCommand[] {
    const commands: StreamCommand[] = [];
    let at = 0;
    while (at < chunk.length) {
      const from = at;
      at = this.#bodyLeft === undefined ? this.#readLine(chunk, at) : this.#readBody(chunk, at, this.#bodyLeft);
      this.#at += at - from;
      if (this.#command?.left === 0) commands.push(this.#finish(this.#command));
    }
    return commands;
  }

  #readLine(chunk: Buffer, from: number): number {
    const end = chunk.indexOf(newline, from);
    const next = end < 0 ? chunk.length : end + 1;
    const start = this.#at - this.#line.length;
    this.#line += chunk.toString("latin1", from, Math.min(next, from + lengthDigitsMax + 3));
    const mark = this.#command === undefined ? "*" : "$";
    if (end < 0 && this.#line.length <= lengthDigitsMax + 2 && this.#line.startsWith(mark)) return next;
    const digits = /^[*$](\d+)\r\n$/.exec(this.#line)?.[1];
    const max = mark === "*" ? argumentsMax : argumentBytesMax;
    if (digits === undefined || !this.#line.startsWith(mark) || Number(digits) > max)
      throw noCommand(start, this.#line);
    this.#line = "";
    if (this.#command === undefined) this.#beginCommand(Number(digits));
    else this.#beginWord(this.#command, Number(digits));
    return next;
  }

  #beginCommand(words: number): void {
    this.#command = { left: words, words: [], sizes: [] };
    this.#keepLeft = this.#keptBytesMax;
  }

  #beginWord(command: Unfinished, size: number): void {
    command.sizes.push(size);
    this.#sink = command.words.length === 0 ? undefined : this.#watch?.argument(command.words, size, this.#offset);
    this.#bodyLeft = size + 2;
    this.#kept = [];
  }

  #readBody(chunk: Buffer, from: number, left: number): number {
    const take = Math.min(left, chunk.length - from);
    const content = Math.min(take, left - 2);
    const keep = Math.min(content, this.#keepLeft);
    if (this.#sink !== undefined) {
      if (content > 0) this.#sink(chunk.subarray(from, from + content));
    } else if (keep > 0) {
      // A copy, because readers of a connection reuse one buffer.
      this.#kept.push(Buffer.from(chunk.subarray(from, from + keep)));
      this.#keepLeft -= keep;
    }
    const lineEnd = from + Math.max(0, left - 2);
    if (left >= 2 && take > content && chunk[lineEnd] !== carriageReturn)
      throw noCommand(this.#at + lineEnd - from, chunk.toString("latin1", lineEnd, lineEnd + 16));
    this.#bodyLeft = left - take;
    if (this.#bodyLeft === 0 && this.#command !== undefined) {
      this.#bodyLeft = undefined;
      this.#command.words.push(this.#kept.length === 1 && this.#kept[0] ? this.#kept[0] : Buffer.concat(this.#kept));
      this.#command.left--;
    }
    return from + take;
  }

  #finish({ words: [first, ...args], sizes }: Unfinished): StreamCommand {
    const name = (first ?? Buffer.alloc(0)).toString("latin1").toUpperCase();
    if (name === "MULTI") this.#isInTransaction = true;
    if (name === "EXEC" || name === "DISCARD") this.#isInTransaction = false;
    const command: StreamCommand = {
      offsetStart: this.#offset,
      offsetEnd: this.#at,
      name,
      args,
      argBytes: sizes.slice(1),
      isBoundary: !this.#isInTransaction,
    };
    this.#command = undefined;
    this.#offset = this.#at;
    if (command.isBoundary) this.#boundary = this.#at;
    this.#watch?.command(command);
    return command;
  }
}

function noCommand(offset: number, found: string): DrillError {
  return new DrillError(
    `the replication stream holds no command at offset ${offset}: found ${JSON.stringify(found.slice(0, 16))}`,
    { exit: "dataWrong" },
  );
}
