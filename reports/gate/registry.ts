// Every rule that a policy may have, by the name of its section. A new rule is a file in rules/ and a line in each of these.
import { age, type AgeSection } from "./rules/age.ts";
import { commit, type CommitSection } from "./rules/commit.ts";
import { coverage, type CoverageSection } from "./rules/coverage.ts";
import { engines, type EnginesSection } from "./rules/engines.ts";
import { lastGoodDrill, type LastGoodDrillSection } from "./rules/last-good-drill.ts";
import type { ObjectiveSection } from "./rules/limits.ts";
import { objectives } from "./rules/objectives.ts";
import { witnesses, type WitnessSection } from "./rules/witnesses.ts";
import { toolVersion, type ToolVersionSection } from "./rules/tool-version.ts";
import type { Rule } from "./rule.ts";

export interface PolicySections {
  readonly coverage: readonly CoverageSection[];
  readonly objectives: readonly ObjectiveSection[];
  readonly witnesses: readonly WitnessSection[];
  readonly lastGoodDrill: readonly LastGoodDrillSection[];
  readonly engines: EnginesSection;
  readonly age: AgeSection;
  readonly commit: CommitSection;
  readonly toolVersion: ToolVersionSection;
}

export const rules: { readonly [Name in keyof PolicySections]: Rule<PolicySections[Name]> } = {
  coverage,
  objectives,
  witnesses,
  lastGoodDrill,
  engines,
  age,
  commit,
  toolVersion,
};
