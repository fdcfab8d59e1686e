// The vault is there, and is not what it should be: it stalls, is full, damaged, attacked, or holds what a proof found wrong.
import { randomBytes } from "node:crypto";
import { rmSync, statfsSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mountSmallDisk } from "../../../harness/fault/small-disk.ts";
import { forgeLastSegment } from "../../../harness/vault/testing/test-segments.ts";
import { listBackupIds } from "../../../harness/vault/store/vault.ts";
import type { Rehearsal } from "../rehearse.ts";
import { type RunbookWorld, writtenId } from "../runbook-world.ts";

const replicate = "falkordrill vault replicate --from /backups/graphs --to /mnt/far/graphs";
const stall = {
  prepare: async (world: RunbookWorld) => {
    await world.withArchive();
    await world.start("aside");
    await world.keep();
  },
  minutes: 33,
  prove: (world: RunbookWorld) => world.mustHold("aside"),
};

async function onSmallDisk(world: RunbookWorld): Promise<void> {
  const disk = await mountSmallDisk(16 * 2 ** 20);
  if (disk === undefined) throw new Error("no disk can be mounted here, which takes root");
  world.moveBackups(world.use(disk).path);
}

/** Leaves a thirtieth of the disk free. */
function fillDisk(world: RunbookWorld): void {
  const { bavail, blocks, bsize } = statfsSync(world.vault);
  writeFileSync(join(world.vault, "../other"), Buffer.alloc((bavail - Math.round(blocks / 30)) * bsize));
}

/** Two backups, of which runbooks name the newer one, and a second vault that has both. */
async function withTwoBackups(world: RunbookWorld): Promise<void> {
  const context = await world.withBackup();
  world.shell.place(writtenId, await world.backUp(context));
  await world.newVault(join(world.folder, "far/graphs"));
  await world.shell.run(replicate);
  await world.keep();
}

const partOf = (world: RunbookWorld): string =>
  join(world.vault, "backups", world.shell.here(writtenId), "part-00000.zst.pgp");

/** Notes of a text that can be judged, and backups enough to know what is usual. */
async function withNotes(world: RunbookWorld): Promise<void> {
  await world.start("db");
  const text = "'In note ' + i + ' is written what was said on that day, and by whom.'";
  await world.query(`UNWIND range(1, 8000) AS i CREATE (:Note {number: i, text: ${text}})`, "notes");
  const context = await world.newVault();
  let last = "";
  for (let day = 1; day <= 6; day++) last = await world.backUp(context);
  await world.nameBackup(context, last);
  await world.keep();
}

async function encryptNotes(world: RunbookWorld): Promise<void> {
  const noise = Array.from({ length: 500 }, () => randomBytes(48).toString("base64"));
  await world.query(
    `WITH ${JSON.stringify(noise)} AS noise MATCH (n:Note) SET n.text = noise[n.number % 500] + n.number`,
    "notes",
  );
  await world.backUp(await world.context());
}

export const vaultRehearsals: readonly Rehearsal[] = [
  {
    runbook: "archive-stalled",
    paths: [
      {
        branch: "If the archiver has ended",
        ...stall,
        inject: (world) => world.shell.crash(),
        alerts: ["FalkorDrillArchiveStalled", "FalkorDrillLockLeft"],
      },
      {
        branch: "If it hangs",
        ...stall,
        inject: async (world) => world.shell.freeze(),
        alerts: ["FalkorDrillArchiveStalled"],
        hands: { "end it": (world) => world.shell.crash() },
      },
    ],
  },
  {
    runbook: "disk-full",
    paths: [
      {
        branch: "If something else fills the disk",
        prepare: async (world) => {
          await onSmallDisk(world);
          await world.withBackup();
          await world.keep();
        },
        inject: async (world) => fillDisk(world),
        alerts: ["FalkorDrillDiskFullSoon", "FalkorDrillDiskNearlyFull"],
        endsAfterMinutes: 65,
        hands: { "remove what is not of the vault": async (world) => rmSync(join(world.vault, "../other")) },
        prove: (world) => world.mustHold(),
      },
      {
        branch: "If the vault fills it",
        prepare: async (world) => {
          await onSmallDisk(world);
          const context = await world.withBackup();
          await world.query(`CREATE (:Blob {data: '${randomBytes(2 ** 21).toString("hex")}'})`);
          await world.backUp(context);
          await world.query("MATCH (b:Blob) DELETE b");
          await world.nameBackup(context, await world.backUp(context));
          await world.keep();
        },
        inject: async (world) => fillDisk(world),
        alerts: ["FalkorDrillDiskFullSoon", "FalkorDrillDiskNearlyFull"],
        endsAfterMinutes: 65,
        prove: (world) => world.mustHold(),
      },
    ],
  },
  {
    runbook: "corrupted-backup",
    paths: [
      {
        branch: "If a second vault has it whole",
        prepare: withTwoBackups,
        inject: async (world) => truncateSync(partOf(world), 1000),
        alerts: ["FalkorDrillVaultDamaged"],
        prove: (world) => world.mustHold(),
      },
      {
        branch: "If there is no other copy",
        prepare: withTwoBackups,
        inject: async (world) => {
          rmSync(join(world.folder, "far/graphs"), { recursive: true });
          truncateSync(partOf(world), 1000);
        },
        alerts: ["FalkorDrillVaultDamaged"],
        prove: (world) => world.mustHold(),
      },
    ],
  },
  {
    runbook: "ransomware",
    paths: [
      {
        branch: "If the data of the server was encrypted",
        prepare: withNotes,
        inject: encryptNotes,
        alerts: ["FalkorDrillNewestBackupNotRestorable"],
        prove: (world) => world.mustHold(),
      },
      {
        branch: "If backups were deleted",
        prepare: withTwoBackups,
        inject: async (world) => rmSync(join(partOf(world), ".."), { recursive: true }),
        alerts: ["FalkorDrillVaultTampered"],
        prove: (world) => world.mustHold(),
      },
    ],
  },
  {
    runbook: "proof-fails",
    paths: [
      {
        branch: "If a proof found an archive to be wrong",
        prepare: (world) => world.withBackup(),
        inject: async (world) => {
          const archive = "falkordrill vault archive --vault /backups/graphs --url redis://db:6379";
          await world.shell.run(`${archive} --segment-age 1h`);
          await world.query("CREATE (:Note {text: 'genuine'})");
          await world.shell.interrupt();
          const context = await world.context();
          const base = (await listBackupIds(context.store)).toSorted().at(-1) ?? "";
          await forgeLastSegment(context, base, "genuine", "forged!");
          await world.shell.run(`${archive} --prove-every 1s`);
          await world.until("the proof", () => world.shell.said.includes("WRONG"));
          await world.shell.crash();
        },
        alerts: ["FalkorDrillLockLeft", "FalkorDrillRestorePointFaulty"],
        prove: (world) => world.keep(),
      },
      {
        branch: "If no engine loads the backup",
        prepare: (world) => world.withBackup(),
        inject: async (world) => {
          await world.query("UNWIND range(1, 64000) AS i CREATE (:Entity {i: i})", "border");
          world.shell.place(writtenId, await world.backUp(await world.context()));
        },
        alerts: ["FalkorDrillNewestBackupNotRestorable", "FalkorDrillRestorePointFaulty"],
        hands: {
          "add 12,000 of that label": (world) =>
            world.query("UNWIND range(1, 12000) AS i CREATE (:Entity {i: 0})", "border"),
        },
        prove: (world) => world.keep(),
      },
    ],
  },
];
