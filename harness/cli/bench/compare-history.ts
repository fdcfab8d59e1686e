// `compare --history <file>`: where the figures of a history changed. Exit 12 if the newest change is for the worse and
// it was not accepted, 13 where there are too few runs to see any.
import { writeFileSync } from "node:fs";
import type { MeasuredRun } from "../../../reports/regression/measured-run.ts";
import { comparableRuns, trends, worsened } from "../../../reports/regression/trend.ts";
import { trendLines, trendSentence } from "../../../reports/regression/trend-lines.ts";
import { trendPage } from "../../../reports/regression/trend-page.ts";
import { exitCodes, usageError } from "../../base/errors.ts";
import { oneLine } from "../../base/one-line.ts";
import { writing } from "../../base/system-error.ts";

interface HistoryFlags {
  readonly accept?: string;
  readonly html?: string;
  readonly json?: boolean;
}

export function printTrends(
  history: readonly MeasuredRun[],
  flags: HistoryFlags,
  limits: { readonly seed: number; readonly allowed: number },
): void {
  const runs = comparableRuns(history);
  const left = history.length - runs.length;
  if (left > 0) process.stderr.write(`${left} runs were measured otherwise than the last one, and are left out\n`);
  const found = trends(runs, limits);
  const worse = worsened(found, acceptedAt(runs, flags.accept));
  const isJudged = found.some(({ judged }) => judged);
  const exit = worse.length > 0 ? "objectiveMissed" : isJudged ? "pass" : "inconclusive";
  const exitCode = exitCodes[exit];
  const { html } = flags;
  if (html !== undefined) writing(html, () => writeFileSync(html, trendPage(found, worse, runs)));
  if (flags.json === true)
    process.stdout.write(`${JSON.stringify({ type: "trends", trends: found, exit, exitCode })}\n`);
  else
    process.stdout.write(
      `${[...trendLines(found), trendSentence(found, worse), `exit code ${exitCode}`].map(oneLine).join("\n")}\n`,
    );
  process.exitCode = exitCode;
}

/** Time of the newest run of this commit; changes up to then are accepted. */
function acceptedAt(runs: readonly MeasuredRun[], commit: string | undefined): string {
  if (commit === undefined) return "";
  const run = runs.findLast((one) => one.commit?.startsWith(commit) === true);
  if (run === undefined) throw usageError(`--accept ${commit}: no run of this history is of that commit`);
  return run.at;
}
