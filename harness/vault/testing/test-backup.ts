// A whole backup in a vault, made of given bytes without any server. For tests.
import { randomBytes } from "node:crypto";
import { silentProgress } from "../../base/progress.ts";
import { SnapshotReader } from "../../falkordb/replication/replication-snapshot.ts";
import { appendEntry } from "../catalogue/append.ts";
import type { Keyring } from "../keys/keyring.ts";
import type { EncryptionProfile, Manifest } from "../store/manifest.ts";
import { PartWorkers } from "../parts/part-workers.ts";
import type { Store } from "../store/store.ts";
import { backupPath, writeManifest } from "../store/vault.ts";
import { writeParts } from "../parts/write-parts.ts";

let workers: PartWorkers | undefined;

/** Threads take longer to start than most of what tests give them; these end with the process. */
export function testWorkers(): PartWorkers {
  return (workers ??= new PartWorkers());
}

export async function storeTestBackup(
  store: Store,
  keyring: Keyring,
  raw: Buffer,
  partBytes: number,
  profile: EncryptionProfile = "interop",
  at = "2026-11-21T12:00:00.000Z",
  size?: { readonly nodes: number; readonly edges: number },
): Promise<Manifest> {
  const id = `${at.replaceAll(/[-:]|\.\d+/g, "")}-${randomBytes(4).toString("hex")}`;
  const entries = await keyring.recipients(profile);
  let read = 0;
  const fill = (block: Buffer, from: number): Promise<number> => {
    const copied = raw.copy(block, from, read);
    read += copied;
    return Promise.resolve(from + copied);
  };
  const parts = await writeParts(new SnapshotReader({ fill }, { kind: "length", bytes: raw.length }), {
    pathOf: (name) => backupPath(id, name),
    store,
    workers: testWorkers(),
    profile,
    partBytes,
    keys: entries.map((entry) => entry.publicKey),
    observe: () => {},
    progress: silentProgress,
    signal: new AbortController().signal,
  });
  const manifest: Manifest = {
    version: 1,
    id,
    tool: "test",
    createdAt: at,
    cut: { replid: "0".repeat(40), offset: 7, at },
    parent: null,
    source: { redis: "8.2.3", module: 41_603, encver: 18, graphConfig: {} },
    content: size === undefined ? null : { graphs: [{ name: "g", schema: 0, ...size }], schemas: [], udfLibraries: [] },
    encryption: { profile, recipients: entries.map(({ name, fingerprint }) => ({ name, fingerprint })) },
    compression: { format: "zstd", level: 3 },
    rawBytes: raw.length,
    storedBytes: parts.reduce((sum, part) => sum + part.storedBytes, 0),
    parts,
  };
  const sha256 = await writeManifest(store, manifest, await keyring.signer());
  await appendEntry({ store, keyring }, () => [{ does: "added", point: id, sha256 }]);
  return manifest;
}
