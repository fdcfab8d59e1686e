// The setup of the retention scenarios: a source whose state is numbered, so that restore points can be told apart, and
// the generated graph, which each of them must hold to the last property.
import { DrillError, errorMessage } from "../../../base/errors.ts";
import type { Progress } from "../../../base/progress.ts";
import type { Engine } from "../../../engine/engine.ts";
import { connect } from "../../../falkordb/client/connection.ts";
import type { Observation } from "../../../check/observation.ts";
import type { RestorePoint } from "../../../system/system.ts";
import type { PruneOutcome, RetentionRules } from "../../../system/retention-request.ts";
import type { Drill } from "../../drill.ts";
import { type IdleSetup, prepareIdle, proveContent } from "../../setup/idle-setup.ts";
import { fromRestored } from "../../guard/blame.ts";
import { expectedRefusal } from "../../guard/expected-refusal.ts";
import { ownEngines } from "../../guard/own-engines.ts";
import { restoreTarget } from "../../setup/restore-way.ts";
import { graphsOfDatabase } from "../../../falkordb/client/graphs-by-database.ts";

export type RetentionSetup = IdleSetup;

const stateGraph = "drill-state";

/** `first` fills the source before the generated graph does. */
export async function prepareRetention(
  drill: Drill,
  resources: AsyncDisposableStack,
  first?: (source: Engine) => Promise<void>,
): Promise<RetentionSetup> {
  // Otherwise a fast change is replicated as query text, and an increment becomes a full backup.
  return await prepareIdle(drill, resources, { start: { moduleArgs: { EFFECTS_THRESHOLD: "0" } }, first });
}

/** Writes a state number to the source and backs it up. */
export async function backUpState(ground: RetentionSetup, state: number): Promise<RestorePoint> {
  const { drill, source, system } = ground;
  await setState(ground, state);
  const { progress, signal } = drill;
  return (await system.backup({ source, coordinator: undefined, progress, signal })).point;
}

async function setState({ source }: RetentionSetup, state: number): Promise<void> {
  await using connection = await connect(source.endpoint);
  await connection.query(stateGraph, "MERGE (s:State) SET s.number = $state", { state });
}

/** Adds an increment to the chain of `base` that ends with this state; nothing where the system makes none by hand. */
export async function addIncrement(ground: RetentionSetup, state: number, base: string): Promise<void> {
  const { drill, source, system } = ground;
  const { progress, signal } = drill;
  if (system.backupIncrement === undefined)
    return drill.record.notCovered(`increments: the ${system.name} system makes none by hand`);
  await setState(ground, state);
  const outcome = await system.backupIncrement({ source, coordinator: undefined, progress, signal });
  if (outcome.base !== base || !outcome.continued)
    throw new DrillError(`the increment does not continue the chain of ${base}`, {
      exit: "notRecovered",
      code: "chain-not-continued",
    });
}

/** Prunes by these rules; undefined if the system cannot. What it lists must be what it reports as kept. */
export async function pruneBy(ground: RetentionSetup, rules: RetentionRules): Promise<PruneOutcome | undefined> {
  const { drill, system } = ground;
  const prune = system.prune?.bind(system);
  if (prune === undefined) {
    drill.record.notCovered(`retention: the ${system.name} system has no prune`);
    return undefined;
  }
  const { progress, signal } = drill;
  drill.progress.step("prune");
  const request = { rules, zone: "UTC", progress, signal };
  await mustOnlyReport(ground, () => prune({ ...request, dryRun: true }));
  const outcome = await prune({ ...request, dryRun: false });
  const said = outcome.decisions.filter(({ keep }) => keep).map(({ id }) => id);
  await mustList(ground, new Set(said), "what the prune said that it kept");
  drill.record.witness("pointsPruned", outcome.decisions.length - said.length);
  return outcome;
}

/** A dry run removes nothing; a system that has none says so. */
async function mustOnlyReport({ drill, system }: RetentionSetup, dryRun: () => Promise<PruneOutcome>): Promise<void> {
  const { record } = drill;
  const before = (await system.list()).map(({ id }) => id);
  const outcome = await dryRun().catch(expectedRefusal);
  if (outcome instanceof DrillError) return record.notCovered(`a dry run of prune: ${errorMessage(outcome)}`);
  const listed = (await system.list()).map(({ id }) => id);
  const gone = before.filter((id) => !listed.includes(id));
  if (gone.length === 0) return;
  record.finding({
    code: "retention-removed-too-much",
    severity: "error",
    subject: gone[0] ?? "",
    message: `a dry run of the prune of the ${system.name} system removed ${gone.length} backups`,
    evidence: { before, listed },
  });
}

/** A listed full backup that is not expected, or the reverse, is a finding. */
export async function mustList(
  { drill, system }: RetentionSetup,
  ids: ReadonlySet<string>,
  what: string,
): Promise<void> {
  const listed = (await system.list()).map(({ id }) => id);
  const isFull = (id: string): boolean => !system.capabilities.has("incremental") || !id.includes("/");
  const fulls = (all: readonly string[]): string[] => all.filter(isFull).toSorted();
  if (fulls(listed).join() === fulls([...ids]).join()) return;
  drill.record.finding({
    code: "retention-list-differs",
    severity: "error",
    subject: drill.id,
    message: `the system does not list ${what}`,
    evidence: { listed, expected: [...ids] },
  });
}

/** Restores a point and proves it: the generated graph to the last property, and the state by its number. */
export async function proveState(
  ground: RetentionSetup,
  point: string,
  state: number,
  { latest = false }: { readonly latest?: boolean } = {},
): Promise<void> {
  const { drill, system, source } = ground;
  const { progress, signal } = drill;
  progress.step(`restore and prove state ${state}`);
  const into = await restoreTarget(system, { source, engines: ownEngines(drill.engines), signal });
  const at = latest ? ({ at: "latest" } as const) : {};
  const outcome = await system.restore({ point, ...at, ...into, progress, signal });
  await using own = new AsyncDisposableStack();
  if (outcome.target !== source) own.use(outcome.target);
  await proveStateOf(ground, outcome.target, { point, state });
}

/** Judges a restored server: the generated graph to the last property, and the state by its number. */
export async function proveStateOf(
  { drill, content }: RetentionSetup,
  target: Engine,
  { point, state }: { readonly point: string; readonly state: number },
): Promise<void> {
  const { record } = drill;
  const found = await fromRestored(drill, stateOf(target));
  if (found !== state)
    record.finding({
      code: "retention-wrong-state",
      severity: "error",
      subject: point,
      message: `the restore brought back ${found === undefined ? "no numbered state" : `state ${JSON.stringify(found)}`}, and state ${state} was backed up under this name`,
      evidence: { point, expected: state, found },
    });
  await proveContent({ drill, content }, target, `target-${state}`, [stateGraph]);
  record.witness("statesProven", 1);
}

/** The state number is not part of what the seed says. */
export function withoutState(observed: Observation): Observation {
  return { ...observed, graphNames: observed.graphNames.filter((name) => name !== stateGraph) };
}

/** Returns the same progress with another receiver for its steps. */
export function withStep(progress: Progress, step: Progress["step"]): Progress {
  return {
    step,
    advance: (done, total, unit) => progress.advance(done, total, unit),
    note: (line) => progress.note(line),
  };
}

async function stateOf(target: Engine): Promise<unknown> {
  await using connection = await connect(target.endpoint);
  if (!(await graphsOfDatabase(connection)).includes(stateGraph)) return undefined;
  const { rows } = await connection.roQuery(stateGraph, "MATCH (s:State) RETURN s.number");
  return rows[0]?.[0];
}
