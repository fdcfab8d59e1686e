// Writes one decoded graph into a server: its nodes, then its edges, then what only queries can write. Nodes get new ids
// in the order in which they are sent, so this needs a graph that nobody else writes to. Memory: 4 bytes a node beside
// the topology.
import { sendBatch } from "../load/bulk-load.ts";
import { VectorNotes } from "../load/vector-notes.ts";
import { convertVectors } from "../load/vectors.ts";
import { bulkType } from "../load/bulk-buffer.ts";
import { answered, queryTimeoutMs } from "../client/answered.ts";
import type { Connection } from "../client/connection.ts";
import { BulkRows, isVectorAt } from "./bulk-rows.ts";
import type { DecodedGraph } from "./content-visitor.ts";
import { cypherName } from "./cypher-name.ts";
import type { DecodedEntity } from "./entity-decoder.ts";
import { QueryValues } from "./query-values.ts";
import { Numbers } from "./topology.ts";
import { valueExpression } from "./value-bytes.ts";

const batchBytes = 4 * 2 ** 20;
/** An array element takes 16 bytes in the engine, a vector element 4: arrays are converted before they accumulate. */
const pendingElements = 2 ** 25;
const pendingText = 16 * 2 ** 20;

/** Rows that wait to be sent, of one label set or type. */
interface Heading {
  readonly labels: readonly string[];
  readonly rows: BulkRows;
  /** Whether GRAPH.BULK can say it: it has no way to say no label, or a name with a colon. */
  readonly isForBulk: boolean;
  /** Old ids of the nodes that wait, and new ids of the ends of the edges that wait. */
  readonly ids: number[];
  readonly ends: (readonly [source: number, target: number])[];
  /** Values of the rows that wait which only a query can write, and their vectors. */
  readonly values: {
    readonly row: number;
    readonly property: string;
    readonly expression: string;
    readonly isLast: boolean;
  }[];
  readonly vectors: { readonly row: number; readonly property: string; readonly dims: number }[];
}

type Sending = () => Promise<void>;

export class GraphLoader {
  readonly #connection: Connection;
  readonly #graph: DecodedGraph;
  readonly #name: string;
  readonly #newIds = new Numbers(Uint32Array);
  #headings = new Map<number, Heading>();
  readonly #outbox: Sending[] = [];
  #sent: Promise<void> = Promise.resolve();
  #isBegun = false;
  #nodes = 0;
  #edges = 0;
  /** Bytes of the rows that wait. */
  #waiting = 0;
  readonly #vectors = new VectorNotes();
  readonly #values = new QueryValues();
  /** Lists beside vectors of the same name: the conversion of vectors would take them for such. */
  readonly #lastValues = new QueryValues();
  /** What the values of a property are, that were lists or vectors. */
  readonly #forms = new Map<string, "list" | "vector">();

  constructor(connection: Connection, graph: DecodedGraph, name: string) {
    this.#connection = connection;
    this.#graph = graph;
    this.#name = name;
  }

  node(entity: DecodedEntity): void {
    const { topology, header } = this.#graph;
    const set = topology.setOf.at(entity.id);
    const labels = (topology.labelSets[set] ?? []).map((label) => header.labels[label]?.name ?? "");
    const heading = this.#heading("node", set, labels);
    heading.ids.push(entity.id);
    this.#add("node", heading, entity);
  }

  /** All nodes must have been written. */
  edge(entity: DecodedEntity): void {
    const { topology, header } = this.#graph;
    const type = topology.typeOf.at(entity.id);
    const heading = this.#heading("edge", type, [header.types[type]?.name ?? ""]);
    const ends = [topology.sourceOf.at(entity.id), topology.targetOf.at(entity.id)].map((id) => this.#newIds.at(id));
    heading.ends.push([ends[0] ?? 0, ends[1] ?? 0]);
    this.#add("edge", heading, entity);
  }

  /** Thousands of graphs may be written at once, so nothing of a key waits for the next. */
  endKey(kind: "node" | "edge"): void {
    this.#flush(kind);
    this.#headings = new Map();
  }

  /** Sends what has come together; up to two batches are under way. */
  async send(): Promise<void> {
    for (let next = this.#outbox.shift(); next !== undefined; next = this.#outbox.shift()) {
      await this.#sent;
      this.#sent = next();
      // Where it is awaited it is reported.
      this.#sent.catch(() => {});
    }
    if (this.#vectors.elements >= pendingElements) await this.#convert();
    if (this.#values.size >= pendingText) await this.#writeValues();
  }

  /** Sends everything, after the last node and after the last edge. */
  async end(kind: "node" | "edge"): Promise<void> {
    await this.send();
    await this.#sent;
    await this.#convert();
    await this.#writeValues();
    if (kind === "edge") await this.#lastValues.write(this.#connection, this.#name, this.#entities);
    this.#forms.clear();
    if (kind === "edge" && !this.#isBegun) await this.#connection.query(this.#name, "RETURN 1");
  }

  get #entities(): number {
    return this.#graph.header.nodes + this.#graph.header.edges;
  }

  #heading(kind: "node" | "edge", number: number, labels: readonly string[]): Heading {
    const known = this.#headings.get(number);
    if (known !== undefined) return known;
    const rows = new BulkRows(labels.join(":"), this.#graph.header.propertyKeys);
    const isSayable = labels.length > 0 && !labels.some((label) => label.includes(":") || label === "");
    // A node without a column has no row: it needs a property key of its graph, if there is one.
    const isForBulk = isSayable && (kind === "edge" || this.#graph.header.propertyKeys.length > 0);
    const heading: Heading = { labels, rows, isForBulk, ids: [], ends: [], values: [], vectors: [] };
    this.#headings.set(number, heading);
    return heading;
  }

  #add(kind: "node" | "edge", heading: Heading, entity: DecodedEntity): void {
    const { labels, rows, isForBulk, ids, ends, values, vectors } = heading;
    const row = Math.max(ids.length, ends.length) - 1;
    const isAbsent = (index: number): boolean => {
      const property = this.#graph.header.propertyKeys[entity.keys[index] ?? -1] ?? "";
      const from = entity.starts[index] ?? 0;
      const isVector = isVectorAt(entity.values, from);
      const isList = entity.values.bytes[from] === bulkType.array;
      const form = isVector ? "vector" : isList ? "list" : undefined;
      const place = `${kind === "node" ? "" : labels[0]} ${property}`;
      if (form !== undefined && !this.#forms.has(place)) this.#forms.set(place, form);
      const isMixed = form !== undefined && this.#forms.get(place) !== form;
      const isForQuery = !isForBulk || isMixed || (entity.isForQuery[index] === true && !isVector);
      if (isForQuery)
        values.push({
          row,
          property,
          expression: valueExpression(entity.values.bytes, from),
          isLast: isMixed && isList,
        });
      else if (isVector) vectors.push({ row, property, dims: entity.values.view.getUint32(from + 1, true) });
      return isForQuery;
    };
    const absent = Array.from({ length: entity.count }, (_, index) => isAbsent(index));
    const before = rows.bytes;
    if (isForBulk) rows.add(entity, (index) => absent[index] === true, ends.at(-1));
    this.#waiting += rows.bytes - before;
    if (this.#waiting >= batchBytes || Math.max(ids.length, ends.length) >= rowsMax) this.#flush(kind);
  }

  /** Everything that waits becomes a command, and each node and edge of it gets its new id. */
  #flush(kind: "node" | "edge"): void {
    const tokens: Buffer[] = [];
    let sentRows = 0;
    this.#waiting = 0;
    for (const heading of this.#headings.values()) {
      if (!heading.isForBulk) continue;
      const { tokens: its, rows } = heading.rows.take();
      tokens.push(...its);
      sentRows += rows;
      this.#number(kind, heading);
    }
    if (sentRows > 0) this.#outbox.push(this.#bulk(kind, tokens, sentRows));
    for (const heading of this.#headings.values())
      if (!heading.isForBulk && Math.max(heading.ids.length, heading.ends.length) > 0) {
        this.#outbox.push(kind === "node" ? this.#byQuery(heading) : this.#edgesByQuery(heading));
        this.#number(kind, heading);
      }
  }

  #bulk(kind: "node" | "edge", tokens: readonly Buffer[], rows: number): Sending {
    const bytes = tokens.reduce((sum, { length }) => sum + length, 0);
    const batch =
      kind === "node"
        ? { nodes: rows, edges: 0, nodeTokens: tokens, edgeTokens: [], bytes }
        : { nodes: 0, edges: rows, nodeTokens: [], edgeTokens: tokens, bytes };
    return async () => {
      const isFirst = !this.#isBegun;
      this.#isBegun = true;
      await sendBatch(this.#connection, this.#name, batch, isFirst);
    };
  }

  #byQuery({ labels, ids }: Heading): Sending {
    const query = `UNWIND range(1, ${ids.length}) AS i CREATE (${labels.map((label) => `:${cypherName(label)}`).join("")})`;
    return async () => {
      this.#isBegun = true;
      await this.#query(query);
    };
  }

  /** One query for each: in a list of them, the engine would look for each end among all nodes. */
  #edgesByQuery({ labels, ends }: Heading): Sending {
    const type = cypherName(labels[0] ?? "");
    const queries = ends.map(
      ([source, target]) =>
        `CYPHER source=${source} target=${target} MATCH (s) WHERE id(s) = $source MATCH (t) WHERE id(t) = $target CREATE (s)-[:${type}]->(t)`,
    );
    return async () => {
      for (const query of queries) await this.#query(query);
    };
  }

  async #query(query: string): Promise<void> {
    const work = this.#connection.query(this.#name, query);
    await answered(this.#connection, `writing graph "${this.#name}"`, work, queryTimeoutMs(this.#entities));
  }

  #number(kind: "node" | "edge", { labels, ids, ends, values, vectors }: Heading): void {
    const first = kind === "node" ? this.#nodes : this.#edges;
    for (const [row, id] of ids.entries()) this.#newIds.put(id, first + row);
    const type = kind === "node" ? {} : { type: labels[0] ?? "" };
    for (const { row, property, expression, isLast } of values)
      (isLast ? this.#lastValues : this.#values).add({ kind, ...type, property }, first + row, expression);
    for (const { row, property, dims } of vectors) {
      const heading = labels.map(cypherName).join(":");
      const id = kind === "node" ? first + row : (ends[row]?.[0] ?? 0);
      this.#vectors.note({ kind, heading, property: cypherName(property), dims }, id);
    }
    if (kind === "node") this.#nodes += ids.length;
    else this.#edges += ends.length;
    for (const list of [ids, ends, values, vectors]) list.length = 0;
  }

  async #convert(): Promise<void> {
    await this.#sent;
    for (const pending of this.#vectors.take()) await convertVectors(this.#connection, this.#name, pending);
  }

  async #writeValues(): Promise<void> {
    await this.#sent;
    await this.#values.write(this.#connection, this.#name, this.#entities);
  }
}

/** Rows that wait at most. */
const rowsMax = 50_000;
