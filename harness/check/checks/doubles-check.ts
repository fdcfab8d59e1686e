// Doubles are back to the last bit, including those bits that replies of 15 digits do not show.
import type { Check, Finding } from "../check.ts";
import type { Evidence } from "../evidence.ts";
import { pairs } from "../pairs.ts";

export const doublesCheck: Check<Evidence> = {
  name: "doubles",
  claim: "Every stored double is back to its last bit.",
  judge({ expectation, observation }) {
    const findings: Finding[] = [];
    let doublesCompared = 0;
    for (const { expected, observed } of pairs(expectation, observation))
      for (const [slot, want] of Object.entries(expected.doubles)) {
        const got = observed.doubles[slot];
        doublesCompared += want.count;
        if (got?.sum === want.sum && got.count === want.count) continue;
        findings.push({
          code: "double-differs",
          severity: "error",
          subject: `${expected.name}/${slot}`,
          message: `the last bits of ${slot} differ, or some of its values are not doubles`,
          evidence: { expected: want, found: got ?? null },
        });
      }
    return { findings, witnesses: { doublesCompared } };
  },
};
