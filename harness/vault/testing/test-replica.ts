// A second vault, and what both hold. For tests.
import { type Progress, silentProgress } from "../../base/progress.ts";
import { appendEntry } from "../catalogue/append.ts";
import { checkSegment, readBase, readChain } from "../chain/segments.ts";
import { Keyring } from "../keys/keyring.ts";
import { checkParts, partsOf } from "../parts/read-parts.ts";
import { noLimit, RateLimit } from "../parts/rate-limit.ts";
import { Replicator, type Round } from "../replicate/replicator.ts";
import type { Store } from "../store/store.ts";
import { listBackupIds, readManifest } from "../store/vault.ts";
import { storeTestSegment } from "./test-segments.ts";
import { storeTestChain } from "./test-vault.ts";

const never = new AbortController().signal;

/** With a signer and a recipient. */
export async function testKeyring(folder: string): Promise<Keyring> {
  const keyring = new Keyring(folder);
  await keyring.generate("signer", "s", "interop");
  await keyring.generate("recipient", "r", "interop");
  return keyring;
}

interface TestVaults {
  readonly from: Store;
  readonly to: Store;
  readonly keyring: Keyring;
}

export function testReplicator(vaults: TestVaults, progress: Progress = silentProgress): Promise<Replicator> {
  return Replicator.create(vaults, { limit: new RateLimit(noLimit), progress, signal: never });
}

export async function replicateOnce(
  vaults: TestVaults,
  progress?: Progress,
): Promise<Round & Pick<Replicator, "copied" | "newest">> {
  const replicator = await testReplicator(vaults, progress);
  const round = await replicator.round();
  await replicator.end();
  return { ...round, copied: replicator.copied, newest: replicator.newest };
}

/** Every restore point that a vault shows, each read to its last byte. */
export async function wholePoints(store: Store, keyring: Keyring): Promise<readonly string[]> {
  const found: string[] = [];
  for (const id of await listBackupIds(store)) {
    await checkParts(store, partsOf(await readManifest(store, id, keyring)), never);
    found.push(id);
    for await (const { manifest } of readChain(store, id, keyring)) {
      await checkSegment(store, manifest, never);
      found.push(`${id}/${manifest.number}`);
    }
  }
  return found;
}

/** Adds an increment to a chain, which is not recorded, as those of an archiver are now and then only. */
export async function addTestIncrement(store: Store, keyring: Keyring, base: string, text: string): Promise<void> {
  const last = (await Array.fromAsync(readChain(store, base, keyring))).at(-1)?.head;
  await storeTestSegment(store, keyring, last ?? (await readBase(store, base, keyring)), Buffer.from(text));
}

/** Records how far a chain goes, as an archiver does at its end. */
export async function recordTestEnd(store: Store, keyring: Keyring, base: string): Promise<void> {
  const end = (await Array.fromAsync(readChain(store, base, keyring))).at(-1)?.head;
  if (end === undefined) return;
  const { number, sha256 } = end;
  await appendEntry({ store, keyring }, () => [{ does: "chain", point: base, number, sha256 }]);
}

/** A backup with so many increments, all of them recorded. */
export async function storeRecordedChain(
  store: Store,
  keyring: Keyring,
  at: string,
  increments: number,
): Promise<string> {
  const id = await storeTestChain(store, keyring, at, { increments });
  await recordTestEnd(store, keyring, id);
  return id;
}

/** The first put of such an object waits for this work. */
export function beforePut(store: Store, pattern: RegExp, work: () => Promise<unknown>): Store {
  let isDone = false;
  const first = async (path: string): Promise<void> => {
    if (isDone || !pattern.test(path)) return;
    isDone = true;
    await work();
  };
  return {
    ...store,
    put: async (path, bytes) => (await first(path), await store.put(path, bytes)),
    putIfAbsent: async (path, bytes) => (await first(path), await store.putIfAbsent(path, bytes)),
  };
}
