// A stored run as a scorecard reads it: judged again from its observations, with what the system says that it can do.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { sha256OfFile } from "../../harness/base/files/sha256.ts";
import type { NotCovered } from "../../harness/record/result.ts";
import { observationFolder, readResult, readRun } from "../../harness/record/run-directory.ts";
import { sealFile } from "../../harness/record/seal.ts";
import { objectivesOf } from "../figures/headlines.ts";
import type { RunEvidence } from "../gate/evidence.ts";
import { readRunEvidence } from "../gate/read-evidence.ts";

export interface AssessedRun extends RunEvidence {
  readonly path: string;
  /** SHA-256 of the run's own list of hashes; the signed list of a bundle names the same. Undefined without one. */
  readonly sealSha256: string | undefined;
  /** What the system claims; undefined where no scenario recorded it. */
  readonly capabilities: ReadonlySet<string> | undefined;
  /** Scenarios that were asked for and not run, because the system lacks what they need. */
  readonly notRun: readonly NotCovered[];
  /** The objectives with which the run was started. */
  readonly objectives: { readonly rtoMs?: number | undefined; readonly rpoMs?: number | undefined };
}

/** `name` is what the card calls the run. Throws a `DrillError` (`usage`) for a folder that is not a run. */
export async function readAssessedRun(path: string, name: string): Promise<AssessedRun> {
  const evidence = await readRunEvidence(path, name);
  const claimed = evidence.scenarios.flatMap(({ id }) => capabilitiesOf(path, id) ?? []);
  const seal = join(path, sealFile);
  return {
    ...evidence,
    path,
    sealSha256: existsSync(seal) ? await sha256OfFile(seal) : undefined,
    notRun: (await readResult(path)).notCovered ?? [],
    capabilities: claimed.length === 0 ? undefined : new Set(claimed),
    objectives: objectivesOf(readRun(path)),
  };
}

const systemSchema = z.object({ capabilities: z.array(z.string()) });

function capabilitiesOf(path: string, scenario: string): readonly string[] | undefined {
  try {
    const text = readFileSync(join(path, "observations", observationFolder(scenario), "system.json"), "utf8");
    return systemSchema.safeParse(JSON.parse(text)).data?.capabilities;
  } catch {
    // Missing or damaged; the seal of the run reports the damage.
    return undefined;
  }
}
