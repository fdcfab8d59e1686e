// Selects the scenarios of a run: by parts of their ids, or else by the profile.
import { usageError } from "../../base/errors.ts";
import { didYouMean } from "../../base/suggest.ts";
import type { DrillOptions } from "./drill-options.ts";
import type { ProfileName } from "./profiles.ts";
import type { ScenarioDefinition } from "./scenario-definition.ts";

/** Filters win over the profile, so that a named scenario always runs. A complete id selects that scenario alone. */
export function selectScenarios(
  {
    filters,
    profile,
    backupSystem,
  }: Pick<DrillOptions, "filters" | "profile"> & Partial<Pick<DrillOptions, "backupSystem">>,
  all: readonly ScenarioDefinition[],
): readonly ScenarioDefinition[] {
  if (filters.length === 0) return all.filter((definition) => isIn(definition, profile, backupSystem !== undefined));
  const ids = all.map(({ id }) => id);
  const wanted = new Set(filters.flatMap((filter) => matching(filter, ids)));
  return all.filter(({ id }) => wanted.has(id));
}

/** A team's own system is always held to the conformance suite, and never to claims about FalkorDB itself. */
function isIn({ id, profiles, about }: ScenarioDefinition, profile: ProfileName, isOwn: boolean): boolean {
  if (isOwn && id.startsWith("conformance/")) return true;
  return profiles.includes(profile) && !(isOwn && about === "engine");
}

function matching(filter: string, ids: readonly string[]): readonly string[] {
  if (ids.includes(filter)) return [filter];
  const found = ids.filter((id) => id.includes(filter));
  if (found.length > 0) return found;
  throw usageError(
    `no scenario id contains "${filter}"`,
    didYouMean(filter, ids) ?? "falkordrill run --list --profile release shows all of them.",
  );
}
