// A defect of the engine that is on record (docs/track-record.md), played again: a drill relies on knowing which versions
// have it, and says so when one no longer does.
import { moduleVersionText } from "../../../engine/versions.ts";
import type { Engine } from "../../../engine/engine.ts";
import type { Drill } from "../../drill.ts";

export interface Defect {
  /** As it completes "FalkorDB x ...". */
  readonly what: string;
  /** Versions of the module in which it was seen. */
  readonly seenIn: readonly number[];
}

/** Holds what was seen against what is on record for the version of this engine. */
export async function recordDefect(
  drill: Drill,
  engine: Engine,
  { what, seenIn }: Defect,
  isShown: boolean,
): Promise<void> {
  const { record, id } = drill;
  const { module } = await engine.versions();
  const version = `FalkorDB ${moduleVersionText(module)}`;
  record.witness("defectsPlayed", 1);
  record.requireWitnesses("defectsPlayed");
  if (isShown) {
    record.witness("defectsShown", 1);
    return;
  }
  if (seenIn.includes(module)) {
    record.assumption("defect-not-shown", `${version} ${what}, by our record; this time it did not`, {
      module,
      seenIn,
    });
    return;
  }
  record.finding({
    code: "engine-defect-gone",
    severity: "info",
    subject: id,
    message: `${version} no longer has this defect: that it ${what}`,
    evidence: { module, seenIn },
  });
}
