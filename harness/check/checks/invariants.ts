// Graphiti's hard invariants, as the scan counted them. Only those that the dataset promises are judged.
import type { Check, Finding } from "../check.ts";
import type { Evidence } from "../evidence.ts";
import { invariantClaims, type InvariantName } from "../scan/invariant-tally.ts";
import { pairs } from "../pairs.ts";

export const invariantsCheck: Check<Evidence> = {
  name: "invariants",
  claim: "What Graphiti guarantees about its own graphs (H1-H11) still holds; what merely looks odd is let be.",
  judge({ expectation, observation }) {
    const findings: Finding[] = [];
    let invariantsChecked = 0;
    for (const { expected, observed } of pairs(expectation, observation)) {
      const promised = expected.invariants ?? expectation.invariants;
      // Every graph with nodes that promises H1 promises it of each of them.
      if (expected.fingerprint.nodes.count > 0 && promised.includes("H1") && !observed.invariants["H1"])
        findings.push(nothingChecked(expected.name, expected.fingerprint.nodes.count));
      for (const [name, tally] of Object.entries(observed.invariants)) {
        if (!promised.includes(name)) continue;
        invariantsChecked += tally.checked;
        // Writes torn by the cut break some of them a known number of times.
        if (tally.violated === (expected.brokenInvariants?.[name] ?? 0)) continue;
        findings.push({
          code: `invariant-${name}`,
          severity: "error",
          subject: `${expected.name}/${tally.samples[0] ?? ""}`,
          message: `${tally.violated} of ${tally.checked} break ${name}: ${claimOf(name)}`,
          evidence: { ...tally },
        });
      }
    }
    return { findings, witnesses: { invariantsChecked } };
  },
};

function nothingChecked(graph: string, nodes: number): Finding {
  return {
    code: "invariant-H1",
    severity: "error",
    subject: graph,
    message: `of ${nodes} nodes that must keep H1 none was there: ${claimOf("H1")}`,
    evidence: { checked: 0, expected: nodes },
  };
}

function claimOf(name: string): string {
  return name in invariantClaims ? invariantClaims[name as InvariantName] : name;
}

/** Invariants that a variant of the dataset promises: legal but unusual graphs keep those of every Graphiti version. */
export function promisedInvariants(variant: "clean" | "dirty" | "edge-values"): string[] {
  if (variant === "edge-values") return [];
  return variant === "clean" ? Object.keys(invariantClaims) : ["H1", "H3", "H7", "H9"];
}
