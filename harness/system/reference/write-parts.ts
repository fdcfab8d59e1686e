// Snapshot -> parts -> compressed -> encrypted -> stored, several parts at once and a bounded number of them: when all
// blocks are in use nothing is read from the source, and TCP holds it back.
import { hash } from "node:crypto";
import type * as openpgp from "openpgp";
import type { Progress } from "../../base/progress.ts";
import { SnapshotReader } from "../../falkordb/replication-snapshot.ts";
import { BlockPool } from "./block-pool.ts";
import { compress } from "./compression.ts";
import { type ManifestPart, partName } from "./manifest.ts";
import { seal } from "./seal.ts";
import type { Store } from "./store.ts";
import { backupPath } from "./vault.ts";

export const partBytesDefault: number = 8 * 2 ** 20;
/** One is being filled while the others are compressed on both cores and sealed. */
const blockCount = 4;

export interface WritePartsOptions {
  readonly id: string;
  readonly store: Store;
  readonly recipients: readonly openpgp.PublicKey[];
  readonly partBytes: number;
  /** Sees the snapshot go by, in order. */
  readonly observe: (bytes: Buffer) => void;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export async function writeParts(reader: SnapshotReader, options: WritePartsOptions): Promise<ManifestPart[]> {
  const { partBytes, signal } = options;
  const parts: ManifestPart[] = [];
  const pool = new BlockPool(blockCount, partBytes + SnapshotReader.slackBytes);
  const works: Promise<void>[] = [];
  const failures: unknown[] = [];
  try {
    for (let index = 0; ; index++) {
      const block = await pool.take();
      if (failures.length > 0) throw failures[0];
      signal.throwIfAborted();
      const rawBytes = await reader.read(block);
      if (rawBytes === 0) break;
      const raw = block.subarray(0, rawBytes);
      options.observe(raw);
      options.progress.advance(reader.bytes, undefined, "bytes");
      const work = writePart(index, raw, options)
        .then((part) => void (parts[index] = part))
        .catch((error: unknown) => void failures.push(error))
        .finally(() => pool.give(block));
      works.push(work);
      if (rawBytes < partBytes) break;
    }
  } finally {
    await Promise.all(works);
  }
  if (failures.length > 0) throw failures[0];
  return parts;
}

async function writePart(index: number, raw: Buffer, options: WritePartsOptions): Promise<ManifestPart> {
  const sealed = await seal(await compress(raw), options.recipients);
  const name = partName(index);
  const sha256 = hash("sha256", sealed);
  await options.store.put(backupPath(options.id, name), sealed);
  return { index, name, rawBytes: raw.length, storedBytes: sealed.length, sha256 };
}
