// Writes one file so that after a power cut it is there completely or not at all: under a temporary name, synced, given
// its name, and its folder synced.
import { randomBytes } from "node:crypto";
import { dirname } from "node:path";
import { codeOf } from "../../base/errors.ts";
import { passPoint } from "../../base/process/crash-point.ts";
import type { FileOperations, NewFile } from "./file-operations.ts";
import { makeStoreFolder } from "./make-store-folder.ts";

/** A name that only `writeDurably` uses: files with other endings are not ours and stay. */
const temporaryName = /\.[0-9a-f]{12}\.tmp$/;
const openAttemptsMax = 50;

export function isTemporary(path: string): boolean {
  return temporaryName.test(path);
}

export function temporaryOf(path: string): string {
  return `${path}.${randomBytes(6).toString("hex")}.tmp`;
}

export interface DurableDisk {
  readonly files: FileOperations;
  /** Folders that are known to be there after a power cut, with all above them. Begin with an empty set. */
  readonly anchored: Set<string>;
}

/** `publish` gives the file its name: a rename replaces what has it, a link fails. */
export async function writeDurably(
  { files, anchored }: DurableDisk,
  target: string,
  bytes: Uint8Array | string,
  publish: "rename" | "link",
): Promise<void> {
  const folder = dirname(target);
  const temporary = temporaryOf(target);
  const { file, made } = await openIn(files, folder, temporary);
  try {
    try {
      await file.writeFile(bytes);
      await file.datasync();
    } finally {
      await file.close();
    }
    passPoint("file/half-written");
    await files[publish](temporary, target);
    passPoint("file/published");
    // The object is stored: a second name that cannot be removed now is garbage later, and not a failure.
    if (publish === "link") await files.unlink(temporary).catch(() => {});
  } catch (error) {
    await files.unlink(temporary).catch(() => {});
    throw error;
  }
  await files.syncFolder(folder);
  if (made !== undefined) for (const path of anchored) if (`${path}/`.startsWith(`${made}/`)) anchored.delete(path);
  await anchor(files, anchored, folder);
}

/**
 * Makes the entry of a folder in its parent durable, and so on upwards. A folder that was there already is no exception:
 * who made it may have been killed before it was synced.
 */
async function anchor(files: FileOperations, anchored: Set<string>, folder: string): Promise<void> {
  const above = dirname(folder);
  if (anchored.has(folder) || above === folder) return;
  await files.syncFolder(above).catch((error: unknown) => {
    // A folder far above may not be ours to open.
    if (!unsyncable.has(codeOf(error) ?? "")) throw error;
  });
  await anchor(files, anchored, above);
  anchored.add(folder);
}

const unsyncable: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EROFS", "EINVAL"]);

/** Another process may remove the folder as empty before there is a file in it. */
async function openIn(
  files: FileOperations,
  folder: string,
  file: string,
): Promise<{ readonly file: NewFile; readonly made: string | undefined }> {
  for (let attempt = 1; ; attempt++) {
    try {
      const made = makeStoreFolder(folder, files);
      return { file: await files.openNew(file), made };
    } catch (error) {
      if (codeOf(error) !== "ENOENT" || attempt === openAttemptsMax) throw error;
    }
  }
}
