// Constraints are back, operational, and enforced: an attempted violation was refused.
import type { FindingCode } from "../../base/findings/finding-codes.ts";
import type { Check, Finding } from "../check.ts";
import type { Evidence } from "../evidence.ts";
import type { Constraint, ConstraintState } from "../observation.ts";
import { pairs } from "../pairs.ts";

export const constraintsCheck: Check<Evidence> = {
  name: "constraints",
  claim: "Every constraint is there, OPERATIONAL, and refuses a violation.",
  judge({ expectation, observation }) {
    const findings: Finding[] = [];
    const witnesses = { constraintsCompared: 0, violationsAttempted: 0 };
    for (const { expected, observed } of pairs(expectation, observation)) {
      findings.push(...compareConstraints(expected.name, expected.constraints, observed.constraints));
      witnesses.constraintsCompared += expected.constraints.length;
      witnesses.violationsAttempted += observed.constraints.filter(({ enforced }) => enforced !== undefined).length;
    }
    return { findings, witnesses };
  },
};

export function compareConstraints(
  graph: string,
  expected: readonly Constraint[],
  observed: readonly ConstraintState[],
): Finding[] {
  const findings: Finding[] = [];
  const found = new Map(observed.map((constraint) => [nameOf(constraint), constraint]));
  const push = (code: FindingCode, constraint: Constraint, message: string, evidence: Finding["evidence"]): void => {
    const subject = `${graph}/${constraint.label}`;
    findings.push({ code, severity: "error", subject, message: `${nameOf(constraint)} ${message}`, evidence });
  };
  for (const want of expected) {
    const got = found.get(nameOf(want));
    found.delete(nameOf(want));
    if (got === undefined) {
      push("constraint-missing", want, "is missing", { expected: want });
      continue;
    }
    if (got.status !== "OPERATIONAL") push("constraint-not-operational", want, `is ${got.status}`, { found: got });
    if (got.enforced === false) push("constraint-not-enforced", want, "let a violation pass", { found: got });
  }
  for (const extra of found.values()) push("constraint-unexpected", extra, "should not be there", { found: extra });
  return findings;
}

function nameOf({ kind, entity, label, properties }: Constraint): string {
  return `${kind} ${entity} ${label}(${properties.join(", ")})`;
}
