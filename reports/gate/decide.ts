// The decision: a pure function of the policy, the runs and the time. What is unknown is never a go.
import { type ExitReason, exitCodes } from "../../harness/base/errors.ts";
import type { ScenarioResult, Verdict } from "../../harness/record/result.ts";
import { samplesOf, type GateEvidence, type RunEvidence } from "./evidence.ts";
import { Exceptions, type ExceptionUse } from "./exceptions.ts";
import type { Policy } from "./policy.ts";
import { type PolicySections, rules } from "./registry.ts";
import type { RuleResult, Rule } from "./rule.ts";
import { judgeVerdicts } from "./rules/verdicts.ts";

export interface RunSummary {
  readonly name: string;
  readonly startedAt: string;
  readonly seed: number;
  readonly system: string;
  readonly tool: RunEvidence["tool"];
  readonly engines: readonly string[];
  readonly replay: string;
  readonly results: readonly ResultSummary[];
}

interface ResultSummary {
  readonly id: string;
  /** Verdict of the gate, without the findings that an exception accepts. */
  readonly verdict: Verdict;
  readonly excusedFindings: number;
}

export interface Decision {
  readonly schemaVersion: 1;
  readonly decision: "go" | "no-go" | "inconclusive";
  readonly exitCode: number;
  readonly decidedAt: string;
  readonly policy: Policy;
  readonly rules: readonly RuleResult[];
  readonly exceptions: readonly ExceptionUse[];
  readonly runs: readonly RunSummary[];
}

export function decide(policy: Policy, given: readonly RunEvidence[], nowMs: number): Decision {
  const exceptions = new Exceptions(policy.exceptions ?? [], nowMs);
  const runs = given.map((run) => exceptions.applyTo(run));
  const evidence: GateEvidence = { nowMs, runs, samples: samplesOf(runs) };
  const names = Object.keys(rules) as (keyof PolicySections)[];
  const judged = [
    ...judgeVerdicts(evidence),
    ...names.flatMap((name) => judgeSection(name, policy, evidence)).map((item) => exceptions.applyToJudged(item)),
  ];
  const uses = exceptions.uses();
  const all = [...judged, ...uses.flatMap(badException)].toSorted((a, b) => order(a) - order(b));
  return {
    schemaVersion: 1,
    ...outcome(all),
    decidedAt: new Date(nowMs).toISOString(),
    policy,
    rules: all,
    exceptions: uses,
    runs: given.map((run, index) => summary(run, runs[index]?.scenarios ?? [])),
  };
}

function judgeSection(name: keyof PolicySections, policy: Policy, evidence: GateEvidence): readonly RuleResult[] {
  const section = policy[name];
  return section === undefined ? [] : (rules[name] as Rule<typeof section>).judge(section, evidence);
}

/** An expired exception fails even where nothing needs it any more: it is a promise that was not kept. */
function badException({ status, owner, expires, reason, excuses, ...what }: ExceptionUse): RuleResult[] {
  const name = what.code ?? what.fingerprint ?? what.objective ?? "";
  const base = { rule: "exceptions", status: "missed", exit: "objectiveMissed" } as const;
  if (status === "expired") return [{ ...base, message: `${name} of ${owner} expired on ${expires}: ${reason}` }];
  if (status !== "refused") return [];
  const message = `${name} of ${owner} does not say acceptsWrongData, so wrong data is not excused: ${excuses[0] ?? ""}`;
  return [{ ...base, exit: "dataWrong", message }];
}

function outcome(judged: readonly RuleResult[]): Pick<Decision, "decision" | "exitCode"> {
  const open = judged.filter(({ status }) => status === "missed" || status === "unknown");
  const exits: ExitReason[] = open.map(({ exit }) => exit);
  if (exits.length === 0) return { decision: "go", exitCode: exitCodes.pass };
  const decision = open.some(({ status }) => status === "missed") ? "no-go" : "inconclusive";
  return { decision, exitCode: Math.min(...exits.map((exit) => exitCodes[exit])) };
}

/** What decides comes first. */
function order({ status, exit }: RuleResult): number {
  return { missed: 0, unknown: 100, excused: 200, met: 300 }[status] + exitCodes[exit];
}

function summary(run: RunEvidence, judged: readonly ScenarioResult[]): RunSummary {
  const { name, startedAtMs, seed, replay, tool, system, scenarios, engines } = run;
  const seen = [...engines.values()].map(
    ({ kind, falkordb, redis }) => `${kind} FalkorDB ${falkordb} on Redis ${redis}`,
  );
  return {
    name,
    startedAt: new Date(startedAtMs).toISOString(),
    seed,
    system,
    tool,
    engines: [...new Set(seen)].toSorted(),
    replay,
    results: judged.map(({ id, verdict, findings }, index) => ({
      id,
      verdict,
      excusedFindings: (scenarios[index]?.findings.length ?? 0) - findings.length,
    })),
  };
}

export function passedOf({ results }: RunSummary): number {
  return results.filter(({ verdict }) => verdict === "pass").length;
}
