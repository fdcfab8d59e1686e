// The policy of a release gate: what must have been proven, how fast, how lately, on what, and what is accepted.
import { z } from "zod";
import { exceptionSchema, type PolicyException } from "./exceptions.ts";
import { type PolicySections, rules } from "./registry.ts";

export type Policy = {
  readonly version: 1;
  /** What is released, for people. */
  readonly name: string;
  readonly exceptions?: readonly PolicyException[] | undefined;
} & { readonly [Name in keyof PolicySections]?: PolicySections[Name] | undefined };

const sections = Object.fromEntries(
  Object.entries(rules).map(([name, rule]) => [name, (rule.schema as z.ZodType).optional().describe(rule.about)]),
);

export const policySchema: z.ZodType<Policy> = z
  .strictObject({
    $schema: z.string().optional(),
    version: z.literal(1, "expected 1, the version of this format"),
    name: z.string().min(1).describe("what is released, for people"),
    ...sections,
    exceptions: z.array(exceptionSchema).optional().describe("what is accepted, by whom, why, and until when"),
  })
  .refine(
    (policy) => Object.keys(rules).some((name) => (policy as Readonly<Record<string, unknown>>)[name] !== undefined),
    {
      error: `it has no rule; give at least one of ${Object.keys(rules).join(", ")}`,
    },
  );

/** Types a policy written in TypeScript: `export default definePolicy({ ... })`. */
export function definePolicy(policy: Policy): Policy {
  return policy;
}
