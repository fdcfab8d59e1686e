// Issues about failing nights: one for each kind of failure, by its fingerprint, however many scenarios and nights show it.
import type { DrillResult, ScenarioResult } from "../../harness/record/result.ts";
import { failureFingerprint, failureKinds } from "./failure-fingerprint.ts";
import { visible } from "../../harness/base/one-line.ts";

export interface Failure {
  readonly fingerprint: string;
  readonly scenarios: readonly ScenarioResult[];
}

export interface OpenIssue {
  readonly number: number;
  readonly body: string;
}

export type IssueAction =
  | { readonly kind: "create"; readonly title: string; readonly body: string }
  | { readonly kind: "comment"; readonly number: number; readonly body: string };

const shownMax = 5;

/** Everything of these runs that did not pass, by fingerprint. A night that left no run is a failure too. */
export function failuresOf(results: readonly DrillResult[]): readonly Failure[] {
  const scenarios = results.flatMap((result) => result.scenarios);
  const groups = Map.groupBy(scenarios, failureFingerprint);
  const failures = [...groups].flatMap(([fingerprint, of]) =>
    fingerprint === undefined ? [] : [{ fingerprint, scenarios: of }],
  );
  return scenarios.length === 0 ? [{ fingerprint: "no-run", scenarios: [] }] : failures;
}

/** What to do about each: add to the open issue with its marker, or open one. */
export function planIssues(failures: readonly Failure[], open: readonly OpenIssue[], runUrl: string): IssueAction[] {
  return failures.map((failure) => {
    const marker = markerOf(failure);
    const known = open.find(({ body }) => body.includes(marker));
    if (known !== undefined)
      return { kind: "comment", number: known.number, body: `Again: ${runUrl}\n\n${list(failure)}` };
    const body = `${marker}\nFirst seen: ${runUrl}\n\n${kinds(failure)}\n\n${list(failure)}\n\n${foot}\n`;
    return { kind: "create", title: titleOf(failure), body };
  });
}

const foot =
  "The replay commands show it on any machine. Close this when it is mended; the next such failure opens a new one.";

function markerOf({ fingerprint }: Failure): string {
  return `<!-- falkordrill failure ${fingerprint} -->`;
}

function titleOf(failure: Failure): string {
  const [first] = failure.scenarios;
  if (first === undefined) return "Backup drill: a night left no run";
  const codes = [...new Set(failureKinds(first).map((kind) => kind.split(" ", 1)[0]))].join(", ");
  const more = failure.scenarios.length > 1 ? ` and ${failure.scenarios.length - 1} more` : "";
  return `Backup drill: ${codes} in ${first.id}${more} (${failure.fingerprint})`;
}

function kinds({ scenarios: [first] }: Failure): string {
  if (first === undefined) return "No job uploaded a run directory; see the log of the run.";
  return failureKinds(first)
    .slice(0, shownMax)
    .map((kind) => `- ${code(kind)}`)
    .join("\n");
}

function list({ scenarios }: Failure): string {
  const shown = scenarios.slice(0, shownMax).map((scenario) => {
    const error = scenario.findings.find(({ severity }) => severity === "error");
    return `- ${code(scenario.id)}: ${code(error?.message ?? "")}\n  replay: ${code(scenario.replay)}`;
  });
  const more = scenarios.length - shown.length;
  return [...shown, ...(more > 0 ? [`- and ${more} more`] : [])].join("\n");
}

/** Text of a graph as code: it cannot mention a user, close an issue or end the fence. */
function code(text: string): string {
  return `\`${visible(text).replaceAll("`", "'").replaceAll(/\s+/g, " ").slice(0, 300)}\``;
}
