// Plants canaries on a restored server that was judged: two small graphs of the drill's own, read once as they were
// written and once after damage, by the functions that read the restored graphs. Their judge is record/canaries.ts.
import { randomBytes } from "node:crypto";
import type { Dataset, GraphPlan, IndexSpec } from "../../../generators/model.ts";
import { type EpisodeMessage, randomMessage, uuidOf } from "../../../generators/writes/episode-message.ts";
import { episodeWrites } from "../../../generators/writes/episode-writes.ts";
import { ledger } from "../../../generators/writes/ledger.ts";
import { systemClock } from "../../base/clock.ts";
import { DrillError, errorMessage } from "../../base/errors.ts";
import { expectedContent } from "../../check/expect/expected.ts";
import type { MomentEvidence } from "../../check/history/moments.ts";
import type { Expectation, Observation } from "../../check/observation.ts";
import type { Engine } from "../../engine/engine.ts";
import { connect, type Connection } from "../../falkordb/client/connection.ts";
import { untilOperational } from "../../falkordb/client/operational.ts";
import { queryLogOf } from "../../falkordb/client/query-log.ts";
import { isReplyError } from "../../falkordb/client/reply.ts";
import { writeEpisode } from "../../falkordb/load/write-episode.ts";
import { indexStatements } from "../../../generators/schema/index-statements.ts";
import { observe } from "../../observe/observe.ts";
import type { CanaryEvidence, PlantedCanaries } from "../../record/canaries.ts";
import { judgeCanariesAndStore } from "../../record/judgement.ts";
import { expectedGraphs } from "../../workload/history/expected-graph.ts";
import type { MessageSource } from "../../workload/history/expected-writes.ts";
import type { WriteRecord } from "../../workload/history/history.ts";
import { observeKind } from "../../workload/observe-kind.ts";
import type { Drill } from "../drill.ts";
import { readEpisodesBack } from "./written-content.ts";

/** Writes made to each graph; one more counts as acknowledged and is withheld. */
const writesMade = 2;
const writer = "canary";
/** Few and short: their number decides what a reading costs. */
const indexes: readonly IndexSpec[] = [
  { entity: "node", label: "Entity", range: ["uuid"], fulltext: [] },
  { entity: "edge", label: "RELATES_TO", range: ["uuid"], fulltext: [] },
];
const dimsMax = 8;
const answerTimeoutMs = 60_000;

const metric = "canaryMs";

/** Plants them once in a scenario, on the first server that it judges. */
export async function plantCanaries(drill: Drill, target: Engine): Promise<void> {
  const { record, signal } = drill;
  if (record.getMetric(metric) !== undefined) return;
  // It takes no canary either, and a reply may never come.
  if (record.result().findings.some(({ code }) => code === "target-refuses-writes")) return;
  drill.progress.step("prove the checks: planted canaries");
  const startedMs = systemClock.monotonicMs();
  try {
    judgeCanariesAndStore(drill, await evidenceOf(drill, target));
  } catch (error) {
    if (signal.aborted || !(error instanceof DrillError || isReplyError(error))) throw error;
    const message = `the checks could not be tried on the restored server: ${errorMessage(error)}`;
    record.finding({ code: "canary-not-planted", severity: "error", subject: target.name, message, evidence: {} });
  }
  record.metric(metric, systemClock.monotonicMs() - startedMs);
}

async function evidenceOf(drill: Drill, target: Engine): Promise<CanaryEvidence> {
  const { signal } = drill;
  await using connection = await connect(target.endpoint, { commandTimeoutMs: answerTimeoutMs, signal });
  const names = { episodes: `falkordrill-canary-${randomBytes(4).toString("hex")}`, ledger: "" };
  names.ledger = `${names.episodes}-ledger`;
  await using _graphs = removing(connection, Object.values(names));
  const episodes = await writeEpisodes(connection, names.episodes, drill);
  const transfers = await writeTransfers(connection, names.ledger, drill.seed);
  const known = { episodes, drill, target };
  const clean = await observeEpisodes(known);
  const source = { ...episodes.source };
  const end = (writesMade + 1) * writeMs;
  const cut = { fromMs: end, toMs: end };
  const moment = async (): Promise<MomentEvidence> => {
    const graphs = [await observeKind(connection, names.ledger, "ledger", new Set([names.ledger]))];
    return { seed: drill.seed, cut, backup: cut, disasterMs: null, graphs };
  };
  const back = await readEpisodesBack(target, [names.episodes]);
  const before = {
    writes: { cut, disasterMs: null, groups: [names.episodes], ...back, source },
    moment: await moment(),
  };
  const planted = await damage(connection, names, episodes);
  return {
    planted,
    expectation: episodes.expectation,
    laterExpectation: episodes.laterExpectation,
    clean,
    damaged: await observeEpisodes(known),
    history: [...episodes.history, ...transfers].filter(({ sequence }) => sequence < writesMade),
    withheld: [...episodes.history, ...transfers].filter(({ sequence }) => sequence === writesMade),
    ...before,
    damagedMoment: await moment(),
  };
}

function removing(connection: Connection, graphs: readonly string[]): AsyncDisposable {
  const remove = async (): Promise<void> => {
    for (const graph of graphs) {
      await connection.command("GRAPH.DELETE", graph).catch(() => {});
      await connection.command("DEL", queryLogOf(graph)).catch(() => {});
    }
  };
  return { [Symbol.asyncDispose]: remove };
}

/** Milliseconds between two writes, on a clock of the canaries' own. */
const writeMs = 10;

function historyOf(kind: string, graph: string, uuidAt: (sequence: number) => string): WriteRecord[] {
  return Array.from({ length: writesMade + 1 }, (_, sequence) => ({
    writer: `${writer}-${kind}`,
    sequence,
    attempt: 0,
    kind,
    invokedMs: sequence * writeMs,
    completedMs: sequence * writeMs + 1,
    outcome: "ok",
    graph,
    uuid: uuidAt(sequence),
  }));
}

interface Episodes {
  readonly graph: string;
  readonly source: MessageSource;
  /** Includes the withheld write. */
  readonly history: readonly WriteRecord[];
  readonly first: EpisodeMessage;
  readonly dataset: Dataset;
  readonly expectation: Expectation;
  readonly laterExpectation: Expectation;
}

async function writeEpisodes(
  connection: Connection,
  graph: string,
  { seed, dims, options: { schema }, signal }: Drill,
): Promise<Episodes> {
  const source: MessageSource = { seed, dims: Math.min(dims, dimsMax), schema };
  const messageAt = (sequence: number): EpisodeMessage =>
    randomMessage({ ...source, writer: `${writer}-episode`, sequence, groupId: graph });
  const history = historyOf("episode", graph, (sequence) => messageAt(sequence).uuid);
  for (const statement of indexStatements(indexes)) await connection.query(graph, statement);
  for (const { sequence } of history.slice(0, writesMade))
    await writeEpisode(connection, graph, episodeWrites(messageAt(sequence)));
  await untilOperational(connection, graph, { timeoutMs: answerTimeoutMs, signal });
  const dataset = datasetOf(history.slice(0, writesMade), source);
  const later = datasetOf(history, source);
  const [expectation, laterExpectation] = [await expectedBy(dataset), await expectedBy(later)];
  return { graph, source, history, first: messageAt(0), dataset, expectation, laterExpectation };
}

function datasetOf(history: readonly WriteRecord[], source: MessageSource): Dataset {
  const graphs = expectedGraphs(history, source).map((plan): GraphPlan => ({
    name: plan.name,
    groupId: plan.groupId,
    counts: plan.counts,
    indexes,
    afterLoad: [],
    nodes: () => plan.nodes(),
    edges: () => plan.edges(),
    node: (id) => plan.node(id),
  }));
  const { seed, dims, schema } = source;
  const options: Dataset["options"] = { seed, nodes: 0, shape: "personal", variant: "clean", dims, schema };
  return { options, version: 0, graphs: () => graphs };
}

/** Without searches, and of the lookups only those by equality: others an index of FalkorDB 4.16 answers wrongly. */
async function expectedBy(dataset: Dataset): Promise<Expectation> {
  const expectation = await expectedContent(dataset);
  return {
    ...expectation,
    graphs: expectation.graphs.map((graph) =>
      Object.assign({}, graph, { lookups: graph.lookups.filter(({ operator }) => operator === "="), searches: [] }),
    ),
  };
}

async function writeTransfers(connection: Connection, graph: string, seed: number): Promise<WriteRecord[]> {
  const history = historyOf("ledger", graph, (sequence) => `${writer}-ledger/${sequence}`);
  const made = history.slice(0, writesMade);
  const statements = [...ledger.setUp(), ...made.map((write) => ledger.write({ seed, ...write }))];
  for (const { cypher, parameters } of statements) await connection.query(graph, cypher, parameters);
  return history;
}

interface Read {
  readonly episodes: Episodes;
  readonly drill: Drill;
  readonly target: Engine;
}

async function observeEpisodes({ episodes, drill, target }: Read): Promise<Observation> {
  const { expectation, dataset, graph } = episodes;
  const options = { role: "target", dataset, besides: false, signal: drill.signal } as const;
  const observed = await observe(target, expectation, options);
  return { ...observed, graphNames: observed.graphNames.filter((name) => name === graph) };
}

const flippedAccount = 0;

/** Damages the graphs, each in one place, and returns the finding that names each of them. */
async function damage(
  connection: Connection,
  names: { readonly episodes: string; readonly ledger: string },
  { first, history }: Episodes,
): Promise<PlantedCanaries> {
  const { episodes: graph, ledger: accounts } = names;
  const [, entity] = first.entities;
  const [mention] = first.mentions;
  const [uuid, edge] = [uuidOf(entity?.properties ?? {}), uuidOf(mention?.properties ?? {})];
  await connection.query(graph, "MATCH (n:Entity {uuid: $uuid}) SET n.name = 'changed by the drill'", { uuid });
  await connection.query(graph, "MATCH ()-[e:MENTIONS {uuid: $edge}]->() DELETE e", { edge });
  await connection.query(graph, "DROP INDEX ON :Entity(uuid)");
  const flip = "MATCH (a:Account {number: $number}) SET a.balance = a.balance + 1";
  await connection.query(accounts, flip, { number: flippedAccount });
  const label = ["Entity", entity?.type ?? []].flat().toSorted().join(":");
  const lost = (write: WriteRecord | undefined): string => `${write?.graph}/${write?.writer}/${writesMade}`;
  return {
    "flipped-property": { code: "node-changed", subject: `${graph}/${label}/${uuid}/name` },
    "missing-edge": { code: "edge-missing", subject: `${graph}/MENTIONS/${edge}` },
    "missing-index": { code: "index-missing", subject: `${graph}/Entity` },
    "stale-source": { code: "node-count-differs", subject: `${graph}/Episodic` },
    "lost-write": { code: "write-lost", subject: lost(history.at(-1)) },
    "flipped-balance": { code: "ledger-balance-differs", subject: `${accounts}/Account/${flippedAccount}` },
    "lost-transfer": { code: "write-lost", subject: `${accounts}/${writer}-ledger/${writesMade}` },
  };
}
