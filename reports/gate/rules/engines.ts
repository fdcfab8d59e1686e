// The versions of the engine on which a drill counts: a restore proven on another version proves nothing about yours.
import { z } from "zod";
import { type EngineSeen, type GateEvidence, matches } from "../evidence.ts";
import type { RuleResult, Rule } from "../rule.ts";

export interface EnginesSection {
  readonly falkordb?: readonly string[] | undefined;
  readonly redis?: readonly string[] | undefined;
  readonly kinds?: readonly string[] | undefined;
}

const versions = z.array(z.string().regex(/^[\d*]+(\.[\d*]+)*$/, "expected a version such as 4.16.3 or 4.16.*")).min(1);
const kinds = z.array(z.enum(["embedded", "container", "external"])).min(1);

export const engines: Rule<EnginesSection> = {
  about: "engines and versions on which a drill counts",
  schema: z
    .strictObject({
      falkordb: versions.optional().describe("allowed versions of the module, such as 4.16.*"),
      redis: versions.optional().describe("allowed versions of redis-server, such as 8.2.*"),
      kinds: kinds.optional().describe("embedded, container, external"),
    })
    .refine((section) => Object.values(section).some((allowed) => allowed !== undefined), {
      error: "it names no engine; give at least one of falkordb, redis, kinds",
    }),
  judge: (section, evidence) => [
    ...judgeField("falkordb", section.falkordb, evidence),
    ...judgeField("redis", section.redis, evidence),
    ...judgeField("kind", section.kinds, evidence),
  ],
};

function judgeField(
  field: keyof EngineSeen,
  allowed: readonly string[] | undefined,
  { runs }: GateEvidence,
): readonly RuleResult[] {
  if (allowed === undefined) return [];
  const seen = runs.flatMap(({ name, engines }) =>
    [...engines].map(([scenario, engine]) => ({ name, scenario, engine })),
  );
  const base = { rule: "engines", metric: field, objective: allowed.join(" or "), samples: seen.length };
  if (seen.length === 0)
    return [{ ...base, status: "unknown", exit: "inconclusive", message: "no run says which engine it had" }];
  const wrong = seen.find(({ engine }) => !allowed.some((pattern) => matches(pattern, engine[field])));
  const value = [...new Set(seen.map(({ engine }) => engine[field]))].toSorted().join(", ");
  if (wrong === undefined) return [{ ...base, status: "met", exit: "pass", message: "", value }];
  const { name: run, scenario, engine } = wrong;
  const unknown = engine[field] === "unknown";
  return [
    {
      ...base,
      status: unknown ? "unknown" : "missed",
      exit: unknown ? "inconclusive" : "objectiveMissed",
      message: unknown ? "the engine did not say" : "not one of those allowed",
      run,
      scenario,
      value: engine[field],
    },
  ];
}
