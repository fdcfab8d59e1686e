// Two vaults of a hundred thousand objects with the same restore points, made in seconds: the manifests and what is linked
// to them by hashes are real, the parts are a few bytes, and of the signatures those that a comparison checks.
import { hash, randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { PrivateKey } from "openpgp";
import { appendEntry } from "../../vault/catalogue/append.ts";
import { manifestPath } from "../../vault/catalogue/holdings.ts";
import { encodeSegment } from "../../vault/chain/segment-manifest.ts";
import type { Keyring } from "../../vault/keys/keyring.ts";
import { encodeManifest, type Manifest, partName } from "../../vault/store/manifest.ts";
import { signatureOf } from "../../vault/store/signed.ts";
import type { Store } from "../../vault/store/store.ts";
import { initVault } from "../../vault/store/vault.ts";

const partBytes = 32;
const unsigned = "x".repeat(400);

export interface VaultShape {
  readonly backups: number;
  readonly partsPerBackup: number;
  readonly increments: number;
}

export interface SyntheticVaults {
  readonly from: Store;
  readonly to: Store;
  readonly objects: number;
  /** Ids of the backup whose chain can be forked, and of the newest. */
  readonly middle: string;
  readonly newest: string;
  /** Lets the chain of the middle one go on in another way in the second vault, from this increment. */
  fork(at: number): Promise<void>;
}

type Write = (path: string, bytes: string | Uint8Array, only?: string) => void;

interface Stored {
  readonly manifest: Manifest;
  readonly sha256: string;
  /** Hash of each increment's manifest, from number 1. */
  readonly chain: readonly string[];
}

/** Stores all objects, or only those that a comparison of records may read; the others are recorded all the same. */
export async function makeVaults(
  root: string,
  keyring: Keyring,
  shape: VaultShape,
  stored: "all" | "read" = "all",
): Promise<SyntheticVaults> {
  const folders = [join(root, "first"), join(root, "second")] as const;
  const [from, to] = [await initVault(folders[0]), await initVault(folders[1])];
  const signer = await keyring.signer();
  let objects = 0;
  const made = new Set<string>();
  // Without waiting for each: a hundred thousand round trips through the thread pool take minutes.
  const write: Write = (path, bytes, only) => {
    for (const folder of only === undefined ? folders : [only]) {
      const folderOfObject = dirname(join(folder, path));
      if (!made.has(folderOfObject)) mkdirSync(folderOfObject, { recursive: true });
      made.add(folderOfObject);
      writeFileSync(join(folder, path), bytes, { mode: 0o600 });
    }
    objects += only === undefined ? 1 : 0;
  };
  const backups: Stored[] = [];
  const middle = Math.floor(shape.backups * 0.4);
  for (let number = 0; number < shape.backups; number++) {
    const manifest = backupOf(number, shape.partsPerBackup);
    if (stored === "read" && number !== middle && number !== shape.backups - 1) {
      const anyHash = hash("sha256", manifest.id);
      backups.push({ manifest, sha256: anyHash, chain: Array<string>(shape.increments).fill(anyHash) });
      continue;
    }
    const bytes = encodeManifest(manifest);
    for (const { name } of manifest.parts) write(`backups/${manifest.id}/${name}`, Buffer.alloc(partBytes));
    write(manifestPath(manifest.id, 0), bytes);
    write(`${manifestPath(manifest.id, 0)}.asc`, await signatureOf(bytes, signer, manifest.id));
    const sha256 = hash("sha256", bytes);
    const chain = await writeChain(write, signer, manifest, { previous: sha256, from: 1, to: shape.increments });
    backups.push({ manifest, sha256, chain });
  }
  for (const store of [from, to])
    await appendEntry({ store, keyring, signer }, () => backups.flatMap((backup) => eventsOf(backup)));
  const idAt = (number: number): string => backups.at(number)?.manifest.id ?? "";
  return {
    from,
    to,
    objects,
    middle: idAt(middle),
    newest: idAt(-1),
    fork: async (at) => {
      const backup = backups[middle];
      if (backup === undefined) throw new Error("no backup was made");
      const { manifest, chain, sha256 } = backup;
      const range = { previous: at === 1 ? sha256 : (chain[at - 2] ?? ""), from: at, to: chain.length };
      const other = await writeChain((path, bytes) => write(path, bytes, folders[1]), signer, manifest, range);
      const end = other.at(-1) ?? "";
      await appendEntry({ store: to, keyring, signer }, () => [
        { does: "chain", point: manifest.id, number: chain.length, sha256: end },
      ]);
    },
  };
}

function eventsOf({ manifest: { id }, sha256, chain }: Stored) {
  return [
    { does: "added", point: id, sha256 },
    { does: "chain", point: id, number: chain.length, sha256: chain.at(-1) ?? "" },
  ] as const;
}

function backupOf(number: number, parts: number): Manifest {
  const at = new Date(Date.UTC(2026, 0, 1) + number * 86_400_000).toISOString();
  return {
    version: 1,
    id: `${at.replaceAll(/[-:]|\.\d+/g, "")}-${randomBytes(4).toString("hex")}`,
    tool: "bench",
    createdAt: at,
    cut: { replid: "0".repeat(40), offset: 0, at },
    parent: null,
    source: { redis: "8.2.3", module: 41_603, encver: 18, graphConfig: {} },
    content: null,
    encryption: { profile: "interop", recipients: [{ name: "bench", fingerprint: "0".repeat(40) }] },
    compression: { format: "zstd", level: 3 },
    rawBytes: parts * partBytes,
    storedBytes: parts * partBytes,
    parts: Array.from({ length: parts }, (_, index) => partOf(index)),
  };
}

function partOf(index: number): Manifest["parts"][number] {
  const sha256 = hash("sha256", Buffer.alloc(partBytes));
  return { index, name: partName(index), rawBytes: partBytes, storedBytes: partBytes, sha256 };
}

/** Ten seconds of a stream each, with a time for every tenth. Returns the hashes of their manifests. */
async function writeChain(
  write: Write,
  signer: PrivateKey,
  { id, cut, encryption, compression }: Manifest,
  { previous, from, to }: { readonly previous: string; readonly from: number; readonly to: number },
): Promise<readonly string[]> {
  const hashes: string[] = [];
  const startMs = Date.parse(cut.at);
  let before = previous;
  for (let number = from; number <= to; number++) {
    const [fromMs, toMs] = [startMs + (number - 1) * 10_000, startMs + number * 10_000];
    const bytes = encodeSegment({
      version: 1,
      tool: `bench ${randomBytes(2).toString("hex")}`,
      base: id,
      number,
      previous: before,
      replid: cut.replid,
      from: (number - 1) * partBytes,
      to: number * partBytes,
      fromAt: new Date(fromMs).toISOString(),
      toAt: new Date(toMs).toISOString(),
      times: Array.from({ length: 20 }, (_, tenth) => [(number - 1) * partBytes + tenth + 1, fromMs + tenth * 100]),
      sealed: "age",
      commands: { "graph.effect": 20 },
      hazards: [],
      encryption,
      compression,
      rawBytes: partBytes,
      storedBytes: partBytes,
      parts: [partOf(0)],
    });
    before = hash("sha256", bytes);
    hashes.push(before);
    const path = manifestPath(id, number);
    const isChecked = number === from || number === to;
    write(`${dirname(path)}/${partName(0)}`, Buffer.alloc(partBytes));
    write(`${path}.asc`, isChecked ? await signatureOf(bytes, signer, path) : `${unsigned}${before}`);
    write(path, bytes);
  }
  return hashes;
}
