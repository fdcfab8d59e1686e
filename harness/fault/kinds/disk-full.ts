import { open, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { codeOf } from "../../base/errors.ts";
import { defineFault, type FaultKind } from "../fault.ts";

const pageBytes = 4096;
const pagesLeftMax = 16;
const block = Buffer.alloc(2 ** 20);

export const diskFull: FaultKind = defineFault({
  name: "disk-full",
  about: "fills the disk of the vault, all but some pages",
  needs: ["disk"],
  injected: "while-running",
  strengthOf: (draw) => ({ pagesLeft: draw.below(pagesLeftMax) }),
  inject: async ({ disk = "" }, { pagesLeft }, undo) => {
    const ballast = join(disk, "ballast");
    undo.defer(() => rm(ballast, { force: true }));
    await using file = await open(ballast, "wx", 0o600);
    await fill((bytes) => file.write(bytes));
    const { size } = await file.stat();
    await file.truncate(Math.max(0, size - pagesLeft * pageBytes));
    const { bavail, bsize } = await statfs(disk);
    // What the command removes at the same time leaves room as well.
    return () => ({ fired: bavail * bsize < block.length, detail: { bytesLeft: bavail * bsize } });
  },
});

async function fill(write: (bytes: Buffer) => Promise<unknown>): Promise<void> {
  for (let size = block.length; size >= pageBytes;)
    try {
      await write(block.subarray(0, size));
    } catch (error) {
      if (codeOf(error) !== "ENOSPC") throw error;
      size /= 2;
    }
}
