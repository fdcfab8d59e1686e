// A stored decision in the few words that a report of its runs has room for.
import { z } from "zod";
import type { GateDecision } from "../model/model.ts";

/** The fields of the `gate --json` output that the summary needs. */
interface StoredDecision {
  readonly decision: "go" | "no-go" | "inconclusive";
  readonly decidedAt: string;
  readonly rules: readonly { readonly status: "met" | "missed" | "unknown" | "excused"; readonly message: string }[];
}
export const decisionSchema: z.ZodType<StoredDecision> = z.object({
  decision: z.enum(["go", "no-go", "inconclusive"]),
  decidedAt: z.string(),
  rules: z.array(z.object({ status: z.enum(["met", "missed", "unknown", "excused"]), message: z.string() })),
});

export function gateDecision({ decision, decidedAt, rules }: StoredDecision): GateDecision {
  const met = rules.filter(({ status }) => status === "met").length;
  const open = rules.find(({ status }) => status === "missed" || status === "unknown");
  const first = open === undefined ? "" : `; first of the others: ${open.message}`;
  return {
    decision,
    why: `${met} of ${rules.length} rules met on ${decidedAt.slice(0, 16).replace("T", " ")} UTC${first}`,
  };
}
