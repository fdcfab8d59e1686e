// The scenario fault/swarm: one drill of one seed; at night several, each with a seed of its own.
import type { Drill } from "../../drill.ts";
import { runSwarm, type SwarmRow } from "./swarm.ts";

const drawsAtNight = 8;
const steps = { pr: 2, drill: 4, nightly: 5, release: 5 } as const;
/** A fault that is asked for has to be on during several commands, to have fired in one. */
const stepsOfOne = 4;

function stepsOf({ profile, fault }: Drill["options"]): number {
  return fault === undefined ? steps[profile] : Math.max(stepsOfOne, steps[profile]);
}

export async function swarms(drill: Drill): Promise<void> {
  const { options, record, seed } = drill;
  const draws = options.profile === "nightly" || options.profile === "release" ? drawsAtNight : 1;
  const rows: SwarmRow[] = [];
  for (let draw = 0; draw < draws; draw += 1)
    rows.push(...(await runSwarm(drill, seed + draw, stepsOf(options), options.fault)));
  record.observation("swarm", rows);
  record.requireWitnesses("faultsFired", "pointsRestored", "entitiesCompared");
}
