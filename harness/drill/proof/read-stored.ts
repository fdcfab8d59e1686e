// Reads what a backup system has stored, file by file: its framing, its recipients, and whether it holds any of the
// searched texts.
import { readdir, stat } from "node:fs/promises";
import { relative } from "node:path";
import type { StoredFile } from "../../check/checks/stored.ts";
import { headOf, type Needle, searchFile } from "../../base/files/search-file.ts";
import { framingOf, isInRestic } from "./stored-framing.ts";

export async function readStored(
  folder: string,
  needles: readonly Needle[],
  signal: AbortSignal,
): Promise<StoredFile[]> {
  const files: StoredFile[] = [];
  for await (const path of pathsIn(Buffer.from(folder))) {
    signal.throwIfAborted();
    const file = await readOne(path, needles).catch(ifGone);
    if (file !== undefined) files.push({ path: relative(folder, path.toString()), ...file });
  }
  const paths = files.map(({ path }) => path);
  return files.map((file) => {
    const isEncrypted = file.kind === "other" && isInRestic(file.path, paths);
    return isEncrypted ? Object.assign({}, file, { kind: "message" as const }) : file;
  });
}

/** Names are bytes: one that is not UTF-8 could not be opened by its text. Nothing is stored in a missing folder. */
export async function* pathsIn(folder: Buffer): AsyncGenerator<Buffer> {
  for (const entry of (await readdir(folder, { withFileTypes: true, encoding: "buffer" }).catch(ifGone)) ?? []) {
    const path = Buffer.concat([folder, Buffer.from("/"), entry.name]);
    if (entry.isDirectory()) yield* pathsIn(path);
    else yield path;
  }
}

/** Returns undefined for a folder, a pipe or a socket; follows links, as any reader of the folder could. */
async function readOne(path: Buffer, needles: readonly Needle[]): Promise<Omit<StoredFile, "path"> | undefined> {
  const about = await stat(path);
  if (!about.isFile()) return undefined;
  const head = await headOf(path);
  return { bytes: about.size, ...framingOf(head), found: await searchFile(path, head, needles) };
}

/** A system may remove what it stored at any time, and leave links that lead nowhere. */
export function ifGone(error: unknown): undefined {
  if (!["ENOENT", "ENOTDIR", "ELOOP"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
}
