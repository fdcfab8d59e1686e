// A server, a vault or a key ring is lost.
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Rehearsal } from "../rehearse.ts";

const replicate = "falkordrill vault replicate --from /backups/graphs --to /mnt/far/graphs";

export const lostRehearsals: readonly Rehearsal[] = [
  {
    runbook: "lost-server",
    paths: [
      {
        branch: "If an archiver followed it",
        prepare: (world) => world.withArchive(),
        inject: async (world) => {
          await world.keep();
          await world.server().kill();
        },
        alerts: ["FalkorDrillArchiveStalled"],
        minutes: 33,
        hands: {
          "end the archiver of the lost server": (world) => world.shell.crash(),
          "start a new server": (world) => world.start("new"),
        },
        prove: (world) => world.mustHold("new"),
      },
      {
        branch: "If there are backups only",
        prepare: async (world) => {
          await world.withBackup();
          await world.keep();
        },
        inject: (world) => world.server().kill(),
        alerts: ["FalkorDrillRestorePointOld"],
        minutes: 26 * 60 + 3,
        hands: { "start a new server": (world) => world.start("new") },
        prove: (world) => world.mustHold("new"),
      },
    ],
  },
  {
    runbook: "lost-vault",
    paths: [
      {
        branch: "If there is a second vault",
        prepare: async (world) => {
          await world.withBackup();
          await world.newVault(join(world.folder, "far/graphs"));
          await world.shell.run(replicate);
          await world.keep();
        },
        inject: async (world) => rmSync(world.vault, { recursive: true }),
        alerts: ["FalkorDrillVaultUnreadable"],
        prove: (world) => world.mustHold(),
      },
      {
        branch: "If there is no second vault",
        prepare: async (world) => {
          await world.withBackup();
          await world.keep();
        },
        inject: async (world) => rmSync(world.vault, { recursive: true }),
        alerts: ["FalkorDrillVaultUnreadable"],
        prove: (world) => world.mustHold(),
      },
    ],
  },
  {
    runbook: "lost-key",
    paths: [
      {
        branch: "If there is a copy of the key ring",
        prepare: async (world) => {
          await world.withBackup();
          cpSync(world.keyring.folder, join(world.folder, "safe/graphs-keys"), { recursive: true });
          await world.keep();
        },
        inject: async (world) => rmSync(world.keyring.folder, { recursive: true }),
        alerts: ["FalkorDrillVaultUnreadable"],
        prove: (world) => world.mustHold(),
      },
      {
        branch: "If there is no copy",
        prepare: async (world) => {
          await world.withBackup();
          await world.keep();
        },
        inject: async (world) => rmSync(world.keyring.folder, { recursive: true }),
        alerts: ["FalkorDrillVaultUnreadable"],
        prove: (world) => world.mustHold(),
      },
    ],
  },
];
