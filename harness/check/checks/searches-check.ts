// Graphiti's own searches answer after the restore as they did before.
import type { FindingCode } from "../../base/findings/finding-codes.ts";
import type { Check, Finding } from "../check.ts";
import type { Evidence } from "../evidence.ts";
import type { SearchAnswer } from "../observation.ts";
import { pairs } from "../pairs.ts";

export const searchesCheck: Check<Evidence> = {
  name: "searches",
  claim: "Graphiti's searches (full text, similarity, neighbourhood, time) give what they gave on the source.",
  judge({ expectation, observation, baseline }) {
    const findings: Finding[] = [];
    const witnesses = { searchesCompared: 0, searchRows: 0 };
    const before = new Map(baseline?.graphs.map((graph) => [graph.name, graph.searches]));
    for (const { expected, observed } of pairs(expectation, observation)) {
      const source = new Map(before.get(expected.name)?.map((answer) => [answer.name, answer]));
      for (const name of source.keys().filter((asked) => !observed.searches.some((answer) => answer.name === asked)))
        findings.push(
          finding("search-missing", `${expected.name}/${name}`, `the search "${name}" was not answered`, {}),
        );
      for (const answer of observed.searches) {
        witnesses.searchRows += answer.rows.length;
        const was = source.get(answer.name);
        const failed = answer.error !== undefined && was?.error === undefined;
        if (was !== undefined) witnesses.searchesCompared += 1;
        if (!failed && (was === undefined || sameAnswer(was, answer))) continue;
        // A ranking depends on index statistics; whether anything is found does not.
        const isEmptied = answer.rows.length === 0 && (was?.rows.length ?? 0) > 0;
        const isRanked =
          !failed && !isEmptied && expected.searches.some(({ name, ranked }) => ranked && name === answer.name);
        const code = failed ? "search-failed" : isRanked ? "search-ranking-differs" : "search-differs";
        const message = failed
          ? `the search "${answer.name}" failed: ${answer.error ?? ""}`
          : `the search "${answer.name}" gives another answer than on the source`;
        const evidence = { expected: was?.rows.slice(0, 10) ?? null, found: answer.rows.slice(0, 10) };
        const severity = isRanked ? "info" : "error";
        findings.push({ ...finding(code, `${expected.name}/${answer.name}`, message, evidence), severity });
      }
    }
    return { findings, witnesses };
  },
};

function finding(code: FindingCode, subject: string, message: string, evidence: Finding["evidence"]): Finding {
  return { code, severity: "error", subject, message, evidence };
}

/** Rows of equal score may come in any order, and any of them may be missing at the end of a limited list. */
function sameAnswer(before: SearchAnswer, after: SearchAnswer): boolean {
  if (before.rows.length !== after.rows.length || before.error !== after.error) return false;
  const scores = (answer: SearchAnswer): string => JSON.stringify(answer.rows.map(([, score]) => score));
  if (scores(before) !== scores(after)) return false;
  const last = before.rows.at(-1)?.[1];
  const settled = (answer: SearchAnswer): string =>
    JSON.stringify(
      answer.rows
        .filter(([, score]) => score !== last || before.rows.length < searchLimit)
        .map(String)
        .toSorted(),
    );
  return settled(before) === settled(after);
}

/** Row limit of Graphiti's searches, used here too. */
export const searchLimit = 20;
