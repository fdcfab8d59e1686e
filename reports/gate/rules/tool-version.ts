// The versions of this program whose runs count: an older one may not have looked where a newer one does.
import { z } from "zod";
import { matches, type RunEvidence } from "../evidence.ts";
import type { RuleResult, Rule } from "../rule.ts";

export type ToolVersionSection = readonly string[];

const pattern = /^[\d*]+(\.[\w*+-]+)*$/;

export const toolVersion: Rule<ToolVersionSection> = {
  about: "versions of falkordrill whose runs count",
  schema: z.array(z.string().regex(pattern, "expected a version such as 0.1.0 or 0.1.*")).min(1),
  judge: (allowed, { runs }) => runs.map((run) => judgeRun(allowed, run)),
};

function judgeRun(allowed: ToolVersionSection, { name, tool, replay }: RunEvidence): RuleResult {
  const base = {
    rule: "toolVersion",
    run: name,
    objective: allowed.join(" or "),
    value: tool.version,
    replay,
  } as const;
  if (allowed.some((one) => matches(one, tool.version))) return { ...base, status: "met", exit: "pass", message: "" };
  return { ...base, status: "missed", exit: "objectiveMissed", message: "not one of those allowed" };
}
