// Reproduces a recorded defect of the engine (docs/track-record.md): a drill relies on knowing which versions have it,
// and reports when one no longer does.
import { moduleVersionText } from "../../../engine/versions.ts";
import type { Engine } from "../../../engine/engine.ts";
import type { Drill } from "../../drill.ts";

export interface Defect {
  /** Completes the sentence "FalkorDB x ...". */
  readonly what: string;
  /** Module versions in which it was observed. */
  readonly seenIn: readonly number[];
}

/** Compares the observation with the record for this engine version. */
export async function recordDefect(
  drill: Drill,
  engine: Pick<Engine, "versions">,
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
