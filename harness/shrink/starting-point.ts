// What of a run is shrunk: one finding, and the graph of its scenario as its seed generates it.
import { existsSync, readFileSync } from "node:fs";
import { shapeNames, variantNames, type DatasetOptions } from "../../generators/model.ts";
import { dataset } from "../../generators/dataset.ts";
import { DrillError, usageError } from "../base/errors.ts";
import { didYouMean } from "../base/suggest.ts";
import { expectedContent } from "../check/expect/expected.ts";
import type { Expectation } from "../check/observation.ts";
import { judgementSchema, judgementsFile, type StoredJudgement } from "../record/judgement.ts";
import { classOfFinding, type ScenarioResult, type StoredFinding } from "../record/result.ts";
import { observationFolder, readJsonLines, readResult, readRun, RunDirectory } from "../record/run-directory.ts";
import { generatedGraphs } from "./case-dataset.ts";
import { caseOf, caseSchema } from "./case-file.ts";
import { runOptions, type RunOptions } from "./run-options.ts";
import type { ShrinkCase } from "./shrink-case.ts";

export interface StartingPoint {
  readonly scenario: string;
  readonly finding: StoredFinding;
  readonly whole: ShrinkCase;
  readonly seed: number;
  readonly options: RunOptions;
  /** What could not be made as it was in the run, as sentences. */
  readonly notes: readonly string[];
}

export interface WantedFinding {
  /** A finding code. */
  readonly finding?: string | undefined;
  /** Part of a scenario's id. */
  readonly scenario?: string | undefined;
}

export async function startingPoint(path: string, wanted: WantedFinding): Promise<StartingPoint> {
  if (!existsSync(path)) throw usageError(`${path} does not exist`, "Give the folder that `falkordrill run` wrote.");
  const directory = RunDirectory.open(path);
  const options = runOptions(readRun(path));
  const { scenarios } = await readResult(path);
  const file = directory.file(judgementsFile);
  const judgements = existsSync(file) ? await readJsonLines(file, judgementSchema) : [];
  const { scenario, finding } = choose(scenarios, judgements, wanted);
  const seed = seedOf(scenario.id) ?? options.seed;
  const recorded = readStored(directory, scenario.id, "case");
  if (recorded !== undefined)
    return { scenario: scenario.id, finding, whole: caseOf(caseSchema.parse(recorded)), seed, options, notes: [] };
  const expectation = readStored(directory, scenario.id, "expectation") as Expectation | undefined;
  const { options: generated, notes } = await generatorOptions({ ...options, seed }, expectation);
  const whole = { graphs: generatedGraphs(generated), operations: [], server: options.server };
  return { scenario: scenario.id, finding, whole, seed, options, notes };
}

/** Findings that say most about what was lost come first. */
const preferred: readonly RegExp[] = [
  /^(?:graph-missing|node-missing|edge-missing|node-changed|edge-changed|node-extra|edge-extra)$/,
  /^(?:index|constraint|vector|property|node|edge|double|fulltext)/,
  /^write-(?:lost|overtaken|hole)$/,
];

function choose(
  results: readonly ScenarioResult[],
  judgements: readonly StoredJudgement[],
  { finding: code, scenario: part }: WantedFinding,
): { readonly scenario: ScenarioResult; readonly finding: StoredFinding } {
  const chosen = results.filter(({ id }) => part === undefined || id.includes(part));
  if (chosen.length === 0)
    throw usageError(
      `the run has no scenario ${part ?? ""}`,
      didYouMean(
        part ?? "",
        results.map(({ id }) => id),
      ) ?? `It has ${results.map(({ id }) => id).join(", ")}.`,
    );
  const all = chosen.flatMap((scenario) => scenario.findings.map((finding) => ({ scenario, finding })));
  const errors = all.filter(({ finding }) => finding.severity === "error");
  const found = errors.length > 0 ? errors : all.filter(({ finding }) => finding.code.startsWith("engine-"));
  const named = code === undefined ? found : all.filter(({ finding }) => finding.code === code);
  const ranked = named.toSorted((a, b) => rankOf(a.finding) - rankOf(b.finding));
  const problem = ({ scenario, finding }: (typeof all)[number]): string | undefined =>
    whyNotShrinkable(
      finding,
      judgements.filter((each) => each.scenario === scenario.id),
    );
  const possible = ranked.find((each) => problem(each) === undefined);
  if (possible !== undefined) return possible;
  const [first] = ranked;
  if (first !== undefined)
    throw usageError(
      problem(first) ?? "",
      `The smallest drill that shows it is its scenario alone: ${first.scenario.replay}`,
    );
  const codes = [...new Set(all.map(({ finding }) => finding.code))];
  if (code === undefined) throw usageError("the run has no finding that could be shrunk: it passed, or nothing ran");
  throw usageError(
    `the run has no finding ${code}`,
    didYouMean(code, codes) ?? `It has ${codes.join(", ") || "none"}.`,
  );
}

function rankOf(finding: StoredFinding): number {
  const classRank = classOfFinding(finding) === "data" ? 0 : preferred.length + 2;
  const at = preferred.findIndex((pattern) => pattern.test(finding.code));
  return classRank + (at < 0 ? preferred.length : at);
}

/** Ways in which a backup or a restore ends that one of each can show. */
const endings: ReadonlySet<string> = new Set([
  "wrong-first-answer",
  "data-refused",
  "not-recovered",
  "dump-unloadable",
  "system-failed",
  "system-crashed-engine",
  "system-leaked-engine",
  "script-failed",
  "script-left-processes",
  "backup-left-nothing",
  "server-left-stopped",
  "target-gone",
  "target-refused",
  "engine-wrote-otherwise",
]);
const shrinkableWrites: ReadonlySet<string> = new Set(["write-lost", "write-overtaken", "write-hole"]);

const aboutKind: Readonly<Record<StoredJudgement["kind"], string>> = {
  content: "what a graph holds",
  writes: "how single writes of an episode lie to each other",
  moment: "writers straight at the engine, and a moment between two of their writes",
  canaries: "the checks of the drill itself",
  pause: "how long and how surely the writers were paused",
  stored: "the bytes of the stored backup",
};

function aboutCode(code: string): string {
  if (code.startsWith("retention-")) return "several backups of one server, and which of them comes back";
  if (/^(?:chain|archive|replay|bad-chain)/.test(code)) return "a chain of increments";
  return "more than one backup and one restore";
}

/** Says in one sentence what a small drill of one backup and one restore cannot show. */
function whyNotShrinkable(finding: StoredFinding, judgements: readonly StoredJudgement[]): string | undefined {
  const { code, judgement } = finding;
  const kind = judgements.find(({ subject }) => subject === judgement)?.kind;
  const isPossible =
    kind === undefined ? endings.has(code) : kind === "content" || (kind === "writes" && shrinkableWrites.has(code));
  if (isPossible) return undefined;
  const about = kind === undefined ? aboutCode(code) : aboutKind[kind];
  return `${code} cannot be shrunk: it is about ${about}, and not about what a small graph shows`;
}

function seedOf(scenario: string): number | undefined {
  const [, seed] = /@(\d+)$/.exec(scenario) ?? [];
  return seed === undefined ? undefined : Number(seed);
}

function readStored(directory: RunDirectory, scenario: string, name: string): unknown {
  const file = directory.file("observations", observationFolder(scenario), `${name}.json`);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as unknown) : undefined;
}

const smallNodes = 300;

/** The options with which the generator makes what the scenario expected; a scenario may have its own variant and size. */
async function generatorOptions(
  { seed, nodes, shape, dims, schema }: Omit<DatasetOptions, "variant">,
  expectation: Expectation | undefined,
): Promise<{ readonly options: DatasetOptions; readonly notes: readonly string[] }> {
  const given = { seed, nodes, shape, dims, schema, variant: "clean" } as const;
  if (expectation !== undefined)
    for (const options of candidates(given, expectation))
      if (await isSame(options, expectation)) return { options, notes: [] };
  const small = Math.min(nodes, smallNodes);
  const note = `the graph of the scenario could not be generated again; it began with one of ${small} nodes`;
  return { options: { ...given, nodes: small }, notes: [note] };
}

function candidates(given: DatasetOptions, { graphs, seed }: Expectation): DatasetOptions[] {
  const counts = graphs.map(({ fingerprint }) => fingerprint.nodes.count);
  const sizes = new Set([given.nodes, counts.reduce((sum, count) => sum + count, 0), ...counts]);
  const shapes = new Set([given.shape, ...shapeNames]);
  return variantNames.flatMap((variant) =>
    [...shapes].flatMap((shape) =>
      [...sizes].flatMap((nodes) => {
        const options = { ...given, seed, variant, shape, nodes };
        // Variants add some nodes of their own to those that were asked for.
        const added = nodesOf(options) - nodes;
        return added > 0 && added < nodes ? [options, { ...options, nodes: nodes - added }] : [options];
      }),
    ),
  );
}

function nodesOf(options: DatasetOptions): number {
  return [...dataset(options).graphs()].reduce((sum, { counts }) => sum + counts.nodes, 0);
}

async function isSame(options: DatasetOptions, expectation: Expectation): Promise<boolean> {
  const planned = new Map([...dataset(options).graphs()].map(({ name, counts }) => [name, counts]));
  const isPlanned = expectation.graphs.every(
    ({ name, fingerprint }) =>
      planned.get(name)?.nodes === fingerprint.nodes.count && planned.get(name)?.edges === fingerprint.edges.count,
  );
  if (planned.size !== expectation.graphs.length || !isPlanned) return false;
  const { graphs } = await expectedContent(dataset(options));
  const sums = (all: Expectation["graphs"]): string =>
    JSON.stringify(all.map(({ name, fingerprint }) => [name, fingerprint]));
  return sums(graphs) === sums(expectation.graphs);
}

/** A scenario's graph of millions is not loaded statement by statement. */
const nodesMax = 50_000;

export function mustBeSmall({ graphs }: ShrinkCase): void {
  const nodes = graphs.reduce((sum, graph) => sum + graph.nodes.length, 0);
  if (nodes <= nodesMax) return;
  throw new DrillError(`the scenario has ${nodes} nodes; at most ${nodesMax} are tried`, {
    exit: "usage",
    hint: "Run the scenario with fewer --nodes, and shrink that run.",
  });
}
