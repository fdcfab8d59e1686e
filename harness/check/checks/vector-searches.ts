// Vector indexes are approximate and built anew by each load, so their answers are held to what the source's found.
import type { Check, Finding } from "../check.ts";
import type { Evidence } from "../evidence.ts";
import type { VectorSearch } from "../observation.ts";
import { pairs } from "../pairs.ts";

/**
 * Loss of recall that is left to the order in which an index was built: between indexes of the same vectors, built in
 * twenty orders, it was 0.056 at most (docs/benchmarks.md). Loads of one dump do not differ at all.
 */
const lossAllowed = 0.05;
/** Half of the interval, in standard errors of the mean over the probes. */
const standardErrors = 4;

export const vectorSearchesCheck: Check<Evidence> = {
  name: "vector searches",
  claim: "Each vector index finds as many of the ten nearest as the source's, by a scan of all vectors.",
  judge({ expectation, observation, baseline }) {
    const findings: Finding[] = [];
    const witnesses = { vectorSearchesAsked: 0, vectorSearchesCompared: 0 };
    const before = new Map(baseline?.graphs.map((graph) => [graph.name, graph.vectorSearches ?? []]));
    for (const { expected, observed } of pairs(expectation, observation)) {
      const searches = observed.vectorSearches ?? [];
      for (const { found } of searches) witnesses.vectorSearchesAsked += found.length;
      for (const source of before.get(expected.name) ?? []) {
        if (source.found.length === 0) continue;
        const target = searches.find((search) => nameOf(search) === nameOf(source));
        witnesses.vectorSearchesCompared += source.found.length;
        findings.push(...compare(`${expected.name}/${nameOf(source)}`, source, target));
      }
    }
    return { findings, witnesses };
  },
};

function nameOf({ entity, label, property }: VectorSearch): string {
  return entity === "NODE" ? `${label}.${property}` : `[${label}].${property}`;
}

function compare(subject: string, source: VectorSearch, target: VectorSearch | undefined): Finding[] {
  // A probe that the target could not be asked found nothing.
  const differences = source.found.map((_, at) => shareOf(target, at) - shareOf(source, at));
  const { mean, error } = meanOf(differences);
  const upper = mean + standardErrors * error;
  if (upper >= -lossAllowed) return [];
  const evidence = {
    source: recallOf(source),
    target: target === undefined ? 0 : recallOf(target, source.found.length),
    difference: rounded(mean),
    interval: [rounded(mean - standardErrors * error), rounded(upper)],
    probes: source.found.length,
    ...(target?.error === undefined ? {} : { error: target.error }),
  };
  const message = `the vector index finds ${percent(evidence.target)} of the nearest, and ${percent(evidence.source)} on the source`;
  return [{ code: "vector-recall-worse", severity: "error", subject, message, evidence }];
}

/** Share of the nearest that were found; 0 where there was nothing to find, which is less than the source found. */
function shareOf(search: VectorSearch | undefined, at: number): number {
  const wanted = search?.wanted[at] ?? 0;
  return wanted === 0 ? 0 : (search?.found[at] ?? 0) / wanted;
}

/** `probes`: how many had to be asked. */
function recallOf(search: VectorSearch, probes: number = search.found.length): number {
  return rounded(search.found.reduce((sum, _, at) => sum + shareOf(search, at), 0) / probes);
}

function meanOf(values: readonly number[]): { mean: number; error: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, error: Math.sqrt(squares / Math.max(1, values.length - 1) / values.length) };
}

function rounded(value: number): number {
  return Number(value.toFixed(3));
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}
