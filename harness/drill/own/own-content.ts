// Step 2 with a team's own graphs: they are read in two ways from two engines, and the file once more without an engine.
// All must agree before a backup is judged by them; what was broken in them before is reported, and not judged.
import type { Dataset, GraphPlan } from "../../../generators/model.ts";
import type { FindingCode } from "../../base/findings/finding-codes.ts";
import { DrillError } from "../../base/errors.ts";
import type { Endpoint } from "../../base/endpoint.ts";
import { formatCount } from "../../base/units.ts";
import { invariantClaims } from "../../check/scan/invariant-tally.ts";
import { judgeAll } from "../../check/judge.ts";
import type { EntityPair, Expectation, GraphExpectation, Observation } from "../../check/observation.ts";
import { diffServers } from "../../diff/diff-servers.ts";
import type { Engine, EngineProvider, StartOptions } from "../../engine/engine.ts";
import { observe, type ObserveOptions } from "../../observe/observe.ts";
import type { ProbeQuery } from "../../observe/probe-query.ts";
import type { Drill } from "../drill.ts";
import { type OwnExpectation, ownExpectation, type ReadGraph } from "./own-expectation.ts";
import type { OwnGraph } from "./own-graph.ts";

export interface OwnContent {
  readonly dataset: Dataset;
  readonly expectation: Expectation;
  /** Observation of the source before the backup. */
  readonly before: Observation;
  /** First question to a restored engine. */
  readonly probe: ProbeQuery | undefined;
  /** Names in the list of graphs that are judged elsewhere. */
  readonly apart: ReadonlySet<string>;
  readonly locator: ObserveOptions["locator"];
}

const loadTimeoutMs = 1_800_000;

/** What an engine needs to start with the graphs. */
export function startWith(own: OwnGraph | undefined): StartOptions {
  if (own === undefined) return {};
  return {
    rdb: own.file,
    redisConfig: { databases: String(Math.max(16, own.databases)) },
    timeoutMs: loadTimeoutMs,
  };
}

export async function ownContent(drill: Drill, own: OwnGraph, source: Engine): Promise<OwnContent> {
  const { record, progress, signal } = drill;
  progress.step(`read ${own.name} for what must come back`);
  const names = own.summary.graphs.filter(({ database }) => database === 0).map(({ name }) => name);
  const read = await readApart(drill, own, names);
  for (const graph of read.graphs) reportBroken(drill, graph);
  record.metric(
    "nodes",
    read.graphs.reduce((sum, { counts }) => sum + counts.nodes, 0),
  );
  record.metric(
    "edges",
    read.graphs.reduce((sum, { counts }) => sum + counts.edges, 0),
  );
  progress.step("agree: the file, and two readings of two engines");
  mustMatchFile(drill, own, read.expectation);
  const observed = await observe(source, read.expectation, { role: "source", signal });
  const elsewhere = elsewhereNames(own);
  const before = { ...observed, graphNames: observed.graphNames.filter((name) => !elsewhere.has(name)) };
  const known = withoutWrongAnswers(drill, read.expectation, before);
  record.observation("expectation", known.expectation);
  record.observation("source-before", known.before);
  mustAgree(drill, known.expectation, known.before);
  const first = read.graphs.find(({ counts }) => counts.nodes > 0);
  return {
    ...known,
    dataset: datasetOf(drill, read.graphs),
    apart: elsewhere,
    probe: first && { graph: first.name, cypher: "MATCH (n) RETURN count(n)", answer: first.counts.nodes },
    locator: (endpoint, graph) =>
      names.includes(graph) ? locate(drill, own, endpoint, graph) : Promise.resolve(undefined),
  };
}

async function readApart(drill: Drill, own: OwnGraph, names: readonly string[]): Promise<OwnExpectation> {
  await using reader = await pristine(drill.engines, own, drill.signal);
  return await ownExpectation(reader, names, drill);
}

async function pristine(engines: EngineProvider, own: OwnGraph, signal: AbortSignal): Promise<Engine> {
  return await engines.start({ ...startWith(own), name: "reader", readiness: "loaded", signal });
}

function reportBroken({ record }: Drill, { name, broken, violated, withoutLabel, notInForce }: ReadGraph): void {
  const note = (message: string, evidence: Record<string, unknown>): void =>
    record.finding({ code: "source-broken-before", severity: "info", subject: name, message, evidence });
  for (const [id, tally] of Object.entries(violated)) {
    const claim = id in invariantClaims ? invariantClaims[id as keyof typeof invariantClaims] : id;
    const counts = `${formatCount(tally.violated)} of ${formatCount(tally.checked)}`;
    note(`${counts} broke ${id} (${claim}); the first is ${tally.sample}`, { ...tally });
  }
  const { danglingFacts, listedFacts, foreignGroups } = broken;
  if (danglingFacts > 0)
    note(
      `${formatCount(danglingFacts)} of ${formatCount(listedFacts)} facts that episodes list did not exist (entity_edges)`,
      { danglingFacts, listedFacts },
    );
  for (const [group, count] of Object.entries(foreignGroups))
    note(`${formatCount(count)} entities had the group_id "${group}", and the graph is named "${name}"`, {
      group,
      count,
    });
  for (const [label, count] of Object.entries(withoutLabel))
    note(
      `${formatCount(count)} nodes were found by the label ${label} without having it: deleted ones, or others that took over their ids`,
      { label, count },
    );
  for (const constraint of notInForce) note(`the constraint ${constraint}`, { constraint });
}

/** Names and sizes as our own reader of RDB files finds them, without an engine. */
function mustMatchFile(drill: Drill, { summary }: OwnGraph, { graphs }: Expectation): void {
  const inFile = summary.graphs.filter(({ database }) => database === 0);
  const read = new Map(graphs.map((graph) => [graph.name, graph.fingerprint]));
  const wrong = inFile.flatMap(({ name, nodes, edges }) => {
    const found = read.get(name);
    if (found?.nodes.count === nodes && found.edges.count === edges) return [];
    return [{ name, inFile: { nodes, edges }, read: { nodes: found?.nodes.count, edges: found?.edges.count } }];
  });
  if (wrong.length > 0)
    disagree(drill, `the file says other sizes than an engine gives: ${JSON.stringify(wrong[0])}`, wrong);
}

function mustAgree(drill: Drill, expectation: Expectation, before: Observation): void {
  const disagreements = judgeAll(expectation, before).findings.filter(({ severity }) => severity === "error");
  const [first] = disagreements;
  if (first !== undefined) disagree(drill, `two readings of the same file differ: ${first.message}`, disagreements);
}

function disagree(drill: Drill, message: string, disagreements: readonly unknown[]): never {
  drill.record.assumption("source-differs", message, { disagreements: disagreements.slice(0, 10) });
  throw new DrillError("the ways of reading the graph disagree before any backup was taken", {
    exit: "inconclusive",
    hint: "The engine or FalkorDrill is at fault, not the backup; see findings.jsonl.",
  });
}

/** An index that answers wrongly on the source already proves nothing about a backup. */
function withoutWrongAnswers(
  { record }: Drill,
  expectation: Expectation,
  before: Observation,
): Pick<OwnContent, "expectation" | "before"> {
  const wrong: { graph: string; code: FindingCode; subject: string; message: string }[] = judgeAll(expectation, before)
    .findings.filter(({ severity, code }) => severity === "error" && /^(?:index|word|stopword|fulltext)-/.test(code))
    .map(({ code, subject, message }) => ({ graph: subject.split("/")[0] ?? "", code, subject, message }));
  if (wrong.length === 0) return { expectation, before };
  for (const { code, subject, message } of wrong)
    record.finding({
      code: "source-broken-before",
      severity: "info",
      subject,
      message,
      evidence: { code },
    });
  const graphs = new Set(wrong.map(({ graph }) => graph));
  const quiet = <Graph extends { name: string }>(graph: Graph, change: Partial<Graph>): Graph =>
    graphs.has(graph.name) ? { ...graph, ...change } : graph;
  return {
    expectation: {
      ...expectation,
      graphs: expectation.graphs.map((graph): GraphExpectation => quiet(graph, { lookups: [], words: [] })),
    },
    before: {
      ...before,
      graphs: before.graphs.map((graph) => quiet(graph, { indexAnswers: [], wordAnswers: [], notOperational: [] })),
    },
  };
}

/** Names of graphs as a server with graphs in several databases lists them. */
function elsewhereNames({ summary }: OwnGraph): ReadonlySet<string> {
  return new Set(
    summary.graphs.filter(({ database }) => database !== 0).map(({ name }) => `${name} (in another database)`),
  );
}

/** A few nodes of each graph, from which the texts are taken that must not lie in a backup in clear. */
function datasetOf({ seed, nodes, dims, options }: Drill, graphs: readonly ReadGraph[]): Dataset {
  const plans = graphs.map(({ name, counts, nodes: kept }): GraphPlan => {
    const unknown = (): never => {
      throw new DrillError(`the records of ${name} are not known`, { exit: "internal" });
    };
    return {
      name,
      groupId: name,
      indexes: [],
      counts,
      nodes: unknown,
      edges: unknown,
      node: (id) => kept[Math.floor((id * kept.length) / counts.nodes)] ?? unknown(),
      afterLoad: [],
    };
  });
  const { shape, schema } = options;
  return { options: { seed, nodes, shape, variant: "clean", dims, schema }, version: 0, graphs: () => plans };
}

/** Names what differs between the file and a restored graph, entity by entity. */
async function locate(drill: Drill, own: OwnGraph, endpoint: Endpoint, graph: string): Promise<EntityPair | undefined> {
  const { engines, signal, progress } = drill;
  await using reader = await pristine(engines, own, signal);
  const ends = { a: reader.endpoint, b: endpoint };
  const { graphs } = await diffServers(ends, { graph: [{ a: graph, b: graph }], progress, signal });
  const found = graphs[0]?.differences;
  if (found === undefined) return undefined;
  const { nodes, edges } = found;
  const count = [nodes, edges].reduce((sum, side) => sum + side.missing + side.extra + side.changed, 0);
  const differences = found.differences.map(({ ends: _ends, ...difference }) => difference);
  return { differences, found: count, buckets: 0, bucketsRead: 0, entitiesRead: count };
}

/** Compares the graphs of the other databases, which a drill does not observe, with those of the file. */
export async function proveElsewhere(drill: Drill, own: OwnGraph | undefined, target: Engine): Promise<void> {
  if (own === undefined || elsewhereNames(own).size === 0) return;
  const { engines, signal, progress, record } = drill;
  progress.step("prove: the graphs of the other databases");
  await using reader = await pristine(engines, own, signal);
  const options = { databases: (database: number) => database !== 0, progress, signal };
  const found = await diffServers({ a: reader.endpoint, b: target.endpoint }, options);
  for (const finding of found.findings) record.finding(finding);
  record.witness("graphsCompared", found.graphs.length);
}
