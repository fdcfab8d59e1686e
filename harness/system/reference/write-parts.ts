// Snapshot -> parts -> compressed -> encrypted -> stored, several parts at once and a bounded number of them: when all
// blocks are in use nothing is read from the source, and TCP holds it back.
import type { Progress } from "../../base/progress.ts";
import { SnapshotReader } from "../../falkordb/replication-snapshot.ts";
import { BlockPool } from "./block-pool.ts";
import { type ManifestPart, partName } from "./manifest.ts";
import type { PartWorkers } from "./part-workers.ts";
import type { Store } from "./store.ts";
import { backupPath } from "./vault.ts";

export const partBytesDefault: number = 8 * 2 ** 20;

export interface WritePartsOptions {
  readonly id: string;
  readonly store: Store;
  /** They know the recipients. */
  readonly workers: PartWorkers;
  readonly partBytes: number;
  /** Sees the snapshot go by, in order. */
  readonly observe: (bytes: Buffer) => void;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export async function writeParts(reader: SnapshotReader, options: WritePartsOptions): Promise<ManifestPart[]> {
  const { partBytes, workers, signal } = options;
  const parts: ManifestPart[] = [];
  // One is being filled and one waits while every thread has one.
  const pool = new BlockPool(workers.size + 2, partBytes + SnapshotReader.slackBytes);
  const works: Promise<void>[] = [];
  const failures: unknown[] = [];
  const writePart = async (index: number, block: ArrayBuffer, rawBytes: number): Promise<void> => {
    const made = await workers.make({ block, rawBytes });
    const name = partName(index);
    await options.store.put(backupPath(options.id, name), made.sealed);
    // Only now: a store that is slower than the threads must hold the source back too.
    pool.give(made.block);
    parts[index] = { index, name, rawBytes, storedBytes: made.sealed.length, sha256: made.sha256 };
  };
  try {
    for (let index = 0; ; index++) {
      const block = await pool.take();
      if (failures.length > 0) throw failures[0];
      signal.throwIfAborted();
      const buffer = Buffer.from(block);
      const rawBytes = await reader.read(buffer);
      if (rawBytes === 0) break;
      options.observe(buffer.subarray(0, rawBytes));
      options.progress.advance(reader.bytes, undefined, "bytes");
      works.push(
        writePart(index, block, rawBytes).catch((error: unknown) => {
          failures.push(error);
          // The loop may be waiting for a block, and this one is lost with its part.
          pool.give(new ArrayBuffer(0));
        }),
      );
      if (rawBytes < partBytes) break;
    }
  } finally {
    await Promise.all(works);
  }
  if (failures.length > 0) throw failures[0];
  return parts;
}
