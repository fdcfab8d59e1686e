// A vault as its files say it: read with nothing of the vault's own code, so that what is said of the vault can be held
// against it.
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

export interface PointFiles {
  /** `<backup>`, or `<backup>/<number>`. */
  readonly id: string;
  readonly atMs: number;
  /** What is on record next to it. */
  readonly judged: { readonly ok: boolean; readonly atMs: number } | undefined;
}

/** Restore points of the vault in a folder, the oldest first. */
export async function storedPoints(vault: string): Promise<readonly PointFiles[]> {
  const manifests = await readdir(vault, { recursive: true });
  const points = manifests
    .filter((path) => /^(?:backups|segments\/[^/]+)\/[^/]+\/manifest\.json$/.test(path))
    .map(async (path): Promise<PointFiles> => {
      const { toAt, cut } = await json<{ toAt?: string; cut?: { at: string } }>(join(vault, path));
      const record = join(vault, path, "..", "validation.json");
      // Its text is kept in one file with the signature.
      const signed = await json<{ content: string }>(record).catch(() => undefined);
      const judged = signed && (JSON.parse(signed.content) as { ok: boolean; at: string });
      return {
        id: path.split("/").slice(1, -1).join("/"),
        atMs: Date.parse(toAt ?? cut?.at ?? ""),
        judged: judged && { ok: judged.ok, atMs: Date.parse(judged.at) },
      };
    });
  return (await Promise.all(points)).toSorted((a, b) => a.atMs - b.atMs);
}

/** Bytes of the files in a folder whose path in it fits. */
export async function bytesIn(folder: string, fits: RegExp): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const sizes = await Promise.all(files.filter((file) => fits.test(file)).map(async (file) => (await stat(file)).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function json<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(path, "utf8")) as T;
}
