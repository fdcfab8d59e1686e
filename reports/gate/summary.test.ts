import { expect, it } from "vitest";
import { decisionSchema, gateDecision } from "./summary.ts";

it("says in a line what a gate decided, how many rules are met, and the first that is not", () => {
  const rules = [
    { status: "met", message: "every scenario passed" },
    { status: "missed", message: "RTO 5 s is over 4 s" },
  ];
  const stored = decisionSchema.parse({ decision: "no-go", decidedAt: "2026-01-02T03:04:05.678Z", rules, more: 1 });
  expect(gateDecision(stored)).toEqual({
    decision: "no-go",
    why: "1 of 2 rules met on 2026-01-02 03:04 UTC; first of the others: RTO 5 s is over 4 s",
  });
  expect(decisionSchema.safeParse({ decision: "maybe" }).success).toBe(false);
});
