// Vectors are back byte for byte (sample), and all of them have the same distance to a seeded probe.
import type { FindingCode } from "../../base/findings/finding-codes.ts";
import type { Check, Finding } from "../check.ts";
import type { Evidence } from "../evidence.ts";
import type { VectorSums } from "../observation.ts";
import { pairs } from "../pairs.ts";
import { distanceTolerance } from "../fingerprint/vectors.ts";

export const embeddingsCheck: Check<Evidence> = {
  name: "embeddings",
  claim: "Every vector has its type, dimension and place; the bytes of a seeded sample are equal.",
  judge({ expectation, observation, baseline }) {
    const findings: Finding[] = [];
    const witnesses = { vectorsProbed: 0, vectorsComparedByBytes: 0 };
    const before = new Map(baseline?.graphs.map((graph) => [graph.name, graph.vectors]));
    for (const { expected, observed } of pairs(expectation, observation))
      for (const want of expected.vectors) {
        const same = (other: VectorSums): boolean => other.entity === want.entity && other.property === want.property;
        const got = observed.vectors.find(same);
        const source = before.get(expected.name)?.find(same);
        findings.push(...compare(`${expected.name}/${want.property}`, want, got, source));
        witnesses.vectorsProbed += want.count;
        witnesses.vectorsComparedByBytes += want.exact.count;
      }
    return { findings, witnesses };
  },
};

function compare(
  subject: string,
  want: VectorSums,
  got: VectorSums | undefined,
  source: VectorSums | undefined,
): Finding[] {
  const finding = (code: FindingCode, message: string, evidence: Finding["evidence"]): Finding => ({
    code,
    severity: "error",
    subject,
    message,
    evidence,
  });
  if (got === undefined || got.error !== undefined)
    return [
      finding("vectors-unreadable", `the vectors cannot be compared: ${got?.error ?? "there are none"}`, {
        dims: want.dims,
        count: want.count,
      }),
    ];
  if (got.count !== want.count)
    return [
      finding("vector-count-differs", `expected ${want.count} vectors, found ${got.count}`, {
        expected: want.count,
        found: got.count,
      }),
    ];
  const findings: Finding[] = [];
  if (got.exact.count !== want.exact.count || got.exact.sum !== want.exact.sum)
    findings.push(
      finding("vector-bytes-differ", "the bytes of sampled vectors differ", { expected: want.exact, found: got.exact }),
    );
  const perBucket = want.count / want.distances.length;
  // A bucket holds about this many, hardly ever four times as many.
  const tolerance = distanceTolerance(perBucket * 4);
  const moved = want.distances.flatMap((sum, at) => (Math.abs(sum - (got.distances[at] ?? 0)) > tolerance ? [at] : []));
  if (moved.length > 0)
    findings.push(
      finding("vector-moved", `vectors of ${moved.length} buckets lie elsewhere`, { buckets: moved.slice(0, 20) }),
    );
  if (source?.probed !== undefined && source.probed.sum !== got.probed?.sum)
    findings.push(
      finding("vector-differs-from-source", "distances to the probe are not those that the source gave", {
        source: source.probed,
        found: got.probed ?? null,
      }),
    );
  return findings;
}
