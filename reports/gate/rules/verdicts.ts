// The rule that no policy can leave out: whatever was planned must have run, and passed.
import { missingShards } from "../../../harness/record/missing.ts";
import { findingGroups } from "../../findings/finding-groups.ts";
import { reasonForVerdict } from "../../findings/severity.ts";
import type { GateEvidence, Sample } from "../evidence.ts";
import type { RuleResult } from "../rule.ts";

const rule = "verdicts";

export function judgeVerdicts(evidence: GateEvidence): readonly RuleResult[] {
  const { samples } = evidence;
  if (samples.length === 0)
    return [{ rule, status: "unknown", exit: "inconclusive", message: "no scenario was run: nothing was proven" }];
  const broken = [...samples.flatMap(notPassed), ...notGiven(evidence)];
  const passed = samples.filter(({ result }) => result.verdict === "pass").length;
  const message = `${passed} of ${samples.length} results passed`;
  return broken.length > 0 ? broken : [{ rule, status: "met", exit: "pass", message, samples: samples.length }];
}

function notPassed({ run, result }: Sample): RuleResult[] {
  if (result.verdict === "pass") return [];
  const [first] = findingGroups([result]);
  const why = [first?.code, reasonForVerdict(result)].filter((part) => part !== undefined).map((part) => `: ${part}`);
  return [
    {
      rule,
      status: result.verdict === "fail" ? "missed" : "unknown",
      exit: result.verdict === "fail" ? result.exit : "inconclusive",
      message: `${result.verdict}${why.join("")}`,
      run: run.name,
      scenario: result.id,
      replay: result.replay,
    },
  ];
}

/** A drill that was split over machines counts as a whole only. */
function notGiven({ runs }: GateEvidence): RuleResult[] {
  const shards = runs.map(({ replay, tool, shard }) => ({ replay, ...tool, shard }));
  return missingShards(shards).map(({ id: scenario, findings, replay }) => {
    const message = findings[0]?.message ?? "";
    return { rule, status: "unknown", exit: "inconclusive", message, scenario, replay };
  });
}
