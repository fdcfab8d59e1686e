// One swarm drill: the commands of the vault in an order that the seed draws, each with one fault or none. A command may fail with a
// message of its own while a fault is on; once it is over the same command succeeds, everything that is listed restores to the
// property, and nothing is left behind.
import { explanationOf } from "../../../base/errors.ts";
import type { FaultName } from "../../../fault/fault-names.ts";
import { systemClock } from "../../../base/clock.ts";
import { silentProgress } from "../../../base/progress.ts";
import type { Span } from "../../../check/history/moment.ts";
import type { Drill } from "../../drill.ts";
import type { Problem } from "../crash-points/enumerate.ts";
import { judgeAdded, judgeLeft, judgeSettings, readListedState } from "../crash-points/vault-state.ts";
import { type FaultedCommand, runFaulted } from "./faulted-command.ts";
import { provePoint } from "./prove-point.ts";
import { drawSwarm, drawnFault, scheduleOf, type SwarmStep } from "./swarm-plan.ts";
import { knownOf, pruneWith, type SwarmAction, swarmSteps } from "./swarm-steps.ts";
import { beginEpoch, emptyEngine, prepareSwarm, runIdOf, type SwarmSetup, targetOf } from "./swarm-setup.ts";

export interface SwarmRow {
  readonly seed: number;
  readonly command: string;
  readonly fault: string;
  readonly fired: boolean;
  readonly exit: number | null;
  readonly said: string;
  readonly ms: number;
  readonly problems: number;
}

export async function runSwarm(drill: Drill, seed: number, steps: number, only?: FaultName): Promise<SwarmRow[]> {
  const plan = drawSwarm({ seed, steps, only });
  const schedule = scheduleOf(plan);
  drill.record.observation(`swarm-${seed}`, { plan, schedule });
  await using resources = new AsyncDisposableStack();
  const setup = await prepareSwarm(drill, plan, resources);
  const rows: SwarmRow[] = [];
  const before = drill.record.result().findings.length;
  for (const [number, step] of plan.steps.entries()) {
    drill.progress.step(`seed ${seed}: ${schedule[number + 1]}`);
    rows.push(await runStep(setup, step, number));
  }
  drill.progress.step(`seed ${seed}: restore everything that is listed`);
  await proveEverything(setup);
  if (drill.record.result().findings.length > before) for (const line of schedule) drill.progress.note(line);
  return rows;
}

async function runStep(setup: SwarmSetup, step: SwarmStep, number: number): Promise<SwarmRow> {
  const { drill, plan, vault } = setup;
  const { signal, directory, record } = drill;
  const command = swarmSteps[step.command](setup);
  const words = await command.words();
  const before = new Set(setup.points.keys());
  const done = await runFaulted(setup, step, drawnFault(plan, number), words);
  noteFault(setup, step, done);
  await followEpoch(setup);
  const state = await readListedState(vault, before, signal);
  know(setup, state.points, done.span);
  const problems = [
    ...done.problems,
    ...command.judge(before, state, done.status === 0),
    ...(await attempt("the look at what it left", () => command.after(done.status === 0))),
  ];
  problems.push(...(await attempt("the same command, once the fault was over", () => again(setup, command))));
  for (const problem of problems) report(setup, number, problem);
  const said = done.stderr.split("\n").find((line) => line.includes("error:")) ?? "";
  const row: SwarmRow = {
    seed: plan.seed,
    command: step.command,
    fault: step.fault?.name ?? "",
    fired: done.record?.fired ?? false,
    exit: done.status,
    said: said.slice(0, 300),
    ms: Math.round(done.span.toMs - done.span.fromMs),
    problems: problems.length,
  };
  record.witness("commandsRun", 1);
  if (done.record !== undefined) directory.append("faults.jsonl", { scenario: drill.id, ...done.record });
  return row;
}

function noteFault(
  { drill }: SwarmSetup,
  { fault, command }: SwarmStep,
  { record, unavailable }: FaultedCommand,
): void {
  if (unavailable !== undefined) drill.record.notCovered(`${fault?.name} during a ${command}: ${unavailable}`);
  if (record?.fired === true) drill.record.witness("faultsFired", 1);
  const why = record?.detail["notInjected"];
  if (typeof why === "string") drill.progress.note(`${fault?.name} during a ${command} was not injected: ${why}`);
}

/** The same command without a fault. */
async function again(setup: SwarmSetup, command: SwarmAction): Promise<readonly Problem[]> {
  const { drill, vault, points, source, settings } = setup;
  const before = new Set(points.keys());
  const fromMs = systemClock.monotonicMs();
  const problems = [...(await command.again())];
  const state = await readListedState(vault, before, drill.signal);
  know(setup, state.points, { fromMs, toMs: systemClock.monotonicMs() });
  return [...problems, ...command.judge(before, state, true), ...(await judgeSettings(source.endpoint, settings))];
}

async function attempt(what: string, work: () => Promise<readonly Problem[]>): Promise<readonly Problem[]> {
  try {
    return await work();
  } catch (error) {
    return [{ code: "crash-not-resumed", message: `${what} failed: ${explanationOf(error)}` }];
  }
}

/** A point keeps the time of the first command after which it was listed; one that is gone is forgotten. */
function know({ points, epoch }: SwarmSetup, listed: ReadonlySet<string>, span: Span): void {
  for (const id of points.keys()) if (!listed.has(id)) points.delete(id);
  for (const id of listed) if (!points.has(id)) points.set(id, { span, epoch });
}

/** After a restart of the source everything is as its files had it, and writers begin anew. */
async function followEpoch(setup: SwarmSetup): Promise<void> {
  if ((await runIdOf(setup.source)) === setup.epoch.runId) return;
  await setup.epoch.writers.stop();
  setup.epoch = await beginEpoch(setup, setup.epochs);
  setup.epochs += 1;
}

/** At the end: nothing is left in the vault that belongs to no restore point, and each restores, a chain to its end. */
async function proveEverything(setup: SwarmSetup): Promise<void> {
  const { drill, vault, points, system, plan } = setup;
  const { signal, engines } = drill;
  const last = plan.steps.length - 1;
  await setup.epoch.writers.stop();
  const problems = await attempt("the prune at the end", async () => {
    await pruneWith(setup, { all: true });
    const state = await readListedState(vault, new Set(points.keys()), signal);
    const left = await judgeLeft(vault, state.points, await journalsOfEndedRuns(setup));
    return [...judgeAdded(new Set(points.keys()), state, 0), ...left];
  });
  for (const problem of problems) report(setup, last, problem);
  const { engine: target } = await targetOf(setup);
  for (const id of [...points.keys()].filter((name) => !name.includes("/"))) {
    const end = [...points.keys()].findLast((name) => name.startsWith(`${id}/`));
    const found = await attempt(`the restore of ${end ?? id}`, async () => {
      await emptyEngine(target);
      const at = end === undefined ? {} : ({ at: "latest" } as const);
      await system.restore({ point: id, ...at, way: "wire", target, engines, progress: silentProgress, signal });
      drill.record.witness("pointsRestored", 1);
      return await provePoint(setup, target, knownOf(setup, end ?? id));
    });
    for (const problem of found) report(setup, last, { ...problem, message: `${end ?? id}: ${problem.message}` });
  }
}

/**
 * Each command reaches the server through a proxy of its own. What it had changed on a run of the server that has ended is
 * nobody's to put back, and only the next run at that address would remove its journal.
 */
async function journalsOfEndedRuns({ vault, source }: SwarmSetup): Promise<readonly string[]> {
  const run = await runIdOf(source);
  const ended: string[] = [];
  for (const { path } of await vault.store.list("guest/"))
    if ((await vault.store.get(path))?.includes(run) === false) ended.push(path);
  return ended;
}

function report({ drill, plan }: SwarmSetup, number: number, { code, message, evidence = {} }: Problem): void {
  const schedule = scheduleOf(plan);
  const step = schedule[number + 1] ?? "";
  drill.record.finding({
    code,
    severity: "error",
    subject: `seed ${plan.seed}, ${step}`,
    message: `${step}: ${message}`,
    evidence: { ...evidence, seed: plan.seed, schedule },
    hint: `npx falkordrill run fault/swarm --seed ${plan.seed} repeats it.`,
  });
}
