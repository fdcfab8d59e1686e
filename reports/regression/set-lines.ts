// A comparison of two sets of runs as lines for people.
import type { SetComparison } from "./compare-sets.ts";
import { changeText, exactText, percent } from "./words.ts";

export function setLines({
  runs,
  allowed,
  times,
  exact,
  oneSided,
  verdict,
  exitCode,
}: SetComparison): readonly string[] {
  const lines = [`${runs.base} runs against ${runs.head} runs, ${percent(1 + allowed)} allowed`];
  for (const { name, says, base, head, change, detectable } of times) {
    const values = `${base.toFixed(3)}x -> ${head.toFixed(3)}x`;
    lines.push(`${says.padEnd(12)} ${name.padEnd(64)} ${changeText(change)}`);
    lines.push(`${"".padEnd(13)}${values}; could have seen ${percent(detectable)}`);
  }
  for (const { name, says, ...rest } of exact) lines.push(`${says.padEnd(12)} ${name.padEnd(64)} ${exactText(rest)}`);
  for (const { name, only } of oneSided) lines.push(`${`only in ${only}`.padEnd(12)} ${name}`);
  return [...lines, `${verdict}, exit code ${exitCode}`];
}
