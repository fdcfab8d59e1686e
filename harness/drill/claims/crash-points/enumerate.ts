// Kills a command of the vault at the first point that it passes, at the second, and so on to the last, or lets that step
// fail. After each the old state or the new one is there, and the next run of the same command succeeds.
import { readdir } from "node:fs/promises";
import { Draw } from "../../../../generators/random.ts";
import { endedBy } from "../../../base/deadline.ts";
import { DrillError, explanationOf } from "../../../base/errors.ts";
import type { FindingCode } from "../../../base/findings/finding-codes.ts";
import { type CrashPoint, type CrashPointGroup, crashPoints } from "../../../base/process/crash-point.ts";
import { privateFolder } from "../../../base/process/reaper.ts";
import { waitFor } from "../../../base/wait.ts";
import type { Drill } from "../../drill.ts";
import { type Crash, startCrashing } from "./crash-process.ts";

/** A command on something that it may change. */
export interface CrashAttempt {
  readonly words: readonly string[];
  readonly interruptAt?: string;
  /** Judges what a kill, or a failure, left. */
  afterKill(): Promise<readonly Problem[]>;
  /** Judges what the command has cleaned up by itself when it ended after a failure, with this exit code. */
  afterFailure?(status: number): Promise<readonly Problem[]>;
  /** Runs the same command again, in this process, and judges what is there now. */
  again(): Promise<readonly Problem[]>;
}

export interface CrashingCommand {
  readonly name: string;
  /** Groups of the points that it passes. */
  readonly groups: readonly CrashPointGroup[];
  /** Prepares attempt number `kill`; 0 is the one that nothing kills. */
  readonly prepare: (kill: number) => Promise<CrashAttempt>;
  readonly nodeFlags?: readonly string[] | undefined;
  /** What happens at each point: the process is killed (by default), or the step fails as by an I/O error. */
  readonly fault?: StepFault;
}

export type StepFault = "kill" | "fail";

export interface Problem {
  readonly code: FindingCode;
  readonly message: string;
  readonly evidence?: Readonly<Record<string, unknown>>;
}

/** Longest time that the run after a kill may take: a lock of a dead process on this machine makes nobody wait. */
const againTimeoutMs = 60_000;
const emptyTimeoutMs = 10_000;
const sampled = 4;
const faultWords: Readonly<Record<StepFault, string>> = { kill: "killed", fail: "failed" };

/** Breaks a command at every point; in the short profiles at some that the seed chooses. */
export async function breakAtEveryPoint(drill: Drill, command: CrashingCommand): Promise<void> {
  const { record, progress, seed } = drill;
  const { fault = "kill" } = command;
  const isWhole = drill.options.profile === "nightly" || drill.options.profile === "release";
  const whole = await countPoints(drill, command);
  const numbers = chosen(whole.length, isWhole ? undefined : sampled, new Draw(seed, `crash-points-${command.name}`));
  const rows = new Map<CrashPoint, { kills: number; survived: number }>();
  const known = knownTo(command);
  const broken = fault === "kill" ? "processesKilled" : "stepsFailed";
  let attempts = 0;
  const kill = async (where: number | CrashPoint): Promise<void> => {
    progress.step(`${command.name}, ${faultWords[fault]} at ${where} of ${whole.length}`);
    attempts += 1;
    const { at, problems } = await breakAt(drill, command, { attempt: attempts, where });
    if (at === undefined) return;
    for (const problem of problems) report(drill, command, at, problem);
    const row = rows.get(at) ?? { kills: 0, survived: 0 };
    rows.set(at, { kills: row.kills + 1, survived: row.survived + (problems.length === 0 ? 1 : 0) });
    record.witness(broken, 1);
    if (problems.length === 0) record.witness(fault === "kill" ? "killsSurvived" : "failuresSurvived", 1);
  };
  for (const number of numbers) await kill(number);
  // The heartbeats of a slow run are points too: it has a higher number at the same step than the run that was counted.
  if (isWhole) for (const name of known.filter((point) => whole.includes(point) && !rows.has(point))) await kill(name);
  const hit = known.filter((point) => rows.has(point));
  record.witness("crashPointsKnown", known.length);
  record.witness("crashPointsHit", hit.length);
  record.observation(`crash-points-${command.name.replaceAll(/[^a-z]+/g, "-")}`, Object.fromEntries(rows));
  const missed = known.filter((point) => !whole.includes(point) || (isWhole && !rows.has(point)));
  if (missed.length > 0)
    record.assumption("crash-points-missed", `${command.name} did not pass ${missed.join(", ")}`, { missed });
  record.requireWitnesses(broken);
}

function knownTo({ groups }: Pick<CrashingCommand, "groups">): readonly CrashPoint[] {
  return groups.flatMap((group) => crashPoints[group].map((name) => `${group}/${name}` as CrashPoint));
}

/** All, or one of each stretch of equal length, so that every phase of the command has its kills. */
function chosen(count: number, sample: number | undefined, draw: Draw): readonly number[] {
  if (sample === undefined || sample >= count) return Array.from({ length: count }, (_, index) => index + 1);
  return Array.from({ length: sample }, (_, stretch) => 1 + Math.floor(((stretch + draw.unit()) * count) / sample));
}

/** The points that the command passes when nothing kills it. */
async function countPoints(drill: Drill, command: CrashingCommand): Promise<readonly CrashPoint[]> {
  drill.progress.step(`${command.name}, not killed`);
  await using temporary = await privateFolder("t");
  const { passed, status, stderr } = await run(command, await command.prepare(0), "list", temporary.path);
  if (status === 0 && passed.length > 0) return passed;
  throw new DrillError(`${command.name} failed without a kill: ${stderr.slice(-2000)}`, { exit: "notRecovered" });
}

function run(
  { nodeFlags }: CrashingCommand,
  { words, interruptAt }: CrashAttempt,
  crash: string,
  temporary: string,
): Promise<Crash> {
  return startCrashing({
    words,
    crash,
    temporary,
    ...(nodeFlags === undefined ? {} : { nodeFlags }),
    ...(interruptAt === undefined ? {} : { interruptAt }),
  }).ended;
}

interface Break {
  /** Number of this attempt, from 1. */
  readonly attempt: number;
  /** Number of the point passed, or its name. */
  readonly where: number | CrashPoint;
}

async function breakAt(
  drill: Drill,
  command: CrashingCommand,
  { attempt: number, where }: Break,
): Promise<{ readonly at: CrashPoint | undefined; readonly problems: readonly Problem[] }> {
  drill.signal.throwIfAborted();
  const { fault = "kill" } = command;
  await using temporary = await privateFolder("t");
  const attempt = await command.prepare(number);
  const { status, stderr, ...crash } = await run(command, attempt, `${fault} ${where}`, temporary.path);
  const failedAt = typeof where === "number" ? crash.passed[where - 1] : crash.passed.find((point) => point === where);
  const at = fault === "kill" ? crash.at : failedAt;
  drill.directory.append("faults.jsonl", {
    scenario: drill.id,
    fault: `${fault}-at-crash-point`,
    fired: at !== undefined,
    detail: { command: command.name, number: where, at: at ?? null, status },
  });
  if (at === undefined) {
    // A retry, or parts that are stored at the same time, may make a run one point shorter than another.
    drill.progress.note(`${command.name} ended before point ${where}: ${stderr.slice(-300)}`);
    return { at, problems: [] };
  }
  const problems = [...(fault === "kill" ? [] : await judgeFailure(attempt, status, stderr))];
  problems.push(...(await attempt.afterKill()));
  try {
    problems.push(...(await endedBy(attempt.again(), AbortSignal.timeout(againTimeoutMs), 0)));
  } catch (error) {
    drill.signal.throwIfAborted();
    problems.push({ code: "crash-not-resumed", message: `the next run failed: ${explanationOf(error)}` });
  }
  return { at, problems: [...problems, ...(await leftTemporaries(temporary.path))] };
}

async function judgeFailure(attempt: CrashAttempt, status: number | null, stderr: string): Promise<readonly Problem[]> {
  if (status === null) return [{ code: "crash-not-resumed", message: `it did not end: ${stderr.slice(-500)}` }];
  return (await attempt.afterFailure?.(status)) ?? [];
}

/** What is still in the folder for temporary files, once the process that cleans up after a killed one has done so. */
export async function leftTemporaries(folder: string): Promise<readonly Problem[]> {
  const isEmpty = async (): Promise<true | undefined> => ((await readdir(folder)).length === 0 ? true : undefined);
  try {
    await waitFor(isEmpty, { what: "no temporary files", timeoutMs: emptyTimeoutMs, exit: "notRecovered" });
    return [];
  } catch {
    const left = await readdir(folder);
    return [{ code: "garbage-left", message: `temporary files are left: ${left.join(", ")}`, evidence: { left } }];
  }
}

function report(
  drill: Drill,
  { name: command, fault = "kill" }: CrashingCommand,
  at: CrashPoint,
  { code, message, evidence = {} }: Problem,
): void {
  drill.record.finding({
    code,
    severity: "error",
    subject: `${command} at ${at}`,
    message: `after ${command} was ${faultWords[fault]} at ${at}: ${message}`,
    evidence: { at, ...evidence },
  });
}
