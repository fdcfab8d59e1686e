// Which finding only follows from another. Ten nodes that are missing also change counts, sums, invariants and what an
// index finds; the nodes are the news.
import type { StoredFinding } from "../../harness/record/result.ts";

interface Rule {
  readonly derived: RegExp;
  readonly root: RegExp;
  /** Scope that both findings must share; `scenario` is anywhere in the same scenario. */
  readonly within: "graph" | "label" | "scenario";
}

const entity = /^(?:node|edge)-(?:missing|extra|changed)$/;
const rules: readonly Rule[] = [
  // Sums and counts add nothing to the entities that were named.
  { derived: /^(?:node|edge)-(?:count|content)-differs$/, root: entity, within: "graph" },
  { derived: /^property-(?:count|type)-differs$/, root: entity, within: "graph" },
  {
    derived: /^property-(?:count|type)-differs$|^invariant-/,
    root: /^(?:node|edge)-(?:count|content)-differs$/,
    within: "graph",
  },
  { derived: /^invariant-/, root: entity, within: "graph" },
  {
    derived: /^(?:vector-count|double)-differs$/,
    root: /^node-(?:missing|extra)$|^node-count-differs$/,
    within: "graph",
  },
  { derived: /^search-(?:differs|missing)$/, root: entity, within: "graph" },
  { derived: /^search-(?:differs|missing)$/, root: /^(?:node|edge)-(?:count|content)-differs$/, within: "graph" },
  { derived: /^constraint-not-/, root: /^index-(?:missing|not-operational)$/, within: "graph" },
  // An index that is not there answers nothing.
  { derived: /^search-/, root: /^index-(?!inexact)/, within: "graph" },
  {
    derived: /^index-(?:contradicts-scan|answers-missing)$|^fulltext-misses$|^stopword-found$/,
    root: /^index-(?:missing|not-operational|fields-differ|stopwords-differ|language-differ)$/,
    within: "label",
  },
  // Nothing can have been looked at where the run ended early.
  {
    derived: /^no-witness$/,
    root: /^(?:graph-missing|not-recovered|system-.*|target-.*|dump-unloadable|wrong-first-answer|internal-error|environment|data-refused)$/,
    within: "scenario",
  },
];

/** False for a finding that follows from no other one, of which a run that was tampered with may have thousands. */
export function mayBeDerived({ code }: StoredFinding): boolean {
  return rules.some(({ derived }) => derived.test(code));
}

/** Whether `finding` follows from `other`; both belong to one scenario. */
export function isDerived(finding: StoredFinding, other: StoredFinding): boolean {
  return rules.some(
    ({ derived, root, within }) =>
      derived.test(finding.code) && root.test(other.code) && isNear(finding, other, within),
  );
}

function isNear(finding: StoredFinding, other: StoredFinding, within: Rule["within"]): boolean {
  if (within === "scenario") return true;
  if (finding.judgement !== other.judgement) return false;
  // "others" counts the findings of a code that are not listed one by one, wherever it was.
  if ([finding.subject, other.subject].includes("others")) return true;
  const [graph, label] = finding.subject.split("/");
  const [otherGraph, otherLabel] = other.subject.split("/");
  return graph === otherGraph && (within === "graph" || label === undefined || label === otherLabel?.replace(/^-/, ""));
}
