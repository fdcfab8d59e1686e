// Follows in the stream which labels, types and property keys each graph of a replica has. On FalkorDB 4.16 a query can
// leave a name in the source that is never replicated: one that fails leaves its new labels and types, one that finds
// nothing to change leaves its new property keys. From then on the source counts further than its replicas, and its
// changes name numbers that they do not have. Where the stream shows that, it is a hazard (replica-schemas.ts).
//
// What the stream cannot show is a name that only an index, a constraint, a bulk load or a copy brought and no change
// has named since; the source's own lists confirm it (confirm-schemas.ts). Where the names of a graph cannot be known
// (a statement that is not understood, changes in another version of the format, a base whose snapshot was not
// understood) no numbers are judged: such a graph is left to a proof by restoring.
import { BulkHeaderReader, bulkBlobKind } from "../../../falkordb/load/bulk-names.ts";
import { EffectReader } from "../../../falkordb/effects/graph-effects.ts";
import { dropsIndex, indexNames } from "../../../falkordb/replay/index-names.ts";
import { graphHeader } from "../../../falkordb/rdb/rdb-graph-header.ts";
import type { CommandWatch, StreamCommand } from "../../../falkordb/replication/replication-commands.ts";
import type { Manifest } from "../../store/manifest.ts";
import { type GraphNames, namesOf } from "./replica-graphs.ts";
import { nameKinds, ReplicaSchemas, type Uses } from "./replica-schemas.ts";
import type { Hazard, SegmentSchemas } from "../segment-manifest.ts";
import { graphMovers, withoutParameters } from "../stream-hazards.ts";

type Step = (schemas: ReplicaSchemas) => void;

export class StreamSchemas implements CommandWatch {
  /** Undefined before the base is known, and where no check is possible. */
  #schemas: ReplicaSchemas | undefined;
  /** Steps since the cut of a base that is not known yet. */
  #waiting: Step[] | undefined = [];
  /** How many of the waiting steps came before the last boundary. */
  #waitingAtBoundary = 0;
  /** The largest numbers of each graph that wait already, so that a busy graph does not wait a million times. */
  readonly #waitingUses = new Map<string, Uses>();
  #database: number;
  #databaseAtBoundary: number;
  #listedIn = 0;
  /** Up to this offset the source had no graph that was not replicated. */
  #checkedAt: number;
  readonly #effects: EffectReader;
  /** The graph and the offset of the change that is being read. */
  #changed = "";
  #changedAt = 0;
  readonly #takeEffect = (piece: Buffer): void => this.#effects.push(piece);
  readonly #names = new NameCache();
  #blobs: BulkHeaderReader[] = [];

  /**
   * Offset at which the stream begins, and the database that is selected there. `begin` sets what a replica has there.
   */
  constructor(offset: number, database = 0) {
    this.#checkedAt = offset;
    this.#database = database;
    this.#databaseAtBoundary = database;
    this.#effects = new EffectReader({
      uses: (labels, types, propertyKeys) => this.#uses({ labels, types, propertyKeys }),
      adds: (kind, name) => {
        const [graph, at, into] = [this.#changed, this.#changedAt, this.#database];
        this.#do((schemas) => schemas.adds(into, graph, kind, [name], at, kind !== "propertyKeys"));
      },
    });
  }

  /** Sets the content of the base, and what the chain knows where it continues; `unknown` where it does not know. */
  begin(content: Manifest["content"], at?: SegmentSchemas | "unknown"): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    this.#waitingUses.clear();
    if (content === null || at === "unknown") return;
    const schemas = new ReplicaSchemas();
    schemas.graphs.load(content);
    if (at !== undefined) {
      schemas.graphs.resume(at);
      this.#listedIn = at.listedIn;
      this.#checkedAt = at.checkedAt;
    }
    this.#schemas = schemas;
    for (const step of waiting.slice(0, this.#waitingAtBoundary)) step(schemas);
    schemas.graphs.boundary();
    for (const step of waiting.slice(this.#waitingAtBoundary)) step(schemas);
  }

  /** Consumes payloads while they arrive, so that they need not be kept. */
  argument(words: readonly Buffer[], bytes: number, offset: number): ((bytes: Buffer) => void) | undefined {
    const [name, graph] = words;
    if (name === undefined || graph === undefined) return undefined;
    if (words.length === 2 && isNamed(name, effectName)) {
      this.#changed = this.#names.get(graph);
      this.#changedAt = offset;
      this.#effects.begin(bytes);
      return this.#takeEffect;
    }
    const kind = isNamed(name, bulkName) ? bulkBlobKind(words) : undefined;
    if (kind === undefined) return undefined;
    const blob = new BulkHeaderReader(kind);
    this.#blobs.push(blob);
    return (piece) => blob.push(piece);
  }

  command(command: StreamCommand): void {
    this.#follow(command);
    if (!command.isBoundary) return;
    this.#databaseAtBoundary = this.#database;
    this.#waitingAtBoundary = this.#waiting?.length ?? 0;
    this.#schemas?.graphs.boundary();
  }

  /** Returns what was found since the last call. */
  take(): Hazard[] {
    return this.#schemas?.take() ?? [];
  }

  /** The schemas for the manifest of the segment with this number, which ends at the last boundary. */
  listFor(segment: number): SegmentSchemas | undefined {
    if (this.#schemas === undefined) return undefined;
    const list = this.#schemas.graphs.list();
    if (list !== undefined) this.#listedIn = segment;
    const at = { database: this.#databaseAtBoundary, listedIn: this.#listedIn, checkedAt: this.#checkedAt };
    return { ...at, ...list };
  }

  /** The graphs whose names the source can be asked for. */
  get known(): ReplicaSchemas | undefined {
    return this.#schemas;
  }

  get checkedAt(): number {
    return this.#checkedAt;
  }

  /** The source had no graph that was not replicated when the stream was at this offset. */
  checked(offset: number): void {
    this.#checkedAt = offset;
  }

  #do(step: Step): void {
    if (this.#schemas !== undefined) step(this.#schemas);
    else if (this.#waiting !== undefined) {
      this.#waiting.push(step);
      this.#waitingUses.clear();
    }
  }

  #follow({ name, args, offsetStart: offset }: StreamCommand): void {
    if (name === "GRAPH.EFFECT") {
      this.#endEffect();
      return;
    }
    const database = this.#database;
    const texts = (): string[] => args.map((arg) => arg.toString("utf8"));
    const graph = args[0]?.toString("utf8") ?? "";
    switch (name) {
      case "SELECT":
        this.#database = Number(graph);
        return;
      case "GRAPH.BULK":
        this.#endBulk(graph, offset);
        return;
      case "GRAPH.QUERY":
      case "GRAPH.PROFILE":
        this.#statement(graph, withoutParameters(args[1]?.toString("utf8") ?? ""), offset);
        return;
      case "GRAPH.CONSTRAINT":
        this.#constraint(texts(), offset);
        return;
      case "GRAPH.RESTORE": {
        const names = namesIn(args[1]);
        this.#do((schemas) => schemas.made(database, graph, names, offset));
        return;
      }
      case "GRAPH.DELETE":
        this.#do((schemas) => schemas.deleted(database, graph, offset));
        return;
      case "DEL":
      case "UNLINK":
      case "SET": {
        const keys = name === "SET" ? [graph] : texts();
        this.#do((schemas) => keys.forEach((key) => schemas.graphs.delete(database, key)));
        return;
      }
      case "RENAME":
      case "RENAMENX": {
        const [, to = ""] = texts();
        this.#do((schemas) => schemas.renamed(database, graph, to));
        return;
      }
      case "FLUSHALL":
      case "FLUSHDB":
        this.#do((schemas) => schemas.flushed(name === "FLUSHALL" ? "all" : database));
        return;
      default:
        if (graphMovers.has(name)) this.#do((schemas) => schemas.forgetAll());
    }
  }

  #endEffect(): void {
    const [database, graph, offset] = [this.#database, this.#changed, this.#changedAt];
    const end = this.#effects.finish();
    if (end === "another version") this.#do((schemas) => schemas.forget(database, graph));
    if (end === "not an effect") this.#do((schemas) => schemas.unreadable(database, graph, offset));
  }

  #uses(uses: Uses): void {
    const [database, graph, offset] = [this.#database, this.#changed, this.#changedAt];
    if (this.#waiting !== undefined) {
      const key = `${database}/${graph}`;
      const before = this.#waitingUses.get(key);
      if (before !== undefined && nameKinds.every((kind) => uses[kind] <= before[kind])) return;
      this.#waiting.push((schemas) => schemas.uses(database, graph, uses, offset));
      this.#waitingUses.set(key, uses);
    } else this.#schemas?.uses(database, graph, uses, offset);
  }

  #endBulk(graph: string, offset: number): void {
    const database = this.#database;
    const blobs = this.#blobs.splice(0).map(({ names }) => names);
    this.#do((schemas) => {
      for (const blob of blobs) {
        if (blob === undefined) return schemas.forget(database, graph);
        schemas.adds(database, graph, blob.kind, blob.names, offset);
        schemas.adds(database, graph, "propertyKeys", blob.propertyKeys, offset);
      }
    });
  }

  #statement(graph: string, text: string, offset: number): void {
    if (dropsIndex(text)) return;
    const database = this.#database;
    const index = indexNames(text);
    this.#do((schemas) => {
      if (index === undefined) return schemas.forget(database, graph);
      schemas.adds(database, graph, index.kind, [index.name], offset);
      schemas.adds(database, graph, "propertyKeys", index.propertyKeys, offset);
    });
  }

  #constraint([action = "", graph = "", , entity = "", name = "", , , ...keys]: string[], offset: number): void {
    if (action.toUpperCase() !== "CREATE") return;
    const database = this.#database;
    const kind = entity.toUpperCase() === "NODE" ? "labels" : "types";
    this.#do((schemas) => {
      schemas.constrained(database, graph, offset);
      schemas.adds(database, graph, "propertyKeys", keys, offset);
      schemas.adds(database, graph, kind, [name], offset);
    });
  }
}

/** Most changes are of the graph that the last one was of. */
class NameCache {
  #bytes: Buffer = Buffer.alloc(0);
  #name = "";

  get(bytes: Buffer): string {
    if (bytes.equals(this.#bytes)) return this.#name;
    this.#bytes = bytes;
    this.#name = bytes.toString("utf8");
    return this.#name;
  }
}

const effectName = Buffer.from("GRAPH.EFFECT");
const bulkName = Buffer.from("GRAPH.BULK");

/** A client may have written it otherwise than the server does. */
function isNamed(word: Buffer, name: Buffer): boolean {
  if (word.length !== name.length) return false;
  return word.equals(name) || word.toString("latin1").toUpperCase() === name.toString("latin1");
}

/** The payload of a graph that was copied begins as it does in a snapshot. */
function namesIn(payload: Buffer = Buffer.alloc(0)): GraphNames | undefined {
  try {
    return namesOf(graphHeader(payload).header);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
