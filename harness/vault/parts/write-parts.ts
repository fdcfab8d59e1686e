// Splits a snapshot, or a piece of the stream after it, into parts that are compressed, encrypted and stored, several
// at once and a bounded number of them: when all blocks are in use nothing is read from the source, and TCP holds it
// back.
import type { PublicKey } from "openpgp";
import type { Progress } from "../../base/progress.ts";
import { SnapshotReader } from "../../falkordb/replication/replication-snapshot.ts";
import { BlockPool } from "./block-pool.ts";
import { boundOf } from "./compression.ts";
import { overheadBytes } from "./encrypted-data.ts";
import { type EncryptionProfile, type ManifestPart, partName, type TextSample } from "../store/manifest.ts";
import type { Block } from "./part-worker.ts";
import type { PartWorkers } from "./part-workers.ts";
import { newSession, sessionPacketsBytesMax } from "./seal.ts";
import type { Store } from "../store/store.ts";

export const partBytesDefault: number = 4 * 2 ** 20;

/** What parts are made of: blocks filled in order, see SnapshotReader. */
export type PartSource = Pick<SnapshotReader, "read" | "bytes">;

export interface WritePartsOptions {
  /** Path in the store for the part of this name. */
  readonly pathOf: (name: string) => string;
  readonly store: Store;
  readonly workers: PartWorkers;
  /** Public keys of the recipients. */
  readonly keys: readonly PublicKey[];
  readonly profile: EncryptionProfile;
  readonly partBytes: number;
  /** Called with the bytes as they pass, in order. */
  readonly observe: (bytes: Buffer) => void;
  /** Called with a sample of the text of each part, in any order. */
  readonly onText?: (sample: TextSample) => void;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export async function writeParts(reader: PartSource, options: WritePartsOptions): Promise<ManifestPart[]> {
  const { pathOf, store, workers, keys, profile, partBytes, signal } = options;
  const parts: ManifestPart[] = [];
  const failures: unknown[] = [];
  const newBlock = (): Block => ({
    raw: new ArrayBuffer(partBytes + SnapshotReader.slackBytes),
    sealed: new ArrayBuffer(
      sessionPacketsBytesMax(keys.length) + boundOf(partBytes) + overheadBytes(boundOf(partBytes)),
    ),
  });
  // One is being filled and one waits while every thread has one.
  const pool = new BlockPool(workers.size + 2, newBlock);
  const writePart = async (index: number, block: Block, rawBytes: number): Promise<void> => {
    const sampled = options.onText === undefined ? {} : { sampledAt: index };
    const made = await workers.make({ block, rawBytes, ...sampled, ...(await newSession(keys, profile)) });
    if (made.text !== undefined) options.onText?.(made.text);
    const name = partName(index);
    const sealed = new Uint8Array(made.block.sealed, 0, made.sealedBytes);
    await store.put(pathOf(name), sealed, signal);
    parts[index] = { index, name, rawBytes, storedBytes: sealed.length, sha256: made.sha256 };
    // Only now: a store that is slower than the threads must also hold the source back.
    pool.give(made.block);
  };
  const works: Promise<void>[] = [];
  try {
    for (let index = 0; ; index++) {
      const block = await pool.take();
      if (failures.length > 0) throw failures[0];
      signal.throwIfAborted();
      const raw = Buffer.from(block.raw);
      const rawBytes = await reader.read(raw);
      if (rawBytes === 0) break;
      options.observe(raw.subarray(0, rawBytes));
      options.progress.advance(reader.bytes, undefined, "bytes");
      const work = writePart(index, block, rawBytes).catch((error: unknown) => {
        failures.push(error);
        // The loop may be waiting for a block, and this one is lost with its part.
        pool.give(newBlock());
      });
      works.push(work);
      if (rawBytes < partBytes) break;
    }
  } finally {
    await Promise.all(works);
  }
  if (failures.length > 0) throw failures[0];
  return parts;
}
