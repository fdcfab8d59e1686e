// Loads generated graphs into an engine: GRAPH.BULK, then what only Cypher can write, then the counts are verified,
// then the indexes are created and awaited. Nothing is overwritten, and a load that fails deletes its graphs.
import { type Clock, systemClock } from "../../base/clock.ts";
import type { Endpoint } from "../../base/endpoint.ts";
import { DrillError, usageError } from "../../base/errors.ts";
import { type Progress, silentProgress } from "../../base/progress.ts";
import { indexStatements } from "../../../generators/schema/index-statements.ts";
import type { Dataset, GraphCounts, GraphPlan } from "../../../generators/model.ts";
import { answered, queryTimeoutMs } from "../client/answered.ts";
import { sendBatch } from "./bulk-load.ts";
import { connect, type Connection } from "../client/connection.ts";
import { untilOperational } from "../client/operational.ts";
import { remoteServer, unlessHung, type WatchedServer } from "../client/hang-watch.ts";
import { makeConstraints } from "./make-constraints.ts";
import { encodeGraph } from "./encode-graph.ts";
import type { PendingVectors } from "./vector-notes.ts";
import { convertVectors, verifyVectors } from "./vectors.ts";

export interface LoadOptions {
  readonly signal?: AbortSignal | undefined;
  readonly progress?: Progress | undefined;
  readonly clock?: Clock | undefined;
  /** `await` (default) creates them and waits until they are OPERATIONAL, `create` does not wait, `none` skips them. */
  readonly indexes?: "await" | "create" | "none";
  /** Deadline for one graph's indexes to become operational. */
  readonly indexTimeoutMs?: number;
  /** The server's process, where it can be observed: so that a hang is noticed within seconds. */
  readonly server?: WatchedServer;
}

interface LoadTimes {
  /** Time spent on generating and encoding records; it overlaps with `loadMs`. */
  readonly generateMs: number;
  /** Time from the first record until all data is loaded: generating, sending, vectors, Cypher, counting. */
  readonly loadMs: number;
  /** Time for creating the indexes and, where asked for, waiting for them. */
  readonly indexMs: number;
  /** Bytes sent by GRAPH.BULK. */
  readonly bytes: number;
}

export interface LoadedGraph extends LoadTimes {
  readonly name: string;
  readonly counts: GraphCounts;
}

export interface LoadedDataset extends LoadTimes {
  readonly graphs: readonly { readonly name: string; readonly counts: GraphCounts }[];
  readonly counts: GraphCounts;
}

const indexTimeoutMs = 30 * 60_000;
const graphsPerBatch = 64;

/** Loads one graph with its indexes. */
export async function loadGraph(
  connection: Connection,
  plan: GraphPlan,
  options: LoadOptions = {},
): Promise<LoadedGraph> {
  await refuseExisting(connection, [plan.name]);
  try {
    const content = await loadContent(connection, plan, options);
    const indexMs = await indexGraphs(connection, [plan], options);
    return { name: plan.name, counts: plan.counts, ...content, indexMs };
  } catch (error) {
    await removeGraphs(connection, [plan.name]);
    throw error;
  }
}

/** Loads all graphs of a dataset, each with its indexes. Afterwards either all of them exist, or none. */
export async function loadDataset(
  endpoint: Endpoint,
  dataset: Dataset,
  options: LoadOptions = {},
): Promise<LoadedDataset> {
  await using connection = await connect(endpoint, { name: "falkordrill-load" });
  await refuseExisting(
    connection,
    Iterator.from(dataset.graphs()).map(({ name }) => name),
  );
  const server = options.server ?? remoteServer(endpoint);
  return await unlessHung(server, "a load", () => loadAll(connection, dataset, options));
}

async function loadAll(connection: Connection, dataset: Dataset, options: LoadOptions): Promise<LoadedDataset> {
  const loaded: { name: string; counts: GraphCounts }[] = [];
  const total = { generateMs: 0, loadMs: 0, indexMs: 0, bytes: 0 };
  try {
    let batch: GraphPlan[] = [];
    for (const plan of dataset.graphs()) {
      loaded.push({ name: plan.name, counts: plan.counts });
      const content = await loadContent(connection, plan, options);
      total.generateMs += content.generateMs;
      total.loadMs += content.loadMs;
      total.bytes += content.bytes;
      if (batch.push(plan) < graphsPerBatch) continue;
      total.indexMs += await indexGraphs(connection, batch, options);
      batch = [];
    }
    total.indexMs += await indexGraphs(connection, batch, options);
  } catch (error) {
    await removeGraphs(
      connection,
      loaded.map(({ name }) => name),
    );
    throw error;
  }
  const nodes = loaded.reduce((sum, { counts }) => sum + counts.nodes, 0);
  const edges = loaded.reduce((sum, { counts }) => sum + counts.edges, 0);
  return { graphs: loaded, counts: { nodes, edges }, ...total };
}

async function refuseExisting(connection: Connection, names: Iterable<string>): Promise<void> {
  for (const name of names) {
    if ((await connection.command("EXISTS", name)) === 0) continue;
    throw usageError(
      `there is already a graph or key named "${name}"; nothing was loaded`,
      "Load into an empty FalkorDB, or delete that graph first (GRAPH.DELETE).",
    );
  }
}

async function loadContent(
  connection: Connection,
  plan: GraphPlan,
  options: LoadOptions,
): Promise<Omit<LoadTimes, "indexMs">> {
  const { signal, progress = silentProgress, clock = systemClock } = options;
  const startedMs = clock.monotonicMs();
  const { nodes, edges } = plan.counts;
  // A graph without nodes is still a key: a search on an unknown group leaves one.
  if (nodes === 0) {
    await connection.query(plan.name, "RETURN 1");
    return { generateMs: 0, loadMs: clock.monotonicMs() - startedMs, bytes: 0 };
  }
  progress.step(`load ${plan.name}`);
  let begin = true;
  const vectors: PendingVectors[] = [];
  const encoded = await encodeGraph(
    plan,
    async (batch) => {
      const first = begin;
      begin = false;
      await sendBatch(connection, plan.name, batch, first);
    },
    {
      signal,
      clock,
      sent: (sentNodes, sentEdges) => progress.advance(sentNodes + sentEdges, nodes + edges, "items"),
      vectors: async (pending) => {
        vectors.push(...pending);
        for (const each of pending) await convertVectors(connection, plan.name, each);
      },
    },
  );
  for (const statement of plan.afterLoad)
    await answered(
      connection,
      `"${statement}" on graph "${plan.name}"`,
      connection.query(plan.name, statement),
      queryTimeoutMs(nodes + edges),
    );
  await verifyCounts(connection, plan);
  await verifyVectors(connection, plan.name, vectors);
  return { generateMs: encoded.generateMs, loadMs: clock.monotonicMs() - startedMs, bytes: encoded.bytes };
}

async function verifyCounts(connection: Connection, plan: GraphPlan): Promise<void> {
  const count = async (pattern: string): Promise<number> => {
    const reply = connection.roQuery(plan.name, `MATCH ${pattern} RETURN count(x)`);
    const what = `counting graph "${plan.name}"`;
    const timeoutMs = queryTimeoutMs(plan.counts.nodes + plan.counts.edges);
    return Number((await answered(connection, what, reply, timeoutMs)).rows[0]?.[0]);
  };
  const [nodes, edges] = [await count("(x)"), await count("()-[x]->()")];
  if (nodes === plan.counts.nodes && edges === plan.counts.edges) return;
  throw new DrillError(
    `graph "${plan.name}" has ${nodes} nodes and ${edges} edges after the load, ` +
      `planned were ${plan.counts.nodes} and ${plan.counts.edges}`,
    { exit: "internal", hint: "Either another client writes to this FalkorDB, or the plan's counts are wrong." },
  );
}

/** Indexes come after the data: filling a graph whose indexes exist would update them record by record. */
async function indexGraphs(connection: Connection, plans: readonly GraphPlan[], options: LoadOptions): Promise<number> {
  const { indexes = "await", clock = systemClock, progress = silentProgress, signal } = options;
  if (indexes === "none" || plans.length === 0) return 0;
  const startedMs = clock.monotonicMs();
  if (plans.some(({ counts }) => counts.nodes > 0)) progress.step("index");
  const commands = plans.flatMap(({ name, indexes: specs }) =>
    indexStatements(specs).map((statement) => ["GRAPH.QUERY", name, statement] as const),
  );
  const entities = plans.reduce((sum, { counts }) => sum + counts.nodes + counts.edges, 0);
  const asked = connection.pipeline(commands);
  const replies = await answered(connection, "creating indexes", asked, queryTimeoutMs(entities));
  for (const reply of replies) if (reply instanceof Error) throw reply;
  if (indexes === "await") {
    for (const { name, constraints = [] } of plans) {
      const timeoutMs = options.indexTimeoutMs ?? indexTimeoutMs;
      await untilOperational(connection, name, { timeoutMs, signal, clock });
      if (constraints.length > 0) await makeConstraints(connection, name, constraints, { signal, clock });
    }
  }
  return clock.monotonicMs() - startedMs;
}

/** Best effort: the error that led here matters more than one from the cleanup. */
async function removeGraphs(connection: Connection, names: readonly string[]): Promise<void> {
  for (const name of names) await connection.command("GRAPH.DELETE", name).catch(() => {});
}
