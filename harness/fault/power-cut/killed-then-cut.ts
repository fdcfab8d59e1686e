// Two accidents: a command is killed, which keeps the page cache, and while the next one runs the power goes. What the
// killed command left unsynced is still lost, although the next one found it on the disk.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FileOperation } from "./operation-log.ts";
import { type VaultCommand, vaultOf } from "./power-cut.ts";
import type { FileOperations, NewFile } from "../../vault/store/file-operations.ts";

/** `log` of a command, which ends after its first `count` operations; `next` then runs as a whole in the same folder. */
export function killedThen(log: readonly FileOperation[], count: number, next: VaultCommand): VaultCommand {
  return {
    name: next.name,
    mayLeaveNotes: true,
    run: async (place) => {
      await repeat(log.slice(0, count), place.folder, place.files);
      endOwners(join(vaultOf(place.folder), "locks"));
      await next.run(place);
    },
  };
}

/** Does again what was recorded. */
async function repeat(log: readonly FileOperation[], folder: string, files: FileOperations): Promise<void> {
  const open = new Map<number, NewFile>();
  const at = (path: string): string => join(folder, path);
  for (const operation of log) {
    switch (operation.kind) {
      case "mkdir":
        files.mkdir(at(operation.path), 0o700);
        break;
      case "create":
        open.set(operation.file, await files.openNew(at(operation.path)));
        break;
      case "write":
        await open.get(operation.file)?.writeFile(operation.bytes);
        break;
      case "sync-file":
        await open.get(operation.file)?.datasync();
        break;
      case "rename":
      case "link":
        await files[operation.kind](at(operation.from), at(operation.to));
        break;
      case "unlink":
      case "rmdir":
        await files[operation.kind](at(operation.path));
        break;
      case "sync-folder":
        await files.syncFolder(at(operation.path));
        break;
      case "returned":
    }
  }
  for (const file of open.values()) await file.close();
}

/** The killed process was this one, which is alive; another start time makes it a dead one of the same number. */
function endOwners(locks: string): void {
  let names: string[] = [];
  try {
    names = readdirSync(locks);
  } catch {
    return;
  }
  for (const name of names.filter((each) => each.endsWith(".json"))) {
    const path = join(locks, name);
    const lock = JSON.parse(readFileSync(path, "utf8")) as { owner: object };
    writeFileSync(path, JSON.stringify({ ...lock, owner: { ...lock.owner, startedAt: "0" } }));
  }
}
