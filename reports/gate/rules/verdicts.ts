// The rule that no policy can leave out: whatever was planned must have run, and passed.
import { missingShards } from "../../../harness/drill/missing.ts";
import type { GateEvidence, Sample } from "../evidence.ts";
import type { Judged } from "../rule.ts";

const rule = "verdicts";

export function judgeVerdicts(evidence: GateEvidence): readonly Judged[] {
  const { samples } = evidence;
  if (samples.length === 0)
    return [{ rule, status: "unknown", exit: "inconclusive", message: "no scenario was run: nothing was proven" }];
  const broken = [...samples.flatMap(notPassed), ...notGiven(evidence)];
  const passed = samples.filter(({ result }) => result.verdict === "pass").length;
  const message = `${passed} of ${samples.length} results passed`;
  return broken.length > 0 ? broken : [{ rule, status: "met", exit: "pass", message, samples: samples.length }];
}

function notPassed({ run, result }: Sample): Judged[] {
  if (result.verdict === "pass") return [];
  const errors = result.findings.filter((finding) => finding.severity === "error");
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  const [first] = errors;
  const why = first === undefined ? "" : `: ${first.code} ${first.subject}: ${first.message}${more}`;
  return [
    {
      rule,
      status: result.verdict === "fail" ? "missed" : "unknown",
      exit: result.verdict === "fail" ? result.exit : "inconclusive",
      message: `${result.verdict}${why}`,
      run: run.name,
      scenario: result.id,
      replay: result.replay,
    },
  ];
}

/** A drill that was split over machines counts as a whole only. */
function notGiven({ runs }: GateEvidence): Judged[] {
  const shards = runs.map(({ replay, tool, shard }) => ({ replay, ...tool, shard }));
  return missingShards(shards).map(({ id: scenario, findings, replay }) => {
    const message = findings[0]?.message ?? "";
    return { rule, status: "unknown", exit: "inconclusive", message, scenario, replay };
  });
}
