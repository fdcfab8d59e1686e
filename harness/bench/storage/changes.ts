// The changes between the states of the storage benchmark, a pure function of the seed: summaries of entities written
// anew, all over the graph or side by side, and entities added with their facts. The new text comes from the generator
// with another seed, so it compresses as well, and as badly, as all of the graph.
import { dataset } from "../../../generators/dataset.ts";
import type { Dataset, GraphPlan, Properties } from "../../../generators/model.ts";
import { Draw } from "../../../generators/random.ts";
import { systemClock } from "../../base/clock.ts";
import { DrillError } from "../../base/errors.ts";
import type { Connection } from "../../falkordb/client/connection.ts";

const patterns = ["scattered", "clustered", "appended"] as const;
type Pattern = (typeof patterns)[number];
const shares = [0.001, 0.01, 0.1] as const;

export interface Change {
  readonly pattern: Pattern;
  /** Share of the nodes of the graph that change. */
  readonly share: number;
}

/** Changes from smallest to largest, each applied on top of those before it. */
export const changes: readonly Change[] = shares.flatMap((share) => patterns.map((pattern) => ({ pattern, share })));

const rowsPerQueryDefault = 500;
const factsPerEntity = 2;

interface MadeChange {
  readonly nodes: number;
  /** Nodes and edges. */
  readonly written: number;
  /** Time in ms of the queries, without that of making the text. */
  readonly ms: number;
}

/** Makes the change. `step` keeps two changes of one kind apart. */
export async function makeChange(
  connection: Connection,
  content: Dataset,
  { pattern, share }: Change,
  step: number,
  { rowsPerQuery = rowsPerQueryDefault }: { readonly rowsPerQuery?: number } = {},
): Promise<MadeChange> {
  const [plan] = content.graphs();
  if (plan === undefined) throw new DrillError("there is no graph to change", { exit: "internal" });
  const count = Math.max(1, Math.round(plan.counts.nodes * share));
  const draw = new Draw(content.options.seed, `storage-${pattern}-${step}`);
  const [fresh] = dataset({ ...content.options, seed: content.options.seed + 1000 + step }).graphs();
  if (fresh === undefined) throw new DrillError("there is no graph to take text from", { exit: "internal" });
  let [written, ms] = [0, 0];
  const write = async (rows: Iterable<Row>, query: string): Promise<void> => {
    for (const batch of batches(rows, rowsPerQuery)) {
      const startedMs = systemClock.monotonicMs();
      await connection.query(plan.name, query, { rows: batch });
      ms += systemClock.monotonicMs() - startedMs;
      written += batch.length;
    }
  };
  if (pattern === "appended") {
    await write(newEntities(fresh, count), "UNWIND $rows AS row CREATE (n:Entity) SET n = row.properties");
    const facts =
      "UNWIND $rows AS row MATCH (a:Entity {uuid: row.from}), (b:Entity {uuid: row.to}) " +
      "CREATE (a)-[r:RELATES_TO]->(b) SET r = row.properties";
    await write(newFacts(plan, fresh, count, draw), facts);
  } else {
    const ids = pattern === "scattered" ? scattered(plan, draw) : clustered(plan, draw);
    const update = "UNWIND $rows AS row MATCH (n:Entity {uuid: row.uuid}) SET n.summary = row.summary";
    await write(newSummaries(plan, fresh, ids, count), update);
  }
  return { nodes: count, written, ms };
}

type Row = Readonly<Record<string, string | Readonly<Record<string, string | number | boolean | readonly string[]>>>>;

function* scattered({ counts: { nodes } }: GraphPlan, draw: Draw): Iterable<number> {
  const seen = new Set<number>();
  while (seen.size < nodes) {
    const id = draw.below(nodes);
    if (seen.has(id)) continue;
    seen.add(id);
    yield id;
  }
}

function* clustered({ counts: { nodes } }: GraphPlan, draw: Draw): Iterable<number> {
  const first = draw.below(nodes);
  for (let i = 0; i < nodes; i++) yield (first + i) % nodes;
}

function* newSummaries(plan: GraphPlan, fresh: GraphPlan, ids: Iterable<number>, count: number): Iterable<Row> {
  const texts = entitiesOf(fresh);
  let made = 0;
  for (const id of ids) {
    const { labels, properties } = plan.node(id);
    const { uuid } = properties;
    if (!labels.includes("Entity") || typeof uuid !== "string") continue;
    const text = texts.next().value?.["summary"];
    if (typeof text !== "string") throw new DrillError("the generator ran out of new text", { exit: "internal" });
    yield { uuid, summary: text };
    made += 1;
    if (made === count) return;
  }
}

function* newEntities(fresh: GraphPlan, count: number): Iterable<Row> {
  let made = 0;
  for (const properties of entitiesOf(fresh)) {
    yield { properties: plain(properties) };
    made += 1;
    if (made === count) return;
  }
}

/** Facts from each new entity to entities that existed before. */
function* newFacts(plan: GraphPlan, fresh: GraphPlan, count: number, draw: Draw): Iterable<Row> {
  const facts = factsOf(fresh);
  const old = entityUuids(plan, draw);
  let made = 0;
  for (const { uuid } of entitiesOf(fresh)) {
    for (let fact = 0; fact < factsPerEntity; fact++) {
      const properties = facts.next().value;
      if (properties === undefined || typeof uuid !== "string") return;
      yield { from: uuid, to: old.next().value ?? "", properties: plain(properties) };
    }
    made += 1;
    if (made === count) return;
  }
}

function* entitiesOf(plan: GraphPlan): Generator<Properties, undefined> {
  for (const { labels, properties } of plan.nodes()) if (labels.includes("Entity")) yield properties;
}

function* factsOf(plan: GraphPlan): Generator<Properties, undefined> {
  for (const { type, properties } of plan.edges()) if (type === "RELATES_TO") yield properties;
}

function* entityUuids(plan: GraphPlan, draw: Draw): Generator<string, undefined> {
  for (;;) {
    const { labels, properties } = plan.node(draw.below(plan.counts.nodes));
    if (labels.includes("Entity") && typeof properties["uuid"] === "string") yield properties["uuid"];
  }
}

/** What a query parameter can carry; the rest does not matter here. */
function plain(properties: Properties): Readonly<Record<string, string | number | boolean | readonly string[]>> {
  const isPlain = (value: unknown): boolean => ["string", "number", "boolean"].includes(typeof value);
  const kept = Object.entries(properties).filter(
    ([, value]) => isPlain(value) || (Array.isArray(value) && value.every((item) => typeof item === "string")),
  );
  return Object.fromEntries(kept) as Readonly<Record<string, string>>;
}

function* batches(rows: Iterable<Row>, size: number): Iterable<Row[]> {
  let batch: Row[] = [];
  for (const row of rows) {
    batch.push(row);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
