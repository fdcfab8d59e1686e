// The commands of a replication stream: RESP arrays of bulk strings, cut anywhere by the network. Offsets are those of
// the stream, so the end of a command is the offset at which a replica has applied it. Arguments are views into what was
// pushed: whoever keeps one longer than the chunk copies it.
import { DrillError } from "../base/errors.ts";

export interface StreamCommand {
  readonly offsetStart: number;
  /** One past its last byte. */
  readonly offsetEnd: number;
  /** Upper case. */
  readonly name: string;
  /** Without the name. */
  readonly args: readonly Buffer[];
}

/** A server refuses more (`proto-max-bulk-len` is half of it by default), so more is not a command. */
const argumentBytesMax = 2 ** 30;
const argumentsMax = 2 ** 20;
const lengthDigitsMax = 12;
const star = 0x2a;
const dollar = 0x24;
const carriageReturn = 0x0d;

export class CommandParser {
  #rest: Buffer = Buffer.alloc(0);
  /** What arrived since the rest could not be read; joined only when there may be enough of it. */
  #later: Buffer[] = [];
  #laterBytes = 0;
  /** Bytes, from the start of the rest, without which it cannot be read. */
  #needed = 0;
  #offset: number;

  /** `offset` is that of the first byte that will be pushed. */
  constructor(offset: number) {
    this.#offset = offset;
  }

  /** The end of the last whole command. */
  get offset(): number {
    return this.#offset;
  }

  /** Of a command that is not whole yet. */
  get pendingBytes(): number {
    return this.#rest.length + this.#laterBytes;
  }

  /** The commands that are whole now. Throws where the bytes are no command; the parser is of no use after that. */
  push(chunk: Buffer): StreamCommand[] {
    this.#later.push(chunk);
    this.#laterBytes += chunk.length;
    if (this.pendingBytes < this.#needed) return [];
    const bytes =
      this.#rest.length === 0 && this.#later.length === 1 ? chunk : Buffer.concat([this.#rest, ...this.#later]);
    this.#later = [];
    this.#laterBytes = 0;
    const commands: StreamCommand[] = [];
    const cursor = new Cursor(bytes, this.#offset);
    let start = 0;
    for (let words = cursor.command(); words !== undefined; words = cursor.command()) {
      const [name, ...args] = words;
      const offsetEnd = this.#offset + cursor.at - start;
      if (name !== undefined)
        commands.push({ offsetStart: this.#offset, offsetEnd, name: name.toString("latin1").toUpperCase(), args });
      this.#offset = offsetEnd;
      start = cursor.at;
    }
    this.#rest = bytes.subarray(start);
    this.#needed = cursor.needed - start;
    return commands;
  }
}

class Cursor {
  readonly #bytes: Buffer;
  readonly #offset: number;
  /** After the last whole command. */
  at = 0;
  /** How many bytes there would have to be to read on; valid after `command` gave undefined. */
  needed = 0;

  constructor(bytes: Buffer, offset: number) {
    this.#bytes = bytes;
    this.#offset = offset;
  }

  command(): Buffer[] | undefined {
    const head = this.#length(this.at, star, argumentsMax);
    if (head === undefined) return undefined;
    const words: Buffer[] = [];
    let at = head.next;
    for (let left = head.value; left > 0; left--) {
      const size = this.#length(at, dollar, argumentBytesMax);
      if (size === undefined) return undefined;
      const end = size.next + size.value;
      if (this.#bytes.length < end + 2) {
        this.needed = end + 2;
        return undefined;
      }
      if (this.#bytes[end] !== carriageReturn) throw this.#noCommand(end);
      words.push(this.#bytes.subarray(size.next, end));
      at = end + 2;
    }
    this.at = at;
    return words;
  }

  /** A line of a mark and a number. */
  #length(from: number, mark: number, max: number): { readonly value: number; readonly next: number } | undefined {
    const bytes = this.#bytes;
    if (from < bytes.length && bytes[from] !== mark) throw this.#noCommand(from);
    let value = 0;
    for (let at = from + 1; at < bytes.length && at <= from + lengthDigitsMax; at++) {
      const digit = (bytes[at] ?? 0) - 0x30;
      if (digit >= 0 && digit <= 9) {
        value = value * 10 + digit;
        if (value > max) throw this.#noCommand(from);
      } else if (bytes[at] !== carriageReturn || at === from + 1) {
        throw this.#noCommand(at);
      } else if (at + 1 < bytes.length) {
        return { value, next: at + 2 };
      }
    }
    this.needed = bytes.length + 1;
    return undefined;
  }

  #noCommand(at: number): DrillError {
    const found = JSON.stringify(this.#bytes.toString("latin1", at, at + 16));
    return new DrillError(`the replication stream holds no command at offset ${this.#offset + at}: found ${found}`, {
      exit: "dataWrong",
    });
  }
}
