// Compares everything that two servers hold: every graph of every database, other keys, functions. It only reads.
import { usageError } from "../base/errors.ts";
import type { Endpoint } from "../base/endpoint.ts";
import type { Progress } from "../base/progress.ts";
import type { Finding } from "../check/check.ts";
import { compareBesides } from "../check/checks/server.ts";
import { connect, type Connection } from "../falkordb/client/connection.ts";
import { graphsByDatabase } from "../falkordb/client/graphs-by-database.ts";
import { ReadStream } from "../falkordb/client/read-stream.ts";
import { rowsMaxOf } from "../falkordb/client/read-whole.ts";
import { type GraphSchema, readSchemas } from "../observe/observe-schema.ts";
import { observeServer } from "../observe/observe-server.ts";
import { suggestions } from "../base/suggest.ts";
import { bucketCounts, diffGraph, type GraphDifferences } from "./diff-graph.ts";
import { differenceFindings } from "./diff-findings.ts";
import type { DiffSide } from "./difference-table.ts";
import { GraphReader } from "./graph-reader.ts";

export interface DiffOptions {
  /** Compare only this graph of A with that graph of B: the first of these pairs that is there. */
  readonly graph?: readonly { readonly a: string; readonly b: string }[] | undefined;
  /** Compare only the graphs of these databases, and nothing but graphs. */
  readonly databases?: (database: number) => boolean;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** A graph of both sides, or of one. */
interface ComparedGraph {
  /** Its name in A, and with another name in B that one too; with its database unless that is 0. */
  readonly name: string;
  readonly differences: GraphDifferences | undefined;
}

export interface ServerDifferences {
  readonly equal: boolean;
  readonly graphs: readonly ComparedGraph[];
  readonly findings: readonly Finding[];
  /** What limits the comparison, as sentences. */
  readonly notes: readonly string[];
}

interface Place {
  readonly database: number;
  readonly name: string;
}

export async function diffServers(
  endpoints: Readonly<Record<DiffSide, Endpoint>>,
  options: DiffOptions,
): Promise<ServerDifferences> {
  await using a = await ComparedServer.open(endpoints.a, options.signal);
  await using b = await ComparedServer.open(endpoints.b, options.signal);
  const servers = { a, b };
  const findings: Finding[] = [];
  const notes: string[] = [];
  const graphs: ComparedGraph[] = [];
  const { databases = () => true } = options;
  const [inA, inB] = [await a.graphs(), await b.graphs()].map((all) => all.filter((each) => databases(each.database)));
  const pairs = pairsOf(inA ?? [], inB ?? [], options.graph);
  for (const [at, pair] of pairs.entries()) {
    options.signal.throwIfAborted();
    const compared = await comparePair(servers, pair, `${at + 1} of ${pairs.length}: `, options);
    graphs.push(compared.graph);
    findings.push(...compared.findings);
    notes.push(...(compared.graph.differences?.notes ?? []));
  }
  if (options.graph === undefined && options.databases === undefined)
    findings.push(...compareBesides(await a.besides(), await b.besides()));
  return { equal: findings.length === 0, graphs, findings, notes };
}

type Paired = Partial<Readonly<Record<DiffSide, Place>>>;

async function comparePair(
  { a, b }: Readonly<Record<DiffSide, ComparedServer>>,
  pair: Paired,
  progressed: string,
  { progress }: DiffOptions,
): Promise<{ readonly graph: ComparedGraph; readonly findings: readonly Finding[] }> {
  const name = nameOf(pair);
  if (pair.a === undefined || pair.b === undefined) {
    const alone = pair.a === undefined ? await b.schema(pair.b) : await a.schema(pair.a);
    return { graph: { name, differences: undefined }, findings: [aloneFinding(name, pair, alone)] };
  }
  progress.step(`${progressed}${name}`);
  const [schemaA, schemaB] = [await a.schema(pair.a), await b.schema(pair.b)];
  const buckets = bucketCounts(schemaA, schemaB);
  const readers = { a: await a.reader(pair.a, schemaA, buckets), b: await b.reader(pair.b, schemaB, buckets) };
  const differences = await diffGraph(name, readers, progress);
  return { graph: { name, differences }, findings: differenceFindings(name, differences) };
}

function aloneFinding(name: string, { a }: Paired, { nodes, edges }: GraphSchema): Finding {
  const [code, says] =
    a === undefined
      ? (["graph-unexpected", "B and not in A"] as const)
      : (["graph-missing", "A and not in B"] as const);
  return {
    code,
    severity: "error",
    subject: name,
    message: `the graph ${name} is in ${says}: ${nodes} nodes and ${edges} edges`,
    evidence: { nodes, edges },
  };
}

function nameOf({ a, b }: Paired): string {
  const text = ({ database, name }: Place): string => (database === 0 ? name : `${name} (database ${database})`);
  if (a === undefined || b === undefined) return text(a ?? b ?? { database: 0, name: "" });
  return text(a) === text(b) ? text(a) : `${text(a)} = ${text(b)}`;
}

function pairsOf(a: readonly Place[], b: readonly Place[], wanted: DiffOptions["graph"]): Paired[] {
  if (wanted !== undefined) return [wantedPair(a, b, wanted)];
  if (a.length === 0 && b.length === 0)
    throw usageError("there is nothing to compare: neither side holds a graph", "Is it the right server or file?");
  const id = ({ database, name }: Place): string => `${database}/${name}`;
  const inB = new Map(b.map((place) => [id(place), place]));
  const inA = new Set(a.map(id));
  return [
    ...a.map((place): Paired => ({ a: place, ...(inB.has(id(place)) ? { b: place } : {}) })),
    ...b.filter((place) => !inA.has(id(place))).map((place): Paired => ({ b: place })),
  ];
}

function wantedPair(a: readonly Place[], b: readonly Place[], ways: NonNullable<DiffOptions["graph"]>): Paired {
  const has = (places: readonly Place[], name: string): boolean => places.some((place) => place.name === name);
  const way = ways.find((each) => has(a, each.a) && has(b, each.b)) ?? ways.at(-1) ?? { a: "", b: "" };
  return { a: find(a, way.a, "A"), b: find(b, way.b, "B") };
}

function find(places: readonly Place[], name: string, side: string): Place {
  const found = places.find((place) => place.name === name);
  if (found !== undefined) return found;
  const names = places.map((place) => JSON.stringify(place.name));
  const [near] = suggestions(JSON.stringify(name), names);
  throw usageError(
    `${side} has no graph "${name}"`,
    near === undefined ? `It has: ${names.slice(0, 10).join(", ") || "none"}.` : `Did you mean ${near}?`,
  );
}

/** Reads one server over one connection for questions, and two for content in each database. */
class ComparedServer implements AsyncDisposable {
  readonly #connection: Connection;
  readonly #rowsMax: number;
  readonly #signal: AbortSignal;
  #streams: { readonly database: number; readonly streams: readonly ReadStream[] } | undefined;

  private constructor(connection: Connection, rowsMax: number, signal: AbortSignal) {
    this.#connection = connection;
    this.#rowsMax = rowsMax;
    this.#signal = signal;
  }

  static async open(endpoint: Endpoint, signal: AbortSignal): Promise<ComparedServer> {
    const connection = await connect(endpoint, { signal });
    try {
      return new ComparedServer(connection, await rowsMaxOf(connection), signal);
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  async graphs(): Promise<Place[]> {
    const places: Place[] = [];
    for await (const { database, graphs } of graphsByDatabase(this.#connection))
      places.push(...graphs.map((name) => ({ database, name })));
    return places;
  }

  async schema({ database, name }: Place = { database: 0, name: "" }): Promise<GraphSchema> {
    await this.#connection.command("SELECT", database);
    const [schema] = await readSchemas(this.#connection, [name], { rowsMax: this.#rowsMax, signal: this.#signal });
    if (schema === undefined) throw usageError(`the graph ${name} is gone`);
    return schema;
  }

  /** The schema must be the last that was asked for. */
  async reader(
    { database }: Place,
    schema: GraphSchema,
    buckets: { readonly nodes: number; readonly edges: number },
  ): Promise<GraphReader> {
    const whole = { rowsMax: this.#rowsMax, signal: this.#signal };
    const place = { schema, connection: this.#connection, streams: await this.#streamsOf(database), whole };
    return await GraphReader.open(place, buckets);
  }

  async besides(): Promise<Awaited<ReturnType<typeof observeServer>>> {
    return await observeServer(this.#connection);
  }

  async #streamsOf(database: number): Promise<readonly ReadStream[]> {
    if (this.#streams?.database === database) return this.#streams.streams;
    await this.#closeStreams();
    const { endpoint } = this.#connection;
    const first = await ReadStream.open(endpoint, { database });
    this.#streams = { database, streams: [first] };
    this.#streams = { database, streams: [first, await ReadStream.open(endpoint, { database })] };
    return this.#streams.streams;
  }

  async #closeStreams(): Promise<void> {
    for (const stream of this.#streams?.streams ?? []) await stream[Symbol.asyncDispose]();
    this.#streams = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#closeStreams();
    this.#connection.close();
  }
}
