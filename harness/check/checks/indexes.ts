// Every index is back with its fields, kinds, stopwords, language and options, and ready to answer.
import type { Check, Finding } from "../check.ts";
import type { Evidence } from "../evidence.ts";
import type { Index } from "../observation.ts";
import { pairs } from "../pairs.ts";

export const indexesCheck: Check<Evidence> = {
  name: "indexes",
  claim: "Every index is there with its fields, kinds, stopwords, language and options, and it is OPERATIONAL.",
  judge({ expectation, observation }) {
    const findings: Finding[] = [];
    let indexesCompared = 0;
    // Thousands of tenants share a few index sets: compare each pair of sets once.
    const compared = new Map<string, (graph: string) => Finding[]>();
    for (const { expected, observed } of pairs(expectation, observation)) {
      const want = expectation.indexSets[expected.indexSet] ?? [];
      const got = observation.indexSets[observed.indexSet] ?? [];
      const id = `${expected.indexSet} ${observed.indexSet}`;
      const compare = compared.get(id) ?? compareIndexes(want, got);
      compared.set(id, compare);
      findings.push(...compare(expected.name));
      for (const index of observed.notOperational)
        findings.push({
          code: "index-not-operational",
          severity: "error",
          subject: `${expected.name}/${index}`,
          message: `the index ${index} is not operational`,
          evidence: { index },
          hint: "Full-text searches answer nothing and unique constraints do not hold until it is.",
        });
      indexesCompared += want.length;
    }
    return { findings, witnesses: { indexesCompared } };
  },
};

/** Returns the findings for a graph of a given name. */
export function compareIndexes(want: readonly Index[], got: readonly Index[]): (graph: string) => Finding[] {
  const found: Omit<Finding, "subject">[] = [];
  const labels: string[] = [];
  const push = (index: Index, finding: Omit<Finding, "subject" | "severity">): void => {
    labels.push(`${index.entity === "NODE" ? "" : "-"}${index.label}`);
    found.push({ severity: "error", ...finding });
  };
  const id = (index: Index): string => `${index.entity} ${index.label}`;
  const byId = new Map(got.map((index) => [id(index), index]));
  for (const index of want) {
    const other = byId.get(id(index));
    byId.delete(id(index));
    if (other === undefined)
      push(index, { code: "index-missing", message: `the index on ${index.label} is missing`, evidence: { index } });
    else differences(index, other, push);
  }
  for (const index of byId.values())
    push(index, {
      code: "index-unexpected",
      message: `the index on ${index.label} should not be there`,
      evidence: { index },
    });
  return (graph) => found.map((finding, at) => Object.assign({ subject: `${graph}/${labels[at] ?? ""}` }, finding));
}

function differences(
  want: Index,
  got: Index,
  push: (index: Index, finding: Omit<Finding, "subject" | "severity">) => void,
): void {
  for (const aspect of ["fields", "stopwords", "language", "options"] as const) {
    if (JSON.stringify(want[aspect]) === JSON.stringify(got[aspect])) continue;
    push(want, {
      code: `index-${aspect}-differ`,
      message: `the index on ${want.label} has other ${aspect}`,
      evidence: { expected: want[aspect] ?? null, found: got[aspect] ?? null },
    });
  }
}
