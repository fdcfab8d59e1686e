// Runs all checks over one observation, and requires their witnesses.
import type { FindingCode } from "../base/findings/finding-codes.ts";
import type { Check, Finding, Judgement } from "./check.ts";
import { answersCheck } from "./checks/answers.ts";
import { constraintsCheck } from "./checks/constraints.ts";
import { contentCheck } from "./checks/content.ts";
import { doublesCheck } from "./checks/doubles-check.ts";
import { embeddingsCheck } from "./checks/embeddings.ts";
import type { Evidence } from "./evidence.ts";
import { graphsCheck } from "./checks/graphs.ts";
import { indexesCheck } from "./checks/indexes.ts";
import { invariantsCheck } from "./checks/invariants.ts";
import { searchesCheck } from "./checks/searches-check.ts";
import { serverCheck } from "./checks/server.ts";
import { untouchedCheck } from "./checks/untouched.ts";
import { vectorSearchesCheck } from "./checks/vector-searches.ts";
import type { Expectation, GraphExpectation, Index, Observation } from "./observation.ts";

export const checks: readonly Check<Evidence>[] = [
  graphsCheck,
  contentCheck,
  doublesCheck,
  embeddingsCheck,
  indexesCheck,
  answersCheck,
  constraintsCheck,
  invariantsCheck,
  searchesCheck,
  vectorSearchesCheck,
  serverCheck,
  untouchedCheck,
];

/** `using`: the checks that judge; all of them in every drill. */
export function judgeAll(
  expectation: Expectation,
  observation: Observation,
  baseline?: Observation,
  using: readonly Check<Evidence>[] = checks,
): Judgement {
  const findings: Finding[] = [];
  const witnesses: Record<string, number> = {};
  for (const check of using) {
    const judgement = check.judge({ expectation, observation, baseline });
    findings.push(...judgement.findings);
    for (const [name, count] of Object.entries(judgement.witnesses)) witnesses[name] = (witnesses[name] ?? 0) + count;
  }
  return { findings: capPerCode(findings), witnesses };
}

/** Maximum findings reported per code: thousands of tenants without indexes prove no more than fifty. */
const findingsPerCodeMax = 50;

function capPerCode(findings: readonly Finding[]): Finding[] {
  const counts = new Map<FindingCode, number>();
  const kept = findings.filter(({ code }) => {
    const count = (counts.get(code) ?? 0) + 1;
    counts.set(code, count);
    return count <= findingsPerCodeMax;
  });
  for (const [code, count] of counts) {
    const like = kept.find((finding) => finding.code === code);
    if (count <= findingsPerCodeMax || like === undefined) continue;
    const more = count - findingsPerCodeMax;
    kept.push({
      code,
      severity: like.severity,
      subject: "others",
      message: `${more} more of the same`,
      evidence: { more },
    });
  }
  return kept;
}

/** Witnesses required for this expectation: a dataset without vectors needs none for vectors. */
export function requiredWitnesses(expectation: Expectation): string[] {
  const { graphs, indexSets } = expectation;
  const required = ["graphsCompared"];
  if (graphs.some((graph) => graph.fingerprint.nodes.count > 0)) required.push("nodesCompared");
  if (graphs.some((graph) => graph.fingerprint.edges.count > 0)) required.push("edgesCompared");
  if (indexSets.some((set) => set.length > 0)) required.push("indexesCompared");
  const promises = ({ invariants = expectation.invariants }: GraphExpectation): boolean => invariants.length > 0;
  if (graphs.some((graph) => graph.fingerprint.nodes.count > 0 && promises(graph))) required.push("invariantsChecked");
  if (graphs.some((graph) => graph.lookups.length > 0)) required.push("indexLookupsWithRows", "indexesUsed");
  if (graphs.some((graph) => graph.words.length > 0)) required.push("wordsFound");
  if (graphs.some((graph) => Object.keys(graph.doubles).length > 0)) required.push("doublesCompared");
  if (graphs.some((graph) => graph.vectors.length > 0)) required.push("vectorsProbed", "vectorsComparedByBytes");
  if (graphs.some((graph) => searchesVectors(graph, indexSets[graph.indexSet]))) required.push("vectorSearchesAsked");
  if (graphs.some((graph) => graph.constraints.length > 0)) required.push("constraintsCompared");
  return required;
}

/** Whether an index of the graph holds at least two vectors, between which a probe lies. */
function searchesVectors(graph: GraphExpectation, indexes: readonly Index[] = []): boolean {
  return indexes.some(({ entity, fields, options }) =>
    graph.vectors.some(
      (vectors) =>
        vectors.entity === entity &&
        vectors.count > 1 &&
        fields[vectors.property]?.includes("VECTOR") &&
        options?.[vectors.property]?.["dimension"] === vectors.dims,
    ),
  );
}
