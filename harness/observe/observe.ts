// Reads one engine state back into plain JSON, which the checks judge. It only reads (GRAPH.RO_QUERY), except for the
// attempts to violate constraints, which are made only on restored targets.
import type { Endpoint } from "../base/endpoint.ts";
import { DrillError } from "../base/errors.ts";
import { systemClock } from "../base/clock.ts";
import { GraphFingerprint } from "../check/fingerprint/fingerprint.ts";
import { InvariantScan } from "../check/scan/invariant-scan.ts";
import { LookupScan } from "../check/scan/lookup-scan.ts";
import { WordScan } from "../check/scan/word-scan.ts";
import { internIndexSet } from "../check/expect/expected.ts";
import type {
  Expectation,
  Fingerprint,
  GraphExpectation,
  GraphObservation,
  Index,
  EntityPair,
  Observation,
  Role,
} from "../check/observation.ts";
import type { Dataset, GraphPlan } from "../../generators/model.ts";
import { type Connection, connect } from "../falkordb/client/connection.ts";
import { askFirstNode } from "./ask-first-node.ts";
import { attemptViolations } from "./observe-constraints.ts";
import { askSearches } from "./observe-searches.ts";
import { askVectorSearches } from "./observe-vector-searches.ts";
import { askIndexes, askWords } from "./observe-indexes.ts";
import { locate } from "./locate.ts";
import { type GraphSchema, readSchemas } from "./observe-schema.ts";
import { readContent } from "./read-content.ts";
import { EntityKeys } from "./entity-keys.ts";
import { DoubleReading } from "./read-doubles.ts";
import { VectorReading } from "./read-vectors.ts";
import { ReadStream } from "../falkordb/client/read-stream.ts";
import { graphsOfDatabase } from "../falkordb/client/graphs-by-database.ts";
import { rowsMaxOf, type WholeOptions } from "../falkordb/client/read-whole.ts";
import { unlessHung, type WatchedServer, watchedServer } from "../falkordb/client/hang-watch.ts";
import { liftLimits } from "../falkordb/client/result-limits.ts";
import { observeServer } from "./observe-server.ts";
import { tryWrite } from "./try-write.ts";

export interface ObserveOptions {
  readonly role: Role;
  /** Dataset for locating differences entity by entity; without it they are only counted. */
  readonly dataset?: Dataset;
  /** Locates differences of a graph that no dataset describes; undefined for any other graph. */
  readonly locator?: ((endpoint: Endpoint, graph: string) => Promise<EntityPair | undefined>) | undefined;
  /** Whether settings, other keys and functions of the server are read too, and a write is tried; by default they are. */
  readonly besides?: boolean;
  readonly signal?: AbortSignal;
}

interface SessionOptions extends Omit<ObserveOptions, "signal">, WholeOptions {
  /** False where a restored target refused a write. */
  readonly takesWrites: boolean;
}

/** Graphs whose schemas are read in one round trip. */
const batch = 100;

/** Observes an engine; throws `EngineHungError` if it hangs meanwhile. */
export async function observe(
  target: Pick<WatchedServer, "endpoint"> & Partial<WatchedServer>,
  expectation: Expectation,
  options: ObserveOptions,
): Promise<Observation> {
  const read = (): Promise<Observation> => readAll(target.endpoint, expectation, options);
  return await unlessHung(watchedServer(target), "the reading of its content", read);
}

async function readAll(endpoint: Endpoint, expectation: Expectation, options: ObserveOptions): Promise<Observation> {
  await using connection = await connect(endpoint);
  await using first = await ReadStream.open(endpoint);
  await using second = await ReadStream.open(endpoint);
  const isTarget = options.role === "target";
  // Read before the limits are lifted.
  const server = options.besides === false ? undefined : await observeServer(connection);
  await using _lifted = isTarget ? await liftLimits(connection) : undefined;
  const rowsMax = await rowsMaxOf(connection);
  const graphNames = await graphsHere(connection);
  if (isTarget && server !== undefined) server.write = await tryWrite(endpoint);
  const takesWrites = server?.write?.taken !== false;
  const session = new Session(connection, [first, second], expectation.seed, {
    ...options,
    signal: options.signal,
    takesWrites,
    rowsMax,
  });
  const present = new Set(graphNames);
  const wanted = expectation.graphs.filter((graph) => present.has(graph.name));
  for (let at = 0; at < wanted.length; at += batch) {
    const part = wanted.slice(at, at + batch);
    const schemas = await session.timed("schema", () =>
      readSchemas(
        connection,
        part.map((graph) => graph.name),
        { rowsMax, signal: options.signal },
      ),
    );
    for (const [index, schema] of schemas.entries()) {
      const expected = part[index];
      if (expected !== undefined) await session.graph(schema, expected);
    }
  }
  return {
    schemaVersion: 1,
    role: options.role,
    versions: await readVersions(connection),
    graphNames,
    indexSets: session.indexSets,
    graphs: session.graphs,
    ...(server === undefined ? {} : { server }),
    rowsRead: session.rowsRead,
    phases: session.phases,
  };
}

/**
 * The graphs of this database, sorted. GRAPH.LIST names those of all databases: a graph in another database is not
 * where its readers look for it, and its name says so.
 */
async function graphsHere(connection: Connection): Promise<string[]> {
  const names = await connection.graphs();
  const here = new Set(await graphsOfDatabase(connection));
  return names.map((name) => (here.has(name) ? name : `${name} (in another database)`)).toSorted();
}

class Session {
  readonly graphs: GraphObservation[] = [];
  readonly indexSets: Index[][] = [];
  readonly phases: Record<string, number> = {};
  rowsRead = 0;
  readonly #indexSetOf = new Map<string, number>();
  readonly #seed: number;
  readonly #connection: Connection;
  readonly #streams: readonly ReadStream[];
  readonly #options: SessionOptions;

  constructor(connection: Connection, streams: readonly ReadStream[], seed: number, options: SessionOptions) {
    this.#seed = seed;
    this.#connection = connection;
    this.#streams = streams;
    this.#options = options;
  }

  async graph(schema: GraphSchema, expected: GraphExpectation): Promise<void> {
    const { nodes, edges } = expected.fingerprint;
    const fingerprint = new GraphFingerprint(nodes.buckets.length, edges.buckets.length);
    const vectors = [...new Set(expected.vectors.map((vector) => vector.property))];
    const invariants = new InvariantScan(fingerprint, schema.nodes);
    const keys = new EntityKeys(fingerprint);
    const doubles = new DoubleReading(fingerprint, keys);
    const reading = new VectorReading(fingerprint, keys, expected);
    const lookups = new LookupScan(expected.lookups, fingerprint.names);
    const words = new WordScan(expected.words, fingerprint, schema.nodes, schema.edges);
    const rows = await this.timed("content", () =>
      readContent(this.#connection, this.#streams, {
        schema,
        fingerprint,
        visitors: [invariants, lookups, words, keys, doubles, reading],
        vectors,
        rowsMax: this.#options.rowsMax,
        signal: this.#options.signal,
      }),
    );
    this.rowsRead += rows;
    const read = fingerprint.result();
    const located = await this.#locate(schema, expected, read, vectors);
    this.graphs.push({
      name: schema.name,
      fingerprint: read,
      ...(located === undefined ? {} : { located }),
      counted: { nodes: schema.nodes, edges: schema.edges },
      indexSet: internIndexSet(schema.indexes, this.indexSets, this.#indexSetOf),
      notOperational: schema.notOperational,
      constraints:
        this.#options.role === "target" && this.#options.takesWrites
          ? await attemptViolations(this.#connection, schema.name, schema.constraints)
          : schema.constraints,
      doubles: await this.timed("doubles", () => doubles.read(this.#streams, schema.name, this.#options)),
      vectors: await this.timed("vectors", () => reading.read(this.#streams, schema.name, this.#seed, this.#options)),
      indexAnswers: await this.timed("indexes", () =>
        askIndexes(this.#connection, schema.name, expected.lookups, lookups.result()),
      ),
      firstNodeAnswers: await this.timed("indexes", () =>
        askFirstNode(this.#connection, schema.name, schema.nodes === 0 ? [] : schema.indexes),
      ),
      wordAnswers: await this.timed("words", () => askWords(this.#stream, schema.name, expected.words, words.result())),
      invariants: invariants.result(),
      searches: await this.timed("searches", () => askSearches(this.#connection, schema.name, expected.searches)),
      vectorSearches: await this.timed("vector searches", () =>
        askVectorSearches(this.#connection, { ...schema, entities: schema.nodes + schema.edges }, reading),
      ),
    });
  }

  get #stream(): ReadStream {
    const [stream] = this.#streams;
    if (stream === undefined) throw new DrillError("nothing to read with", { exit: "internal" });
    return stream;
  }

  async #locate(
    schema: GraphSchema,
    expected: GraphExpectation,
    read: Fingerprint,
    vectors: readonly string[],
  ): Promise<EntityPair | undefined> {
    if (JSON.stringify(read) === JSON.stringify(expected.fingerprint)) return undefined;
    const { locator } = this.#options;
    const own = await this.timed("locate", async () => await locator?.(this.#connection.endpoint, schema.name));
    if (own !== undefined) return own;
    const plan = this.#plan(schema.name);
    if (plan === undefined) return undefined;
    const content = { schema, vectors, rowsMax: this.#options.rowsMax, signal: this.#options.signal };
    return this.timed("locate", () => locate(this.#connection, this.#streams, plan, expected, read, content));
  }

  #plan(name: string): GraphPlan | undefined {
    for (const plan of this.#options.dataset?.graphs() ?? []) if (plan.name === name) return plan;
    return undefined;
  }

  async timed<T>(phase: string, work: () => Promise<T>): Promise<T> {
    const startedMs = systemClock.monotonicMs();
    try {
      return await work();
    } finally {
      this.phases[phase] = (this.phases[phase] ?? 0) + systemClock.monotonicMs() - startedMs;
    }
  }
}

async function readVersions(connection: Connection): Promise<{ redis: string; module: number }> {
  const { redis_version: redis = "" } = await connection.info("server");
  const modules = (await connection.command("MODULE", "LIST")) as unknown[][];
  const graph = modules.find((module) => module[module.indexOf("name") + 1] === "graph");
  return { redis, module: graph === undefined ? 0 : Number(graph[graph.indexOf("ver") + 1]) };
}
