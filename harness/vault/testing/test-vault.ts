// A vault with a history, made of given bytes without any server. For tests.
import { randomBytes } from "node:crypto";
import type { Keyring } from "../keys/keyring.ts";
import type { SealReason } from "../chain/segment-manifest.ts";
import { type ChainHead, readBase } from "../chain/segments.ts";
import type { Store } from "../store/store.ts";
import { storeTestBackup } from "./test-backup.ts";
import { storeTestSegment } from "./test-segments.ts";

const rawBytes = 150_000;
const partBytes = 100_000;

/** Adds a full backup of that day, and so many increments on it. Returns the id of the backup. */
export async function storeTestChain(
  store: Store,
  keyring: Keyring,
  at: string,
  {
    increments = 0,
    sealed = "age",
    nodes,
  }: { readonly increments?: number; readonly sealed?: SealReason; readonly nodes?: number } = {},
): Promise<string> {
  const size = nodes === undefined ? undefined : { nodes, edges: 0 };
  const raw = randomBytes(rawBytes);
  const { id } = await storeTestBackup(store, keyring, raw, partBytes, "interop", at, size);
  let head: ChainHead = await readBase(store, id, keyring);
  for (let number = 1; number <= increments; number++)
    head = await storeTestSegment(store, keyring, head, randomBytes(1000), { sealed });
  return id;
}
