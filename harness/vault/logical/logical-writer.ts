// Writes decoded graphs into a running server, proves what it then holds, and gives them their names; or takes all of it
// away again.
import { systemClock } from "../../base/clock.ts";
import { address } from "../../base/endpoint.ts";
import { DrillError, usageError } from "../../base/errors.ts";
import type { Progress } from "../../base/progress.ts";
import type { Engine } from "../../engine/engine.ts";
import { answered, queryTimeoutMs } from "../../falkordb/client/answered.ts";
import { connect, type Connection } from "../../falkordb/client/connection.ts";
import { waitForIdleFork } from "../../falkordb/client/fork-wait.ts";
import { untilOperational } from "../../falkordb/client/operational.ts";
import { makeConstraints } from "../../falkordb/load/make-constraints.ts";
import { differingSums } from "../../falkordb/logical/content-sums.ts";
import { placeOf, type DecodedGraph, walkSnapshot } from "../../falkordb/logical/content-visitor.ts";
import { decodeEntities } from "../../falkordb/logical/entity-decoder.ts";
import { GraphLoader } from "../../falkordb/logical/graph-loader.ts";
import { constraintsOf, indexStatementsOf } from "../../falkordb/logical/schema-statements.ts";
import { decodedContent } from "../../falkordb/logical/decoded-content.ts";
import type { OtherContent } from "../../falkordb/logical/other-content.ts";
import type { FrameReader } from "../../falkordb/rdb/graph-frames.ts";
import { deltaMatrix, relation } from "../../falkordb/rdb/graph-matrices.ts";
import { readGraphParts } from "../../falkordb/rdb/graph-parts.ts";
import { mustBeAllowed } from "../needed-rights.ts";

const connectionName = "falkordrill-restore";
/** How the names of graphs begin that are being restored. */
export const hiddenPrefix = "falkordrill-restoring-";
const idleTimeoutMs = 120_000;
const indexTimeoutMs = 3_600_000;
const problemsMax = 20;

/** A graph that is being restored: it has a name of ours until it is proven. */
export interface Restoring extends DecodedGraph {
  readonly hidden: string;
  readonly as: string;
  readonly into: number;
}

interface LogicalWriting {
  readonly target: Engine;
  readonly graphs: readonly Restoring[];
  readonly others: OtherContent;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

const neededRights = [
  "PING",
  "SELECT",
  "EXISTS",
  "GRAPH.LIST",
  "GRAPH.QUERY",
  "GRAPH.RO_QUERY",
  "GRAPH.BULK",
  "GRAPH.CONSTRAINT",
  "GRAPH.DELETE",
  "RENAMENX",
  "REPLCONF",
  "PSYNC",
] as const;

export class LogicalWriter {
  readonly #target: Engine;
  readonly #graphs: readonly Restoring[];
  readonly #others: OtherContent;
  readonly #progress: Progress;
  readonly #signal: AbortSignal;
  /** Under their own names already. */
  readonly #named: Restoring[] = [];

  constructor({ target, graphs, others, progress, signal }: LogicalWriting) {
    this.#target = target;
    this.#graphs = graphs;
    this.#others = others;
    this.#progress = progress;
    this.#signal = signal;
  }

  async refuseTarget(): Promise<void> {
    const where = address(this.#target.endpoint);
    await using connection = await this.#connect();
    const others = this.#others.keys.length > 0 ? (["RESTORE"] as const) : [];
    await mustBeAllowed(connection, [...neededRights, ...others]);
    if ((await connection.info("replication"))["role"] !== "master")
      throw usageError(`${where} is a replica, and a restore needs a primary`, "Give the URL of its primary.");
    const there = await connection.graphs();
    const left = there.filter((name) => name.startsWith(hiddenPrefix));
    if (left.length > 0)
      this.#progress.note(`${where} holds ${left.join(", ")} of a restore that was killed; GRAPH.DELETE removes them`);
    for (const { as, into } of this.#graphs) {
      await connection.command("SELECT", into);
      if (!there.includes(as) && (await connection.command("EXISTS", as)) === 0) continue;
      throw usageError(
        `${where} holds ${JSON.stringify(as)} already, and it is not replaced`,
        "Remove what is there first, or restore one graph under another name: --graph and --as.",
      );
    }
  }

  /** Nodes of all graphs first: an edge needs the new ids of its ends. */
  async load(snapshot: () => AsyncIterable<Buffer>): Promise<void> {
    await using connections = new AsyncDisposableStack();
    const loaders = new Map<string, GraphLoader>();
    const byDatabase = new Map<number, Connection>();
    for (const graph of this.#graphs) {
      const connection = byDatabase.get(graph.into) ?? connections.use(await this.#connect(graph.into));
      byDatabase.set(graph.into, connection);
      loaders.set(placeOf(graph.header.name, graph.database), new GraphLoader(connection, graph, graph.hidden));
    }
    for (const kind of ["node", "edge"] as const) {
      this.#progress.step(kind === "node" ? "load nodes" : "load edges");
      const visitor = {
        frameBytesMax: Infinity,
        key: (header: DecodedGraph["header"], database: number): FrameReader<void> | undefined => {
          const loader = loaders.get(placeOf(header.name, database));
          return loader && entitiesOf(header, kind, loader);
        },
      };
      await walkSnapshot(snapshot(), visitor, async () => {
        this.#signal.throwIfAborted();
        for (const loader of loaders.values()) await loader.send();
      });
      for (const loader of loaders.values()) await loader.end(kind);
    }
  }

  /** Indexes come after the data: filling a graph whose indexes exist would update them record by record. */
  async index(): Promise<void> {
    this.#progress.step("index");
    for (const { header, hidden, into } of this.#graphs) {
      await using connection = await this.#connect(into);
      const what = `creating indexes of graph "${header.name}"`;
      for (const statement of indexStatementsOf(header))
        await answered(
          connection,
          what,
          connection.query(hidden, statement),
          queryTimeoutMs(header.nodes + header.edges),
        );
      await untilOperational(connection, hidden, { timeoutMs: indexTimeoutMs, signal: this.#signal });
      const constraints = constraintsOf(header);
      if (constraints.length > 0)
        await makeConstraints(connection, hidden, constraints, { signal: this.#signal, clock: systemClock });
    }
  }

  async prove(): Promise<void> {
    this.#progress.step("prove");
    const signal = this.#signal;
    await using connection = await this.#connect();
    await using _delay = await withoutSyncDelay(connection);
    await waitForIdleFork(connection, { timeoutMs: idleTimeoutMs, signal, exit: "environment" });
    const hidden = new Set(this.#graphs.map((graph) => graph.hidden));
    const found = await decodedContent(this.#target.endpoint, (name) => hidden.has(name), signal);
    const problems = this.#graphs.flatMap(({ header, hidden: name, sums }) => {
      const written = found.find((graph) => graph.header.name === name);
      const differences = written === undefined ? ["it is missing"] : differingSums(sums, written.sums);
      return differences.map((difference) => `graph ${JSON.stringify(header.name)}: ${difference}`);
    });
    if (problems.length === 0) return;
    const more = problems.length > problemsMax ? [`and ${problems.length - problemsMax} more differences`] : [];
    throw new DrillError(
      `what was written is not what the backup holds: ${[...problems.slice(0, problemsMax), ...more].join("; ")}`,
      { exit: "dataWrong", hint: "It was removed again. Restore without --logical, by the engine's own loader." },
    );
  }

  /** A client may see keys before the graphs that they belong to. */
  async writeOthers(snapshot: () => AsyncIterable<Buffer>, rdbVersion: number): Promise<void> {
    if (this.#others.keys.length + this.#others.libraries.length === 0) return;
    this.#progress.step("keys");
    await using connection = await this.#connect();
    await this.#others.write(connection, snapshot(), rdbVersion);
  }

  async name(): Promise<void> {
    for (const graph of this.#graphs) {
      await using connection = await this.#connect(graph.into);
      if ((await connection.command("RENAMENX", graph.hidden, graph.as)) === 1) this.#named.push(graph);
      else
        throw usageError(
          `another client has just made ${JSON.stringify(graph.as)} on ${address(this.#target.endpoint)}`,
          "Nothing was restored. Remove it, or restore one graph under another name: --graph and --as.",
        );
    }
  }

  /** Removes what was written; graphs of these names were not there before, so they are ours. */
  async remove(): Promise<void> {
    await using connection = await connect(this.#target.endpoint, { name: connectionName });
    await this.#others.remove(connection);
    const there = new Set(await connection.graphs());
    const named = new Set(this.#named);
    for (const graph of this.#graphs) {
      const name = named.has(graph) ? graph.as : graph.hidden;
      if (!there.has(name)) continue;
      await connection.command("SELECT", graph.into);
      await connection.command("GRAPH.DELETE", name);
    }
  }

  async #connect(database = 0): Promise<Connection> {
    const connection = await connect(this.#target.endpoint, { name: connectionName, signal: this.#signal });
    if (database !== 0) await connection.command("SELECT", database);
    return connection;
  }
}

/** Or else the server waits seconds for more replicas. Where that may not be set, it does. */
async function withoutSyncDelay(connection: Connection): Promise<AsyncDisposable> {
  const setting = "repl-diskless-sync-delay";
  const set = async (value: string): Promise<unknown> => await connection.command("CONFIG", "SET", setting, value);
  const reply = await connection.command("CONFIG", "GET", setting).catch(() => []);
  const before = (reply as readonly string[])[1];
  const isSet = before !== undefined && (await set("0").catch(() => undefined)) !== undefined;
  return {
    [Symbol.asyncDispose]: async () => {
      // The server may be gone, which is reported elsewhere.
      if (isSet) await set(before).catch(() => {});
    },
  };
}

function* entitiesOf(header: DecodedGraph["header"], kind: "node" | "edge", loader: GraphLoader): FrameReader<void> {
  yield* readGraphParts(header, {
    nodes: (cursor, count) => decodeEntities(cursor, count, kind === "node" ? (node) => loader.node(node) : ignored),
    edges: (cursor, count) => decodeEntities(cursor, count, kind === "edge" ? (edge) => loader.edge(edge) : ignored),
    *relation(cursor) {
      yield* relation(cursor);
    },
    *nodeLabels(cursor) {
      yield* deltaMatrix(cursor);
    },
  });
  loader.endKey(kind);
}

function ignored(): void {}
