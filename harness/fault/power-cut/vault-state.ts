// What a vault and its key ring hold, read with the vault's own code, as one value for each thing that can be lost. Two
// states of a vault are compared by these values.
import { hash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { PrivateKey } from "openpgp";
import { errorMessage } from "../../base/errors.ts";
import { checkSegment, readChain, segmentFolder } from "../../vault/chain/segments.ts";
import { type KeyEntry, Keyring } from "../../vault/keys/keyring.ts";
import { checkParts, partsOf, readParts } from "../../vault/parts/read-parts.ts";
import { readInventory } from "../../vault/retention/inventory.ts";
import type { Manifest } from "../../vault/store/manifest.ts";
import type { Store } from "../../vault/store/store.ts";
import { backupFolder, listBackupIds, openVault, readManifestDocument } from "../../vault/store/vault.ts";

/** By what it is, such as `point 20261129T000000Z-00000000`; a value that is a problem begins with `broken`. */
export type VaultState = Readonly<Record<string, string>>;

export const vaultName = "vault";
export const keysName = "keys";

const { signal } = new AbortController();

/** What was found about bytes, by their hashes: thousands of states hold the same documents and parts. */
const found = new Map<string, Promise<void>>();

function once(key: string, work: () => Promise<void>): Promise<void> {
  const known = found.get(key) ?? work();
  found.set(key, known);
  return known;
}

/**
 * Reads the files of its keys once, as nobody changes them while a state is looked at, and checks each signature once for
 * the same keys and the same bytes.
 */
export class KeyringAtRest extends Keyring {
  #listed: Promise<readonly KeyEntry[]> | undefined;
  #trusted: Promise<string> | undefined;
  readonly #unlocked = new Map<string, Promise<PrivateKey>>();

  override list(): Promise<readonly KeyEntry[]> {
    return (this.#listed ??= super.list());
  }

  override unlocked(entry: KeyEntry): Promise<PrivateKey> {
    const key = this.#unlocked.get(entry.fingerprint) ?? super.unlocked(entry);
    this.#unlocked.set(entry.fingerprint, key);
    return key;
  }

  override async mustHaveSigned(bytes: Uint8Array, signature: string): Promise<void> {
    this.#trusted ??= this.verifiers().then((keys) => keys.map((key) => key.armor()).join());
    const key = [await this.#trusted, hash("sha256", bytes), hash("sha256", signature)].join(" ");
    await once(hash("sha256", key), () => super.mustHaveSigned(bytes, signature));
  }
}

/** Reads a folder with a key ring and a vault. */
export async function readVaultState(folder: string): Promise<VaultState> {
  const keyring = new KeyringAtRest(join(folder, keysName));
  return await readState(keyring, () => openedVault(join(folder, vaultName)));
}

export async function readState(keyring: Keyring, open: () => Promise<Store | undefined>): Promise<VaultState> {
  const state: Record<string, string> = {};
  try {
    for (const { role, name, fingerprint, hasSecret } of await keyring.list())
      state[`key ${role}-${name}`] = `${fingerprint} ${hasSecret ? "secret" : "public"}`;
    const store = await open();
    if (store === undefined) return state;
    state["vault"] = "open";
    await readPoints(store, keyring, state);
  } catch (error) {
    state["vault"] = `broken: ${errorMessage(error)}`;
  }
  return state;
}

/** Undefined where there is no vault, and nothing of one that `vault init` would not take. */
async function openedVault(folder: string): Promise<Store | undefined> {
  const names = await readdir(folder).catch((): string[] => []);
  return names.includes("vault.json") ? await openVault(folder) : undefined;
}

async function readPoints(store: Store, keyring: Keyring, state: Record<string, string>): Promise<void> {
  const { points, damaged } = await readInventory(store, keyring, signal);
  for (const [id, { point }] of points) {
    state[`point ${id}`] = "whole";
    if (point.pinned !== undefined) state[`pin ${id}`] = point.pinned;
    if (point.verified !== "unknown") state[`verified ${id}`] = point.verified;
  }
  for (const [folder, why] of damaged) state[`damaged ${folder}`] = `broken: ${why}`;
  for (const { path } of await store.list("guest/")) state[`settings ${path}`] = await wholeJson(store, path);
  for (const { path } of await store.list("restores/")) state[`restore ${path}`] = await wholeJson(store, path);
  await checkEveryPart(store, keyring, state);
}

async function wholeJson(store: Store, path: string): Promise<string> {
  const text = (await store.get(path))?.toString("utf8") ?? "";
  try {
    JSON.parse(text);
    return text;
  } catch (error) {
    return `broken: ${errorMessage(error)}`;
  }
}

/**
 * A listing gives only the sizes of parts; this reads and hashes them all. The newest backup is decrypted, once for each
 * key ring: what has the hashes that its manifest gives is the same bytes.
 */
async function checkEveryPart(store: Store, keyring: Keyring, state: Record<string, string>): Promise<void> {
  const ids = await listBackupIds(store);
  for (const id of ids) {
    if (state[`point ${id}`] === undefined) continue;
    const broken = (error: unknown): void => void (state[`point ${id}`] = `broken: ${errorMessage(error)}`);
    const { manifest, sha256 } = await readManifestDocument(store, id, keyring);
    const isNewest = id === ids.at(-1);
    await checkParts(store, partsOf(manifest), signal)
      .then(async () => (isNewest ? await decryptOnce(store, keyring, manifest, sha256) : undefined))
      .catch(broken);
    await findStrays(store, backupFolder(id), manifest, state);
    for await (const segment of readChain(store, id, keyring)) {
      await checkSegment(store, segment.manifest, signal);
      await findStrays(store, segmentFolder(id, segment.manifest.number), segment.manifest, state);
    }
  }
}

const documentName = /^(?:manifest\.json(?:\.asc)?|unfinished\.json|validation.*\.json(?:\.asc)?|pin\.json)$/;

/** Objects of a restore point that nothing names would stay for as long as it does. */
async function findStrays(
  store: Store,
  folder: string,
  { parts }: Pick<Manifest, "parts">,
  state: Record<string, string>,
): Promise<void> {
  const named = new Set(parts.map(({ name }) => name));
  for (const { path } of await store.list(`${folder}/`)) {
    const name = path.slice(folder.length + 1);
    if (!named.has(name) && !documentName.test(name)) state[`stray ${path}`] = "broken: no manifest names it";
  }
}

async function decryptOnce(store: Store, keyring: Keyring, manifest: Manifest, sha256: string): Promise<void> {
  const held = (await keyring.list()).filter(({ hasSecret }) => hasSecret).map(({ fingerprint }) => fingerprint);
  await once(`${held.join()} decrypts ${sha256}`, () => decrypt(store, keyring, manifest));
}

async function decrypt(store: Store, keyring: Keyring, manifest: Manifest): Promise<void> {
  const keys = await keyring.openers(manifest.encryption.recipients.map(({ fingerprint }) => fingerprint));
  let bytes = 0;
  for await (const piece of readParts(store, partsOf(manifest), keys, signal)) bytes += piece.length;
  if (bytes !== manifest.rawBytes) throw new Error(`it has ${bytes} bytes, and should have ${manifest.rawBytes}`);
}
