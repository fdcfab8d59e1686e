// Reads a policy file.
import { checkoutOf } from "../../harness/base/checkout.ts";
import { loadSettings } from "../../harness/base/files/load-settings.ts";
import { type Policy, policySchema } from "./policy.ts";
import { headCommit } from "./rules/commit.ts";

export async function loadPolicy(path: string): Promise<Policy> {
  const hint = "docs/guides/ci.md has an example; schemas/policy.schema.json describes every field.";
  const define = "definePolicy({ ... })";
  return withHead(await loadSettings(path, { name: "policy", schema: policySchema, hint, define }));
}

/** HEAD is replaced by its current commit, so that a bundle can be judged again elsewhere. */
function withHead(policy: Policy): Policy {
  if (policy.commit?.is !== headCommit) return policy;
  const checkout = checkoutOf(process.cwd());
  return checkout === undefined ? policy : { ...policy, commit: { is: checkout.commit } };
}
