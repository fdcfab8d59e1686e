// Commands of a vault on a real ext4 file system that fills up, runs out of inodes, is mounted read-only, becomes immutable,
// or loses the vault's folder, before the command or in the middle of it. And on a real tmpfs that has room for so many
// pages only.
import { rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it, vi } from "vitest";
import { isNightly } from "../../base/testing/nightly.ts";
import { nodeFiles } from "../../vault/store/file-operations.ts";
import { type VaultCommand, vaultOf } from "../power-cut/power-cut.ts";
import { cleanUpVault, pruneTo, recordVerify } from "../power-cut/vault-commands.ts";
import { faultVault } from "../testing/fault-vault.ts";
import { mountSmallDisk } from "../small-disk.ts";
import { createVolume, volumesUnavailable } from "../volume.ts";
import { diskFaults, struckAt } from "./disk-faults.ts";
import { copied, judgeCommand, statesWithout } from "./fail-everywhere.ts";

// Where a lock finds no room, a command waits twenty seconds for others that may make some.
if (isNightly) vi.setConfig({ testTimeout: 1_200_000 });
const unavailable = await volumesUnavailable();
const vault = await faultVault("disk-faults");
const volume = unavailable === undefined ? await createVolume(16 * 2 ** 20, ["-N", "400"]) : undefined;

afterAll(async () => {
  await volume?.[Symbol.asyncDispose]();
  await vault[Symbol.asyncDispose]();
});

/** First removes what a failed run left, as a backup does. */
const segmentAfterCleanUp: VaultCommand = {
  name: "segment",
  run: async (place) => {
    await cleanUpVault.run(place);
    await vault.appendSegment.run(place);
  },
};
const commands = [segmentAfterCleanUp, recordVerify, pruneTo(1)];

it.skipIf(volume === undefined).each([...Object.keys(diskFaults).entries()])(
  "%i %s: the old or the new state, an error that names the path, and the next run succeeds",
  async (at, name) => {
    const path = volume?.path ?? "";
    let struck = 0;
    // By day one command for each fault, in turns.
    const its = isNightly ? commands : commands.slice(at % commands.length).slice(0, 1);
    for (const command of its) {
      const folder = join(path, "vault-and-keys");
      const expected = await statesWithout(command, { from: vault.template, folder });
      for (const number of isNightly ? [9, 14, 20] : [9]) {
        using _copy = copied(vault.template, folder);
        let undo: (() => Promise<void>) | undefined;
        const files = struckAt(nodeFiles, number, async () => {
          undo = await diskFaults[name]?.(path, vaultOf(folder));
        });
        const repair = async (): Promise<void> => await undo?.();
        const { problems, said } = await judgeCommand(command, folder, expected, { files, repair });
        if (undo !== undefined) struck += 1;
        expect(problems, `${command.name}, ${name} before operation ${number}: ${said ?? "completed"}`).toEqual([]);
      }
    }
    expect(struck).toBeGreaterThanOrEqual(isNightly ? 5 : its.length);
  },
);

const pageBytes = 4096;
const pagesMax = 60;
const small = await mountSmallDisk(4 * 2 ** 20);
afterAll(() => small?.[Symbol.asyncDispose]());

it.skipIf(small === undefined).each(commands)(
  "$name, where only so many pages are free: the old or the new state, and the next run succeeds",
  async (command) => {
    const path = small?.path ?? "";
    const folder = join(path, "vault-and-keys");
    const filler = join(path, "filler");
    const expected = await statesWithout(command, { from: vault.template, folder });
    const failed: string[] = [];
    // The lock needs two; without them a command waits for others that free some.
    for (let pages = 2; pages < pagesMax; pages += 4) {
      using _copy = copied(vault.template, folder);
      const { bavail, bsize } = statfsSync(path);
      writeFileSync(filler, Buffer.alloc(bavail * bsize - pages * pageBytes));
      const repair = (): Promise<void> => Promise.resolve(rmSync(filler));
      const { problems, said } = await judgeCommand(command, folder, expected, { files: nodeFiles, repair });
      expect(problems, `${command.name} with ${pages} free pages: ${said ?? "completed"}`).toEqual([]);
      if (said === undefined) break;
      failed.push(said);
    }
    expect(failed.length).toBeGreaterThan(0);
  },
);
