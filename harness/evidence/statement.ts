// The signed statements, in in-toto format: what was tested (every file, by its hash), and the result. One uses the
// vetted predicate for test results, which other tools read, and one our own predicate with all details of a drill.
import { z } from "zod";
import type { RunEvidence } from "../../reports/gate/evidence.ts";
import type { Decision } from "../../reports/gate/decide.ts";

const statementType = "https://in-toto.io/Statement/v1";
export const testResultType = "https://in-toto.io/attestation/test-result/v0.1";
export const drillType = "urn:falkordrill:attestation:drill:v1";

export interface Subject {
  readonly name: string;
  readonly digest: { readonly sha256: string };
}

export interface Statement {
  readonly _type: typeof statementType;
  readonly subject: readonly Subject[];
  readonly predicateType: string;
  readonly predicate: Readonly<Record<string, unknown>>;
}

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
export const statementSchema: z.ZodType<Statement> = z.object({
  _type: z.literal(statementType),
  subject: z.array(z.object({ name: z.string(), digest: z.object({ sha256 }) })),
  predicateType: z.string(),
  predicate: z.record(z.string(), z.unknown()),
});

export interface Stated {
  readonly decision: Decision;
  readonly runs: readonly RunEvidence[];
  readonly subjects: readonly Subject[];
  /** The policy as given. */
  readonly policy: Subject;
  readonly tool: { readonly version: string; readonly commit?: string | undefined };
  /** Where the decision was made, such as the page of a workflow run. */
  readonly url: string | undefined;
}

export function testResultStatement({ decision, subjects, policy, url }: Stated): Statement {
  const results = decision.runs.flatMap((run) =>
    run.results.map((result) => ({ ...result, name: `${run.name}/${result.id}` })),
  );
  const excused = decision.exceptions.some(({ status }) => status === "used");
  const names = (wanted: (result: (typeof results)[number]) => boolean): string[] =>
    results.filter(wanted).map(({ name }) => name);
  return statement(subjects, testResultType, {
    // The predicate has no third result, so inconclusive counts as failed.
    result: decision.decision === "go" ? (excused ? "WARNED" : "PASSED") : "FAILED",
    configuration: [policy],
    ...(url === undefined ? {} : { url }),
    passedTests: names(({ verdict, excusedFindings }) => verdict === "pass" && excusedFindings === 0),
    warnedTests: names(({ verdict, excusedFindings }) => verdict === "pass" && excusedFindings > 0),
    failedTests: names(({ verdict }) => verdict !== "pass"),
  });
}

export function drillStatement({ decision, runs, subjects, policy, tool, url }: Stated): Statement {
  const { decision: decided, exitCode, decidedAt, rules, exceptions } = decision;
  return statement(subjects, drillType, {
    decision: decided,
    exitCode,
    decidedAt,
    policy: { title: decision.policy.name, ...policy },
    tool,
    ...(url === undefined ? {} : { url }),
    rules,
    exceptions,
    runs: runs.map(({ name, startedAtMs, seed, replay, system, tool: by, scenarios, engines, datasets }) => ({
      name,
      startedAt: new Date(startedAtMs).toISOString(),
      seed,
      replay,
      system,
      tool: by,
      engines: Object.fromEntries(engines),
      datasets: Object.fromEntries([...datasets].map(([id, hash]) => [id, { sha256: hash }])),
      scenarios: scenarios.map(({ id, verdict, metrics, witnesses }) => ({
        id,
        verdict,
        rtoMs: metrics["rtoMs"],
        rpoWrites: metrics["rpoWrites"],
        rpoMs: metrics["rpoMs"],
        nodes: metrics["nodes"],
        canariesPlanted: witnesses["canariesPlanted"],
        canariesCaught: witnesses["canariesCaught"],
      })),
    })),
  });
}

function statement(subject: readonly Subject[], predicateType: string, predicate: Statement["predicate"]): Statement {
  return { _type: statementType, subject, predicateType, predicate };
}
