import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { codeOf } from "../../base/errors.ts";
import { waitFor } from "../../base/wait.ts";
import { defineFault, type FaultKind } from "../fault.ts";
import { remount } from "../small-disk.ts";

const remountTimeoutMs = 5000;

export const diskReadOnly: FaultKind = defineFault({
  name: "disk-read-only",
  about: "makes the disk of the vault read-only, as a kernel does that has met an error on it",
  needs: ["disk"],
  injected: "while-running",
  strengthOf: () => ({}),
  inject: async ({ disk = "", signal }, _, undo) => {
    undo.defer(() => remount(disk, "rw"));
    const remounted = (): Promise<true> => remount(disk, "ro").then((): true => true);
    // Not while the command has a file open for writing.
    const what = `no file of ${disk} to be written`;
    await waitFor(remounted, { what, timeoutMs: remountTimeoutMs, intervalMs: 1, signal, exit: "inconclusive" });
    const tried = join(disk, "tried");
    const code = await writeFile(tried, "").then(() => "", codeOf);
    if (code === "") await rm(tried);
    return () => ({ fired: code === "EROFS", detail: { code } });
  },
});
