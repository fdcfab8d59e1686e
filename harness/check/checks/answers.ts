// Index answers equal those of a full scan: values, ranges, words.
import type { Check, Finding } from "../check.ts";
import type { Evidence } from "../evidence.ts";
import type {
  FirstNodeAnswer,
  GraphExpectation,
  GraphObservation,
  IndexAnswer,
  Lookup,
  Observation,
  Role,
  WordAnswer,
} from "../observation.ts";
import { pairs } from "../pairs.ts";

export const answersCheck: Check<Evidence> = {
  name: "answers",
  claim: "Every index answers as a scan does: for seeded values, boundaries and ranges, and for words and stopwords.",
  judge({ expectation, observation, baseline }) {
    const findings: Finding[] = [];
    const witnesses = {
      indexLookups: 0,
      indexLookupsWithRows: 0,
      indexesUsed: 0,
      wordLookups: 0,
      wordsFound: 0,
    };
    const wrongBefore = (baseline?.graphs ?? []).flatMap((graph) => graph.indexAnswers.filter(contradicts));
    for (const { expected, observed } of pairs(expectation, observation)) {
      const wrong = observed.indexAnswers.filter(contradicts);
      // No restore touched the indexes of a source: wrong answers there are the engine's own.
      const own = observation.role === "source" ? wrong : wrong.filter((answer) => isKnown(answer, wrongBefore));
      const severity = baseline === undefined ? "warning" : "error";
      const zeros = wrong.filter((answer) => !own.includes(answer) && isLostZero(answer, wrong));
      for (const answer of wrong)
        if (!own.includes(answer) && !zeros.includes(answer))
          findings.push(lookupFinding(expected.name, answer, severity));
      if (own.length > 0) findings.push(ownDefects(expected.name, own));
      if (zeros.length > 0) findings.push(lostZeros(expected.name, zeros));
      findings.push(...unanswered(expected, observed), ...unfoundEdges(observed, observation.role, baseline));
      for (const answer of observed.indexAnswers) {
        witnesses.indexLookups += 1;
        if (answer.scan.count > 0) witnesses.indexLookupsWithRows += 1;
        if (answer.usedIndex) witnesses.indexesUsed += 1;
      }
      for (const answer of observed.wordAnswers) {
        witnesses.wordLookups += 1;
        witnesses.wordsFound += answer.scan;
        if (answer.missed > 0 || (answer.probe.stopword && answer.index > 0))
          findings.push(wordFinding(expected.name, answer));
      }
    }
    return { findings, witnesses };
  },
};

/** Every lookup and word must have an answer; without one, nothing is proven about the index. */
function unanswered(expected: GraphExpectation, observed: GraphObservation): Finding[] {
  const lookups = expected.lookups.length - observed.indexAnswers.length;
  const words = expected.words.length - observed.wordAnswers.length;
  if (lookups <= 0 && words <= 0) return [];
  const message = `${Math.max(0, lookups)} lookups and ${Math.max(0, words)} words were not answered`;
  return [
    { code: "index-answers-missing", severity: "error", subject: expected.name, message, evidence: { lookups, words } },
  ];
}

function contradicts({ index, scan }: IndexAnswer): boolean {
  return index.count !== scan.count || index.ids !== scan.ids;
}

/**
 * The source gave a wrong answer to the same lookup, so the restore is not to blame. Which text ranges an engine gets
 * wrong depends on the order in which the index was built: there any wrong one on the source suffices.
 */
function isKnown(answer: IndexAnswer, wrongBefore: readonly IndexAnswer[]): boolean {
  const lookup = JSON.stringify(answer.lookup);
  return wrongBefore.some(
    (other) => JSON.stringify(other.lookup) === lookup || (isTextRange(answer.lookup) && isTextRange(other.lookup)),
  );
}

/**
 * FalkorDB loses zeros from a range index when it builds it at a load, or gives them under another property. A lookup
 * that includes zero is explained by that if it lacks, or adds, exactly what the lookup of zero itself does.
 */
function isLostZero(answer: IndexAnswer, wrong: readonly IndexAnswer[]): boolean {
  const { entity, label, property, operator, literal } = answer.lookup;
  const number = Number(literal);
  if (!(operator === "=" ? number === 0 : operator === "<" ? number > 0 : number <= 0)) return false;
  const lost = JSON.stringify(lostRows(answer));
  return wrong.some(
    (other) =>
      other.lookup.entity === entity &&
      other.lookup.label === label &&
      other.lookup.property === property &&
      other.lookup.operator === "=" &&
      Number(other.lookup.literal) === 0 &&
      JSON.stringify(lostRows(other)) === lost,
  );
}

/** Count and sums of the ids that the scan gives and the index does not. */
function lostRows({ index, scan }: IndexAnswer): number[] {
  const sums = ({ count, ids }: IndexAnswer["scan"]): number[] => [count, ...ids.split("-").map(Number)];
  const given = sums(index);
  return sums(scan).map((sum, at) => sum - (given[at] ?? 0));
}

function isTextRange({ operator, literal }: Lookup): boolean {
  return operator !== "=" && literal.startsWith('"');
}

function ownDefects(graph: string, answers: readonly IndexAnswer[]): Finding {
  return {
    code: "index-inexact-in-engine",
    severity: "info",
    subject: graph,
    message: `${answers.length} lookups are answered wrongly by the engine's indexes on the source already`,
    evidence: { answers: answers.slice(0, 5) },
    hint: "FalkorDB 4.16 answers `<` on text from a range index with rows that do not match.",
  };
}

function lostZeros(graph: string, answers: readonly IndexAnswer[]): Finding {
  const places = new Set(answers.map(({ lookup: { label, property } }) => `${label}.${property}`));
  return {
    code: "index-zeros-lost-in-engine",
    severity: "warning",
    subject: graph,
    message: `after the load the engine's index does not answer rightly where ${[...places].join(", ")} is 0`,
    evidence: { answers: answers.slice(0, 5) },
    hint: "FalkorDB does so at every load, also at a restart: drop all fields of the index and create them again.",
  };
}

/** What the source did not find either was so before: it had been loaded too. */
function unfoundEdges(
  { name, firstNodeAnswers = [] }: GraphObservation,
  role: Role,
  baseline: Observation | undefined,
): Finding[] {
  const isUnfound = ({ found }: FirstNodeAnswer): boolean => !found;
  const before = baseline?.graphs.find((graph) => graph.name === name)?.firstNodeAnswers ?? [];
  const unfoundBefore = new Set(before.filter(isUnfound).map(({ label }) => label));
  const isKnown = ({ label }: FirstNodeAnswer): boolean => role === "source" || unfoundBefore.has(label);
  const { known = [], lost = [] } = Object.groupBy(firstNodeAnswers.filter(isUnfound), (answer) =>
    isKnown(answer) ? "known" : "lost",
  );
  return (
    [
      ["info", known, "on the source already"],
      ["warning", lost, "after the load"],
    ] as const
  ).flatMap(([severity, answers, when]) => {
    const labels = [...new Set(answers.map(({ label }) => label))].join(", ");
    const message = `${when}, the engine's index on ${labels} does not find edges of the node with id 0`;
    const hint =
      "FalkorDB does so at every load, also at a restart: drop all fields of the index and create them again.";
    const code = "edges-of-first-node-lost-in-engine";
    return answers.length === 0 ? [] : { code, severity, subject: name, message, evidence: { answers }, hint };
  });
}

function lookupFinding(
  graph: string,
  { lookup, index, scan, usedIndex }: IndexAnswer,
  severity: "warning" | "error",
): Finding {
  const { label, property, operator, literal } = lookup;
  return {
    code: "index-contradicts-scan",
    severity,
    subject: `${graph}/${label}/${property}`,
    message: `${label}.${property} ${operator} ${literal}: the index gives ${index.count} entities, a scan ${scan.count}`,
    evidence: { lookup, index, scan, usedIndex },
    hint: "Dropping the index and creating it again may repair it; the data itself is judged apart.",
  };
}

function wordFinding(graph: string, { probe, index, scan, missed }: WordAnswer): Finding {
  const message = probe.stopword
    ? `the stopword "${probe.word}" finds ${index} entities of ${probe.label}, it should find none`
    : `${missed} of ${scan} entities of ${probe.label} that hold "${probe.word}" are not found by full-text search`;
  return {
    code: probe.stopword ? "stopword-found" : "fulltext-misses",
    severity: "error",
    subject: `${graph}/${probe.label}`,
    message,
    evidence: { probe, index, scan, missed },
  };
}
