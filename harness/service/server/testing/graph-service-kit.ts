// Shared by the tests of the graph service and the writers: a real engine with a service in front of it, and reading
// back everything that a graph holds in the shape of the plans.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type GraphService, type GraphServiceOptions, startGraphService } from "../server.ts";
import { type GraphServiceProcess, spawnGraphService, type SpawnOptions } from "../spawn.ts";
import type { GraphPlan, Value } from "../../../../generators/model.ts";
import { Double } from "../../../../generators/model.ts";
import { embeddedEngines } from "../../../engine/embedded.ts";
import type { Engine } from "../../../engine/engine.ts";
import { connect, type Connection } from "../../../falkordb/client/connection.ts";
import { adminClient, type AdminClient } from "../../admin-client.ts";

export const adminToken = "token-of-the-tests-0123456789";

export interface Setup extends AsyncDisposable {
  readonly engine: Engine;
  readonly service: GraphService;
  readonly admin: AdminClient;
  readonly connection: Connection;
  readonly folder: string;
}

async function temporaryFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), "graph-service-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** In front of an engine of its own, or of one that several tests share. */
export async function setUp(options: Partial<GraphServiceOptions> = {}, shared?: Engine): Promise<Setup> {
  const start = (required: Required): Promise<GraphService> =>
    startGraphService({ shutdownDrainMs: 2000, ...required, ...options });
  return await setUpWith(start, shared);
}

export interface ProcessSetup extends Setup {
  readonly service: GraphServiceProcess;
  /** Another process on the same state folder, as after a crash; the test ends it. */
  respawn(): Promise<GraphServiceProcess>;
}

/** The same with the service in its own process, which can be killed. */
export async function setUpProcess(
  options: Partial<SpawnOptions> | ((engine: Engine, folder: string) => Promise<Partial<SpawnOptions>>) = {},
): Promise<ProcessSetup> {
  let spawnAgain: () => Promise<GraphServiceProcess> = () => Promise.reject(new Error("nothing was spawned yet"));
  const setup = await setUpWith(async (required, engine, folder) => {
    const more = typeof options === "function" ? await options(engine, folder) : options;
    spawnAgain = () => spawnGraphService({ ...required, ...more });
    return await spawnAgain();
  });
  return { ...setup, respawn: spawnAgain };
}

type Required = Pick<GraphServiceOptions, "database" | "token" | "stateDir">;

async function setUpWith<T extends GraphService>(
  start: (required: Required, engine: Engine, folder: string) => Promise<T>,
  shared?: Engine,
): Promise<Setup & { readonly service: T }> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder()).path;
  const engine = shared ?? stack.use(await embeddedEngines().start({ name: "source" }));
  const required = { database: engine.endpoint, token: adminToken, stateDir: join(folder, "state") };
  const service = stack.use(await start(required, engine, folder));
  const connection = stack.use(await connect(engine.endpoint));
  const admin = adminClient({ url: service.url, token: adminToken, holder: "the test" });
  const owned = stack.move();
  return { engine, service, admin, connection, folder, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly json: Record<string, unknown>;
}

export async function send(
  service: Pick<GraphService, "url">,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const response = await fetch(new URL(path, service.url), {
    method,
    headers: { "content-type": "application/json" },
    ...(body === undefined ? {} : { body: text }),
  });
  return {
    status: response.status,
    headers: response.headers,
    json: (await response.json()) as Record<string, unknown>,
  };
}

export interface GraphContent {
  /** `uuid -> labels and properties` of nodes, `uuid -> type, ends and properties` of edges. */
  readonly nodes: Record<string, unknown>;
  readonly edges: Record<string, unknown>;
}

/** Everything that a graph holds; small graphs only. */
export async function graphContent(connection: Connection, graph: string): Promise<GraphContent> {
  const nodes = await connection.roQuery(graph, "MATCH (n) RETURN n.uuid, labels(n), properties(n)");
  const edges = await connection.roQuery(
    graph,
    "MATCH (a)-[e]->(b) RETURN e.uuid, type(e), a.uuid, b.uuid, properties(e)",
  );
  return {
    nodes: Object.fromEntries(
      nodes.rows.map(([uuid, labels, properties]) => [uuid, { labels: (labels as string[]).toSorted(), properties }]),
    ),
    edges: Object.fromEntries(
      edges.rows.map(([uuid, type, source, target, properties]) => [uuid, { type, source, target, properties }]),
    ),
  };
}

/** The same content for a plan. */
export function plannedContent(plan: GraphPlan): GraphContent {
  const uuidOf = (id: number): Value | undefined => plan.node(id).properties["uuid"];
  const plain = (properties: Readonly<Record<string, Value>>): Record<string, unknown> =>
    Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, plainValue(value)]));
  return {
    nodes: Object.fromEntries(
      [...plan.nodes()].map(({ labels, properties }) => [
        properties["uuid"],
        { labels: labels.toSorted(), properties: plain(properties) },
      ]),
    ),
    edges: Object.fromEntries(
      [...plan.edges()].map(({ type, source, target, properties }) => [
        properties["uuid"],
        { type, source: uuidOf(source), target: uuidOf(target), properties: plain(properties) },
      ]),
    ),
  };
}

/** A value as the engine's reply shows it: vectors and doubles as plain numbers. */
function plainValue(value: Value): unknown {
  if (value instanceof Double) return value.value;
  return value instanceof Float32Array ? [...value] : value;
}
