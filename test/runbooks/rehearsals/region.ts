// The region with the server and its vault is lost, and is there again.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { objectStore } from "../../../fixtures/object-stores/object-stores.ts";
import type { VaultSetting } from "../../../harness/monitor/settings.ts";
import { fillSource } from "../../../harness/vault/testing/test-source.ts";
import type { Rehearsal } from "../rehearse.ts";
import type { RunbookWorld } from "../runbook-world.ts";

const archive = "falkordrill vault archive --segment-age 1s --keys graph-keys";

/** A server whose archive is in a vault of its region and in a second one; both are monitored. */
async function withTwoRegions(world: RunbookWorld, far: string, settings: Partial<VaultSetting> = {}): Promise<void> {
  const keys = join(world.folder, "graph-keys");
  await world.start("second");
  await fillSource((await world.start("first")).endpoint);
  await world.shell.run(
    `falkordrill vault init --vault /backups/graphs --keys graph-keys
     falkordrill vault init --vault ${far} --keys graph-keys`,
  );
  await world.shell.run(`${archive} --vault /backups/graphs --url redis://first:6379`);
  await world.query("CREATE (:Note {text: 'genuine'})", "people", "first");
  await world.untilArchived();
  await world.shell.interrupt();
  await world.keep("first");
  await world.shell.run(
    `falkordrill vault verify --vault /backups/graphs --keys graph-keys
     falkordrill vault replicate --from /backups/graphs --to ${far} --keys graph-keys
     falkordrill vault verify --vault ${far} --keys graph-keys`,
  );
  const near = { name: "near", vault: world.vault, keys };
  world.monitored = {
    vaults: [near, { name: "far", vault: world.shell.here(far), keys, replicaOf: "near", ...settings }],
  };
}

async function withSecondRegionOnS3(world: RunbookWorld): Promise<void> {
  const { endpoint, credentials, newBucket } = await objectStore("moto");
  world.shell.place("s3://backups/graph", `s3://${await newBucket()}/graph`);
  Object.assign(world.shell.env, {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  });
  await withTwoRegions(world, "s3://backups/graph");
}

const forget = {
  hands: {
    "take the lost vault out of the monitor": async (world: RunbookWorld) => {
      const [, far] = world.monitored.vaults ?? [];
      if (far !== undefined) world.monitored = { vaults: [{ ...far, replicaOf: undefined }] };
    },
  },
  endsAfterMinutes: 24 * 60 + 10,
};

/** The second region has gone on without the first one. */
async function withSecondRegionAlone(world: RunbookWorld): Promise<void> {
  await withTwoRegions(world, "/mnt/far/graphs");
  await world.start("aside");
  await world.shell.run(
    "falkordrill vault restore --vault /mnt/far/graphs --keys graph-keys --at latest --to redis://second:6379",
  );
}

async function continueAlone(world: RunbookWorld): Promise<void> {
  await world.shell.run(`${archive} --vault /mnt/far/graphs --url redis://second:6379`);
  await world.query("CREATE (:Note {text: 'in the second region'})", "people", "second");
  await world.shell.interrupt();
  await world.keep("second");
  // It comes back empty.
  await world.command("first", "FLUSHALL");
}

const lookAgain = {
  "let the monitor look at the new vault": async (world: RunbookWorld) => {
    const [near, far] = world.monitored.vaults ?? [];
    if (near === undefined || far === undefined) throw new Error("two vaults are monitored");
    world.monitored = { vaults: [{ ...near, vault: `${near.vault}-again` }, far] };
  },
};

export const regionRehearsals: readonly Rehearsal[] = [
  {
    runbook: "failover",
    paths: [
      {
        branch: "If nothing of the first region answers",
        prepare: withSecondRegionOnS3,
        inject: async (world) => {
          rmSync(world.vault, { recursive: true });
          await world.server("first").kill();
        },
        alerts: ["FalkorDrillReplicaUncompared", "FalkorDrillVaultUnreadable"],
        ...forget,
        prove: (world) => world.mustHold("second", "first"),
      },
      {
        branch: "If its vault may still answer",
        prepare: withSecondRegionOnS3,
        inject: async (world) => {
          rmSync(world.vault, { recursive: true });
          await world.server("first").kill();
        },
        alerts: ["FalkorDrillReplicaUncompared", "FalkorDrillVaultUnreadable"],
        ...forget,
        prove: (world) => world.mustHold("second", "first"),
      },
    ],
  },
  {
    runbook: "fail-back",
    paths: [
      {
        branch: "If the first region stood still",
        prepare: withSecondRegionAlone,
        inject: continueAlone,
        alerts: ["FalkorDrillReplicaDiverged"],
        hands: lookAgain,
        prove: (world) => world.mustHold("first", "second"),
      },
      {
        branch: "If the first region wrote on",
        prepare: withSecondRegionAlone,
        inject: async (world) => {
          await world.shell.run(`${archive} --vault /backups/graphs --url redis://first:6379`);
          await world.query("CREATE (:Note {text: 'in the first region'})", "people", "first");
          await world.shell.interrupt();
          await continueAlone(world);
        },
        alerts: ["FalkorDrillReplicaDiverged"],
        hands: lookAgain,
        prove: (world) => world.mustHold("first", "second"),
      },
    ],
  },
];
