// What a comparison of two versions found, as data and as lines for people.
import { type ExitReason, exitCodes } from "../../harness/base/errors.ts";
import type { Comparison } from "./compare-in-rounds.ts";
import type { ExactJudgement } from "./judge-exact.ts";
import type { Provenance } from "./provenance.ts";
import { changeText, exactText, percent } from "./words.ts";

interface ComparedVersion {
  readonly label: string;
  readonly version: string;
  readonly commit?: string;
}

export interface VersionComparison {
  readonly type: "comparison";
  readonly base: ComparedVersion;
  readonly head: ComparedVersion;
  readonly provenance: Provenance;
  /** The share by which head may be slower. */
  readonly allowed: number;
  readonly times: readonly Comparison[];
  readonly exact: readonly (ExactJudgement & {
    readonly name: string;
    readonly unit: string;
    readonly within: number;
  })[];
  /** What only one side measures; it is not compared, and it is not zero. */
  readonly oneSided: readonly { readonly name: string; readonly only: "base" | "head" }[];
  readonly verdict: "pass" | "fail" | "inconclusive";
  readonly exit: ExitReason;
  readonly exitCode: number;
}

/** A confirmed regression decides; then anything unclear; with nothing compared the result is inconclusive. */
export function verdictOf({
  times,
  exact,
}: Pick<VersionComparison, "times" | "exact">): Pick<VersionComparison, "verdict" | "exit" | "exitCode"> {
  const said = [...times.map(({ verdict }) => verdict), ...exact.map(({ says }) => says)];
  const is = (...names: readonly string[]): boolean => said.some((name) => names.includes(name));
  if (is("regression", "worse")) return ending("fail", "objectiveMissed");
  if (said.length === 0 || is("unclear", "noisy", "not-confirmed", "unsteady", "too-few"))
    return ending("inconclusive", "inconclusive");
  return ending("pass", "pass");
}

function ending(
  verdict: VersionComparison["verdict"],
  exit: ExitReason,
): Pick<VersionComparison, "verdict" | "exit" | "exitCode"> {
  return { verdict, exit, exitCode: exitCodes[exit] };
}

export function versionLines(comparison: VersionComparison): readonly string[] {
  const { base, head, allowed, times, exact, oneSided, verdict, exitCode } = comparison;
  const lines = [`${nameOf(base)} against ${nameOf(head)}, ${percent(1 + allowed)} allowed`];
  for (const { name, verdict: says, first, second } of times) {
    const judged = second ?? first;
    lines.push(`${says.padEnd(14)} ${name.padEnd(52)} ${changeText(judged.head)}`);
    const confirmed = second === undefined ? "" : ` and ${second.rounds} fresh ones`;
    lines.push(
      `${"".padEnd(15)}${first.rounds} rounds${confirmed}; base against itself ${changeText(judged.again)}; ` +
        `could have seen ${percent(judged.detectable)}`,
    );
  }
  for (const { name, says, ...figure } of exact)
    lines.push(`${says.padEnd(14)} ${name.padEnd(52)} ${exactText(figure)}`);
  for (const { name, only } of oneSided) lines.push(`${`only in ${only}`.padEnd(14)} ${name}`);
  return [...lines, `${verdict}, exit code ${exitCode}`];
}

function nameOf({ label, version, commit }: ComparedVersion): string {
  return `${label} (${version}${commit === undefined ? "" : `, ${commit.slice(0, 10)}`})`;
}
