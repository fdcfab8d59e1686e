// The vault is whole, and what a server holds is not what it should be: damaged, put back too far, or partly deleted.
import { listBackupIds } from "../../../harness/vault/store/vault.ts";
import type { Rehearsal } from "../rehearse.ts";
import { type RunbookWorld, writtenSafetyId } from "../runbook-world.ts";

const inPlace = "falkordrill vault restore --vault /backups/graphs --in-place --to redis://db:6379";

async function withBackupKept(world: RunbookWorld): Promise<void> {
  await world.withBackup();
  await world.keep();
}

const damage = (world: RunbookWorld): Promise<void> =>
  world.query("MATCH (p:Person) WHERE p.id % 2 = 0 DETACH DELETE p");

/** Writes that are newer than the backup, and then a restore of the backup over them. */
async function restoreWrongly(world: RunbookWorld): Promise<void> {
  const { store } = await world.context();
  const before = new Set(await listBackupIds(store));
  await world.shell.run(`${inPlace} --refuse-writes --yes`);
  const safety = (await listBackupIds(store)).find((id) => !before.has(id));
  if (safety === undefined) throw new Error("the restore has made no safety snapshot");
  world.shell.place(writtenSafetyId, safety);
}

async function withNewerWrites(world: RunbookWorld): Promise<void> {
  await world.withBackup();
  await world.query("CREATE (:Person {id: 900001, name: 'newer than the backup'})");
  await world.keep();
}

async function behindService(world: RunbookWorld): Promise<void> {
  await withBackupKept(world);
  await world.startService();
}

const service = "--service http://graph:8000 --service-token-file token";

async function killedRestore(world: RunbookWorld): Promise<void> {
  // Less than what a backup takes for a loss, as the old data is backed up afterwards.
  await world.query("MATCH (p:Person) WHERE p.id % 30 = 0 DETACH DELETE p");
  await world.keep();
  await world.shell.killAt("in-place/swapped", `${inPlace} ${service} --yes`);
}

export const dataRehearsals: readonly Rehearsal[] = [
  {
    runbook: "restore",
    paths: [
      {
        branch: "If a graph service is in front of it",
        prepare: behindService,
        inject: damage,
        alerts: [],
        prove: (world) => world.mustHold(),
      },
      {
        branch: "If clients write to it directly",
        prepare: withBackupKept,
        inject: damage,
        alerts: [],
        prove: (world) => world.mustHold(),
      },
    ],
  },
  {
    runbook: "wrong-restore",
    paths: [
      {
        branch: "If all of it has to come back",
        prepare: withNewerWrites,
        inject: restoreWrongly,
        alerts: [],
        prove: (world) => world.mustHold(),
      },
      {
        branch: "If what was written since has to stay",
        prepare: withNewerWrites,
        inject: async (world) => {
          await restoreWrongly(world);
          await world.query("CREATE (:Person {id: 900002, name: 'written since'})");
          await world.keep("db", "since");
        },
        alerts: [],
        prove: async (world) => {
          await world.command("db", "GRAPH.DELETE", "people-before");
          await world.mustHold("db", "since");
        },
      },
    ],
  },
  {
    runbook: "stuck-in-pause",
    paths: [
      {
        branch: "If the restore has to be ended",
        prepare: behindService,
        inject: async (world) => {
          await damage(world);
          await world.shell.killAt("in-place/swapped", `${inPlace} ${service} --yes`);
        },
        alerts: ["FalkorDrillNewestBackupNotRestorable"],
        prove: (world) => world.mustHold(),
      },
      {
        branch: "If the old data is wanted back",
        prepare: behindService,
        inject: killedRestore,
        alerts: [],
        prove: (world) => world.mustHold(),
      },
      {
        branch: "If it was a backup",
        prepare: behindService,
        inject: (world) =>
          world.shell.killAt(
            "backup/writes-paused",
            `falkordrill vault backup --vault /backups/graphs --url redis://db:6379 ${service}`,
          ),
        alerts: ["FalkorDrillLockLeft"],
        hands: { "wait for the end of its lease": (world) => world.untilResumed() },
        prove: (world) => world.mustHold(),
      },
    ],
  },
  {
    runbook: "tenant-deleted",
    paths: [
      {
        branch: "If the graph is gone",
        prepare: withBackupKept,
        inject: (world) => world.command("db", "GRAPH.DELETE", "people"),
        alerts: [],
        prove: (world) => world.mustHold(),
      },
      {
        branch: "If it is there, and wrong",
        prepare: withBackupKept,
        inject: damage,
        alerts: [],
        hands: { "delete the wrong graph": (world) => world.command("db", "GRAPH.DELETE", "people") },
        prove: async (world) => {
          await world.command("db", "GRAPH.DELETE", "people-before");
          await world.mustHold();
        },
      },
    ],
  },
  {
    runbook: "version-upgrade",
    paths: [
      {
        branch: "If the new server holds the same",
        prepare: withBackupKept,
        inject: (world) => world.start("new"),
        alerts: [],
        prove: (world) => world.mustHold("new"),
      },
      {
        branch: "If the new server does not take it",
        prepare: withBackupKept,
        inject: (world) =>
          world.start("new", { redisConfig: { maxmemory: "100mb", "maxmemory-policy": "allkeys-lru" } }),
        alerts: [],
        prove: (world) => world.mustHold(),
      },
    ],
  },
];
