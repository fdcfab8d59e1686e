// What a chain gave, held against what the source had: one finding for each difference between their digests.
import type { Finding } from "../../../check/check.ts";

/** `differences` as compareDigests tells them. */
export function judgeDigests(subject: string, differences: readonly string[]): Finding[] {
  return differences.map((difference) => ({
    code: "moment-differs",
    severity: "error",
    subject,
    message: `what the chain gives is not what the source held: ${difference}`,
    evidence: { difference },
  }));
}
