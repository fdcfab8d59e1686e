// What opens a vault, or is clear text of it, is never written into one: whoever stores the vault would have it. Asked of
// real paths, as a symbolic link may lead into a vault, and of every vault, not of the one at work only.
import { existsSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve, sep } from "node:path";
import { usageError } from "../../base/errors.ts";
import { markerPath } from "../store/layout.ts";

/** A path without symbolic links, as far as it is there. */
function realPathOf(path: string): string {
  const whole = resolve(path);
  try {
    return realpathSync(whole);
  } catch {
    const above = dirname(whole);
    return above === whole ? whole : join(realPathOf(above), basename(whole));
  }
}

/** Real paths of a folder and of all above it, the nearest first. */
export function foldersAbove(path: string): readonly string[] {
  const folder = realPathOf(path);
  const above = dirname(folder);
  return above === folder ? [folder] : [folder, ...foldersAbove(above)];
}

export function isWithin(path: string, folder: string): boolean {
  return `${realPathOf(path)}${sep}`.startsWith(`${realPathOf(folder)}${sep}`);
}

/** The vault that a file or folder is in, or would be. */
function vaultAround(path: string): string | undefined {
  return foldersAbove(path).find((folder) => existsSync(join(folder, markerPath)));
}

/** `what` names it in the message: "the key ring", "the snapshot". */
export function mustBeOutsideVaults(path: string, what: string, next = "Give another folder."): void {
  const vault = vaultAround(path);
  if (vault === undefined) return;
  throw usageError(
    `${what} ${resolve(path)} would be in the vault ${vault}, and whoever stores that could read it`,
    `Nothing was written. ${next}`,
  );
}

export function refuseRingInVault(folder: string): void {
  mustBeOutsideVaults(folder, "the key ring", "Move it to a folder outside of it, and name that by --keys.");
}

/** Engines and decrypted snapshots are in the folder for temporary files for a while. */
export function mustHaveTemporaryFolderOutside(): void {
  mustBeOutsideVaults(tmpdir(), "the folder for temporary files", "Set TMPDIR to a folder outside of it.");
}
