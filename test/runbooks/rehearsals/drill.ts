// What a drill found is too slow.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Rehearsal } from "../rehearse.ts";
import type { RunbookWorld } from "../runbook-world.ts";

async function withDrills(world: RunbookWorld): Promise<void> {
  await world.withBackup();
  await world.start("new");
  await world.keep();
  mkdirSync(join(world.folder, ".falkordrill/runs"), { recursive: true });
  world.monitored = { ...world.monitored, runs: [".falkordrill/runs"], rto: "10s" };
}

/** Each key of a dump, of which a small graph has four, takes the server five seconds to load. */
async function drillSlowly(world: RunbookWorld): Promise<void> {
  world.write("falkordrill.config.yaml", "server: { key-load-delay: 5000000 }\n");
  await world.shell.run("falkordrill run cycle/full --nodes 300 --out .falkordrill/runs/nightly");
}

export const drillRehearsals: readonly Rehearsal[] = [
  {
    runbook: "restore-too-slow",
    paths: [
      {
        branch: "If the server loads slowly",
        prepare: withDrills,
        inject: drillSlowly,
        alerts: ["FalkorDrillDrillRtoMissed"],
        hands: { "mend the setting": async (world) => world.write("falkordrill.config.yaml", "server: {}\n") },
        prove: (world) => world.mustHold(),
      },
      {
        branch: "If it cannot be faster",
        prepare: withDrills,
        inject: drillSlowly,
        alerts: ["FalkorDrillDrillRtoMissed"],
        hands: {
          "agree on another objective": async (world) => {
            world.monitored = { ...world.monitored, rto: "10m" };
          },
        },
        prove: (world) => world.mustHold(),
      },
    ],
  },
];
