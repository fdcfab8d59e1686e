// Compares what a chain restored with what the source held: one finding per difference of their digests.
import type { Finding } from "../../../check/check.ts";

/** `differences`: the result of compareDigests. */
export function judgeDigests(subject: string, differences: readonly string[]): Finding[] {
  return differences.map((difference) => ({
    code: "moment-differs",
    severity: "error",
    subject,
    message: `what the chain gives is not what the source held: ${difference}`,
    evidence: { difference },
  }));
}
