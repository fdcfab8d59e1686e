// Walks through an RDB as it streams and reads which graphs it holds, with their sizes and schema. So the manifest
// describes the cut exactly, without a single query to the source. Long values are skipped; a gigabyte takes a few
// thousand steps.
import { createHash } from "node:crypto";
import { isQueryLog } from "../client/query-log.ts";
import { AskPump } from "./ask-pump.ts";
import { frame, type FrameReader } from "./graph-frames.ts";
import { type GraphHeader, graphHeader } from "./rdb-graph-header.ts";
import { BorderWatch } from "./border-watch.ts";
import { type Ask, lengthOf, skipString, skipValue, textOf } from "./rdb-values.ts";

export interface RdbSummary {
  readonly graphs: readonly RdbGraph[];
  /** Names of the JavaScript function libraries. */
  readonly udfLibraries: readonly string[];
  /** Keys that are not part of a graph. */
  readonly otherKeys: number;
  /** The keys that stay (no expiry, no telemetry): their number, and an order-free digest of their names. */
  readonly lastingKeys: KeyNames;
}

export interface KeyNames {
  readonly count: number;
  readonly digest: string;
}

/** Reads the content of graphs as it passes. */
export interface GraphVisitor {
  /** Longest frame that is kept whole; others are kept in part (default: what FalkorDB's buffer holds). */
  readonly frameBytesMax?: number;
  /** Called for each key of a graph, of which a large one has many; returns the reader of that key, if it is wanted. */
  key(header: GraphHeader, database: number): FrameReader<void> | undefined;
  /** Called for each key that is neither part of a graph nor a log of its queries. */
  otherKey?(key: StoredKey): void;
  /** Called with the code of each function library of the server, and of each JavaScript library of the graph module. */
  library?(library: StoredLibrary): void;
}

export interface StoredKey {
  readonly database: number;
  readonly name: Buffer;
  /** Number of its kind of value. */
  readonly type: number;
  /** Where its value begins and ends in the RDB. */
  readonly from: number;
  readonly to: number;
  readonly expiresAtMs: number | undefined;
}

export interface StoredLibrary {
  readonly of: "server" | "graphs";
  /** That of the server has its name in its code. */
  readonly name: string;
  readonly code: string;
}

interface RdbGraph extends GraphHeader {
  readonly database: number;
  /** Whether the RDB holds what FalkorDB before 4.18.0 cannot load (border-blob.ts). */
  readonly hasBorderBlob: boolean;
}

const opcodes = {
  slotInfo: 0xf4,
  function: 0xf5,
  moduleAux: 0xf7,
  idle: 0xf8,
  frequency: 0xf9,
  aux: 0xfa,
  resize: 0xfb,
  expireMs: 0xfc,
  expire: 0xfd,
  selectDb: 0xfe,
  end: 0xff,
} as const;
const moduleType = 7;
const moduleOpcodes = { end: 0, signed: 1, unsigned: 2, float: 3, double: 4, string: 5 } as const;
/** Longest code of a function library that is kept. */
const codeBytesMax = 16 << 20;
/** Longest key name that is kept, in bytes; longer names are only counted. */
const keyBytesMax = 1 << 16;
const digestMask = (1n << 64n) - 1n;

export class RdbWalk {
  /** Graphs met so far: a graph may be spread over several keys, each of which repeats its header. */
  readonly #graphs = new Map<string, Omit<RdbGraph, "hasBorderBlob">>();
  readonly #withBorderBlob = new Set<string>();
  readonly #udfLibraries: string[] = [];
  #otherKeys = 0;
  #lastingKeys = 0;
  #lastingNames = 0n;
  /** When the next key expires. */
  #expiresAtMs: number | undefined;
  #version = 0;
  #database = 0;
  #databases = 0;
  readonly #pump: AskPump;
  readonly #visitor: GraphVisitor | undefined;

  /** `visitor` gets the content of the graphs, too. */
  constructor(visitor?: GraphVisitor) {
    this.#visitor = visitor;
    this.#pump = new AskPump(() => this.#walk());
    this.#pump.start();
  }

  /** Takes the next bytes, in order; they are not kept. */
  push(bytes: Buffer): void {
    this.#pump.push(bytes);
  }

  /** Why the RDB is not understood. */
  get failure(): Error | undefined {
    return this.#pump.failure;
  }

  /** Version of the RDB itself; 0 before its head was read. */
  get version(): number {
    return this.#version;
  }

  /** Number of databases that a server needs for what was read so far. */
  get databases(): number {
    return this.#databases;
  }

  /** Undefined unless the whole RDB was walked and understood. */
  summary(): RdbSummary | undefined {
    if (this.#pump.state !== "ended") return undefined;
    const graphs = [...this.#graphs]
      .map(([place, graph]) => Object.assign(graph, { hasBorderBlob: this.#withBorderBlob.has(place) }))
      .sort((a, b) => (a.name === b.name ? a.database - b.database : a.name < b.name ? -1 : 1));
    const lastingKeys = { count: this.#lastingKeys, digest: this.#lastingNames.toString(16) };
    return { graphs, udfLibraries: this.#udfLibraries, otherKeys: this.#otherKeys, lastingKeys };
  }

  *#walk(): Ask<void> {
    const magic = yield 9;
    if (magic.toString("latin1", 0, 5) !== "REDIS") throw new RangeError("not an RDB");
    this.#version = Number(magic.toString("latin1", 5));
    for (;;) {
      const opcode = (yield 1).readUInt8();
      if (opcode === opcodes.end) return;
      yield* this.#entry(opcode);
    }
  }

  *#entry(opcode: number): Ask<void> {
    switch (opcode) {
      case opcodes.aux:
        yield* skipString();
        yield* skipString();
        return;
      case opcodes.function: {
        const code = (yield* skipString(codeBytesMax)).toString();
        this.#visitor?.library?.({ of: "server", name: "", code });
        return;
      }
      case opcodes.selectDb:
        this.#database = Number(yield* lengthOf());
        this.#databases = Math.max(this.#databases, this.#database + 1);
        return;
      case opcodes.idle:
        yield* lengthOf();
        return;
      case opcodes.resize:
        yield* lengthOf();
        yield* lengthOf();
        return;
      case opcodes.slotInfo:
        for (let index = 0; index < 3; index++) yield* lengthOf();
        return;
      case opcodes.expireMs:
        this.#expiresAtMs = Number((yield 8).readBigUInt64LE());
        return;
      case opcodes.expire:
        this.#expiresAtMs = (yield 4).readUInt32LE() * 1000;
        return;
      case opcodes.frequency:
        yield -1;
        return;
      case opcodes.moduleAux:
        yield* this.#moduleAux();
        return;
      default:
        yield* this.#key(opcode);
    }
  }

  *#key(opcode: number): Ask<void> {
    const key = yield* skipString(keyBytesMax);
    const expiresAtMs = this.#expiresAtMs;
    this.#expiresAtMs = undefined;
    const from = this.#pump.position;
    if (opcode === moduleType && (yield* this.#moduleValue())) return;
    if (opcode !== moduleType) yield* skipValue(opcode);
    this.#otherKeys++;
    if (isQueryLog(key.toString("latin1"))) return;
    const to = this.#pump.position;
    this.#visitor?.otherKey?.({ database: this.#database, name: key, type: opcode, from, to, expiresAtMs });
    if (expiresAtMs !== undefined) return;
    this.#lastingKeys++;
    this.#lastingNames = (this.#lastingNames + digestOfKey(this.#database, key)) & digestMask;
  }

  /** Reads the libraries that the graph module writes before the keys: their number, then name and script of each. */
  *#moduleAux(): Ask<void> {
    const name = moduleName(yield* lengthOf());
    yield* lengthOf();
    yield* lengthOf();
    const texts: string[] = [];
    for (;;) {
      const opcode = Number(yield* lengthOf());
      if (opcode === moduleOpcodes.end) break;
      if (opcode === moduleOpcodes.string) texts.push(textOf(yield* skipString(codeBytesMax)));
      else yield* skipModuleField(opcode);
    }
    if (name !== "graphdata") return;
    for (let index = 0; index < texts.length; index += 2) {
      const [library = "", code = ""] = texts.slice(index);
      this.#udfLibraries.push(library);
      this.#visitor?.library?.({ of: "graphs", name: library, code });
    }
  }

  /** Reads a module value and returns whether it is part of a graph. */
  *#moduleValue(): Ask<boolean> {
    const name = moduleName(yield* lengthOf());
    const isGraph = name === "graphdata" || name === "graphmeta";
    let place: string | undefined;
    let reader: FrameReader<void> | undefined;
    let isRead = true;
    const border = new BorderWatch();
    for (;;) {
      const opcode = Number(yield* lengthOf());
      if (opcode === moduleOpcodes.end) {
        if (!isRead) throw new RangeError("a key of a graph ends early");
        return isGraph;
      }
      if (opcode !== moduleOpcodes.string) yield* skipModuleField(opcode);
      else if (isGraph && place === undefined) {
        const first = yield* frame(this.#pump);
        const { header, end } = graphHeader(first.bytes);
        place = `${this.#database}/${header.name}`;
        if (name === "graphdata") this.#graphs.set(place, { ...header, database: this.#database });
        reader = this.#visitor?.key(header, this.#database);
        reader?.next();
        isRead = reader === undefined || reader.next({ ...first, from: end }).done === true;
      } else if (reader !== undefined) {
        if (isRead) throw new RangeError("a key of a graph holds more than it says");
        isRead = reader.next(yield* frame(this.#pump, this.#visitor?.frameBytesMax)).done === true;
      } else {
        const isBorderBlob = yield* border.skip();
        if (place !== undefined && isBorderBlob) this.#withBorderBlob.add(place);
      }
    }
  }
}

function* skipModuleField(opcode: number): Ask<void> {
  switch (opcode) {
    case moduleOpcodes.signed:
    case moduleOpcodes.unsigned:
      yield* lengthOf();
      return;
    case moduleOpcodes.float:
      yield -4;
      return;
    case moduleOpcodes.double:
      yield -8;
      return;
    default:
      throw new RangeError(`unknown field ${opcode} of a module`);
  }
}

function digestOfKey(database: number, key: Buffer): bigint {
  return createHash("sha256").update(`${database}/`).update(key).digest().readBigUInt64LE();
}

/** Decodes a module type id: nine characters of six bits each, then ten bits of version. */
function moduleName(id: bigint): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return Array.from({ length: 9 }, (_, index) => letters[Number((id >> BigInt(10 + 6 * (8 - index))) & 63n)]).join("");
}
