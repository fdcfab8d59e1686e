// Drills of a system without a fault: none may raise an alarm. The share that might, at most, follows from how many did.
import { systemClock } from "../../base/clock.ts";
import { type ExitReason, usageError } from "../../base/errors.ts";
import { atOnce, inPool, mustRunAlone } from "../../drill/side-by-side.ts";
import type { StoredFinding } from "../../record/result.ts";
import { type DrilledOnce, drillOnce } from "../drill-once.ts";
import { type ProofHead, proofHead } from "../proof-head.ts";
import { aboutProof } from "../run-proof.ts";
import { quotedFindings } from "../run-mutant.ts";
import { borderDrill, borderSizes, type CleanDrill, drawnDrill } from "./clean-drill.ts";
import { rateBound } from "./rate-bound.ts";

export interface CleanResult {
  readonly name: string;
  readonly seed: number;
  /**
   * `silent`: no finding of severity error. `named`: the backup was called unloadable, as FalkorDB makes it. `alarm`: a
   * finding without a fault. `inconclusive`: the drill could not judge.
   */
  readonly outcome: "silent" | "named" | "alarm" | "inconclusive";
  readonly ms: number;
  /** Findings in one line; empty where it was silent. */
  readonly findings: string;
  /** The command that runs this drill again. */
  readonly repeat: string;
}

export interface SilenceProof extends ProofHead {
  /** Drills by outcome. */
  readonly counts: Readonly<Record<CleanResult["outcome"], number>>;
  /** Upper bound of the share of drills that raise a false alarm, with a confidence of 95 %. */
  readonly falseAlarmRateMax: number;
  readonly drills: readonly CleanResult[];
}

export interface SilenceRun {
  /** Number of drills, or the sizes at the border of the engine's buffer alone. */
  readonly count: number | "borders";
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly ended?: (result: CleanResult) => void;
}

/** From this many drills on, the sizes at the border are among them. */
const bordersFrom = 100;

/** Throws a `DrillError` (`usage`, exit code 2) for none. */
export function cleanDrills({ count, seed }: Pick<SilenceRun, "count" | "seed">): readonly CleanDrill[] {
  if (count === 0) throw usageError("--clean 0 would prove nothing", "300 silent drills bound the rate at 1 %.");
  const borders = count === "borders" || count >= bordersFrom ? borderSizes : [];
  const drawn = count === "borders" ? 0 : count - borders.length;
  return [
    ...borders.map((size) => borderDrill(size, seed)),
    ...Array.from({ length: drawn }, (_, at) => drawnDrill((seed + at) % 2 ** 32)),
  ];
}

export async function proveSilence(run: SilenceRun): Promise<SilenceProof> {
  const { seed, signal } = run;
  const about = await aboutProof(seed);
  const startedMs = systemClock.monotonicMs();
  const drills = cleanDrills(run);
  const pool = {
    limit: atOnce({ engine: "auto", repeat: 1 }),
    isAlone: ({ scenario }: CleanDrill) => mustRunAlone({ scenario }, { nodes: 0 }),
  };
  const results = await inPool(drills, pool, async (drill) => {
    if (signal.aborted) return undefined;
    const beganMs = systemClock.monotonicMs();
    const drilled = await drillOnce(drill.scenario, drill.options, signal);
    if (signal.aborted) return undefined;
    const result = cleanResult(drill, drilled, systemClock.monotonicMs() - beganMs);
    run.ended?.(result);
    return result;
  });
  const ended = results.filter((result) => result !== undefined);
  const counts = countsOf(ended);
  const durationMs = systemClock.monotonicMs() - startedMs;
  return {
    ...proofHead(about, { seed, planned: drills.length, durationMs, exit: silenceExit(counts, signal.aborted) }),
    counts,
    falseAlarmRateMax: rateBound(counts.alarm, counts.silent + counts.named + counts.alarm),
    drills: ended,
  };
}

function cleanResult(drill: CleanDrill, drilled: DrilledOnce, ms: number): CleanResult {
  const { seed } = drill.options;
  const clean = drill.scenario.id === "prove/clean" ? "1" : "borders";
  const differs = drilled.again?.exit === drilled.result.exit ? "" : "the stored files say otherwise";
  return {
    name: drill.name,
    seed,
    outcome: differs === "" ? outcomeOf(drill, drilled) : "alarm",
    ms: Math.round(ms),
    findings: drilled.errors.length === 0 ? differs : quotedFindings(drilled.errors),
    repeat: `npx falkordrill prove --clean ${clean} --seed ${seed}`,
  };
}

export function outcomeOf(
  { unloadable }: Pick<CleanDrill, "unloadable">,
  {
    result,
    errors,
  }: { readonly result: Pick<DrilledOnce["result"], "exit" | "verdict"> } & Pick<DrilledOnce, "errors">,
): CleanResult["outcome"] {
  if (unloadable && errors.length > 0 && errors.every(namesTheEngine)) return "named";
  if (result.exit === "pass") return "silent";
  return result.verdict === "fail" ? "alarm" : "inconclusive";
}

/** The vault names the version from which on such a dump can be loaded. */
function namesTheEngine({ code, message, hint = "" }: StoredFinding): boolean {
  return (code === "dump-unloadable" || code === "backup-faulty") && `${message} ${hint}`.includes("4.18.0");
}

function countsOf(results: readonly CleanResult[]): SilenceProof["counts"] {
  const count = (outcome: CleanResult["outcome"]): number => results.filter((each) => each.outcome === outcome).length;
  return { silent: count("silent"), named: count("named"), alarm: count("alarm"), inconclusive: count("inconclusive") };
}

/** An alarm without a fault is a wrong result, like wrong data. */
export function silenceExit({ alarm, inconclusive }: SilenceProof["counts"], interrupted: boolean): ExitReason {
  if (alarm > 0) return "dataWrong";
  if (interrupted) return "interrupted";
  return inconclusive > 0 ? "inconclusive" : "pass";
}
