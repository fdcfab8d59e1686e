// What ran, where and with which outcome, for machine-readable reports: the same names and values in JUnit, CTRF and Allure.
import type { MergedScenario } from "./merge.ts";
import type { ReportModel } from "./model.ts";

export interface Span {
  /** Milliseconds since 1970. */
  readonly startMs: number;
  readonly stopMs: number;
}

/** Time span from the start of the first scenario of all runs to the end of the last. */
export function spanOf({ runs, scenarios }: Pick<ReportModel, "runs" | "scenarios">): Span {
  const spans = scenarios.map(scenarioSpan);
  const starts = runs.map(({ record }) => Date.parse(record.startedAt));
  const startMs = Math.min(...starts);
  return { startMs, stopMs: Math.max(startMs, ...spans.map(({ stopMs }) => stopMs)) };
}

/** Runs of earlier versions do not say when a scenario began: it then begins with its run. */
export function scenarioSpan({ startedAt, durationMs, run }: MergedScenario): Span {
  const startMs = Date.parse(startedAt ?? run.record.startedAt);
  return { startMs, stopMs: startMs + Math.round(durationMs) };
}

/** Name to value; what is not known has no entry. Where runs differ, their values are separated by spaces. */
export function runFacts({ runs, result, rto, rpo, seeds }: ReportModel): Readonly<Record<string, string>> {
  const distinct = (valueOf: (run: ReportModel["runs"][number]) => unknown): string =>
    [...new Set(runs.map(valueOf).filter((value) => value !== undefined))].map(String).join(" ");
  const facts = {
    verdict: result.verdict,
    seed: seeds.join(" "),
    rtoMs: rto.value ?? "",
    rpoWrites: rpo.value ?? "",
    system: distinct(({ record }) => record.system),
    engine: distinct(({ record }) => record.engine),
    profile: distinct(({ record }) => record.options["profile"]),
    nodes: distinct(({ record }) => record.options["nodes"]),
    dims: distinct(({ record }) => record.options["dims"]),
    version: distinct(({ record }) => record.version),
    commit: distinct(({ record }) => record.commit),
    platform: distinct(({ record }) => record.machine["platform"]),
    cpus: distinct(({ record }) => record.machine["cpus"]),
    node: distinct(({ record }) => record.machine["node"]),
    replay: result.replay,
  };
  return withoutEmpty(facts);
}

/** What people ask of one scenario, as in the properties of the whole run. */
export function scenarioFacts({ metrics, run }: MergedScenario): Readonly<Record<string, string>> {
  const { nodes, rtoMs, rpoWrites, rpoMs } = metrics as Partial<Record<string, number>>;
  return withoutEmpty({
    seed: run.record.seed,
    nodes: nodes ?? "",
    rtoMs: rtoMs ?? "",
    rpoWrites: rpoWrites ?? "",
    rpoMs: rpoMs ?? "",
  });
}

function withoutEmpty(facts: Readonly<Record<string, string | number>>): Readonly<Record<string, string>> {
  const entries = Object.entries(facts).map(([name, value]) => [name, String(value)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== ""));
}
