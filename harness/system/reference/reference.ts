// The reference backup system: coordinated, encrypted and signed full backups of a whole FalkorDB in a vault.
import { usageError } from "../../base/errors.ts";
import type { BackupSystem, Capability, RestoreOutcome, RestoreRequest } from "../system.ts";
import { ReferenceArchiver } from "../../vault/archive/archiver.ts";
import { createBackup } from "../../vault/backup/backup.ts";
import { backUpIncrement } from "../../vault/archive/increment.ts";
import { compact } from "../../vault/restore/compact.ts";
import { Keyring } from "../../vault/keys/keyring.ts";
import type { EncryptionProfile } from "../../vault/store/manifest.ts";
import { checkVault } from "../../vault/catalogue/check-vault.ts";
import { reencrypt } from "../../vault/rotate/rotate.ts";
import { prune } from "../../vault/retention/prune.ts";
import { eitherStore } from "../../vault/replicate/either-store.ts";
import { compareVaults } from "../../vault/compare/compare-vaults.ts";
import { noLimit, RateLimit } from "../../vault/parts/rate-limit.ts";
import { Replicator } from "../../vault/replicate/replicator.ts";
import { restoreInPlace } from "../../vault/in-place/restore-in-place.ts";
import { restoreLogically } from "../../vault/logical/restore-logical.ts";
import { restoreBackup, type RestoreContext } from "../../vault/restore/restore.ts";
import { listPoints } from "../../vault/store/restore-points.ts";
import { initVault, isVault, openVault, type VaultPlace } from "../../vault/store/vault.ts";
import { type Prove, verify } from "../../vault/restore/verify.ts";
import { partBytesDefault } from "../../vault/parts/write-parts.ts";

export interface ReferenceOptions {
  /** Where the vault is. It is created, with its own keys, where it does not exist yet. */
  readonly vault: VaultPlace;
  readonly profile: EncryptionProfile;
  /** Folder of the key ring; `<vault>-keys` when not given, and required for a vault on S3. */
  readonly keys?: string;
  /** Passphrase of the secret keys. */
  readonly passphrase?: string;
  /** What `verify` runs on the restored engine besides comparing the counts. */
  readonly prove?: Prove;
  /** Size of a part of the snapshot before compression. */
  readonly partBytes?: number;
  /** Maximum rate at which a full backup reads the snapshot. */
  readonly bytesPerSecond?: number;
}

const capabilities: ReadonlySet<Capability> = new Set([
  "full-backup",
  "coordinated",
  "encrypted",
  "signed",
  "verify",
  "restore-file",
  "restore-wire",
  "restore-logical",
  "prune",
  "incremental",
  "point-in-time",
  "vault",
]);

/**
 * The vault as a backup system: opened, or made with fresh keys where there is none. Throws a `DrillError` (`usage`, exit
 * code 2) if parts would be smaller than 64 KiB, and what the vault throws if it cannot be opened.
 */
export async function referenceSystem(options: ReferenceOptions): Promise<BackupSystem> {
  const { vault, profile, partBytes = partBytesDefault, bytesPerSecond } = options;
  const keyring = new Keyring(options.keys ?? keyringBeside(vault), options.passphrase);
  if (partBytes < 64 * 1024) throw usageError(`parts of ${partBytes} bytes are too small; 64KiB is the least`);
  const store = (await isVault(vault)) ? await openVault(vault) : await initVault(vault);
  await ensureKeys(keyring, profile);
  const rate = bytesPerSecond === undefined ? {} : { bytesPerSecond };
  const context = { store, keyring, profile, partBytes, ...rate };
  return {
    name: "reference",
    capabilities,
    store,
    backup: (request) => createBackup(context, request),
    backupIncrement: (request) => backUpIncrement(context, request),
    startArchiver: (request) => ReferenceArchiver.start(context, request),
    compact: (request) => compact(context, request),
    list: () => listPoints(store, keyring),
    verify: (point, engines, signal) => verify(context, options.prove, point, engines, signal),
    restore: async ({ way, secondVault, ...request }) => {
      const note = (line: string): void => request.progress.note(line);
      const second = secondVault === undefined ? undefined : await openVault(secondVault);
      const either = second === undefined ? context : { ...context, store: eitherStore(store, second, note) };
      if (way === "logical") return await rebuilt(either, request);
      return await restoreBackup(either, { ...request, way: way === "file" ? way : "wire" });
    },
    restoreInPlace: ({ coordinator: application, health: applicationHealth, ...request }) =>
      restoreInPlace(context, { ...request, application, applicationHealth, confirmed: true, refuseWrites: false }),
    prune: (request) => prune(context, request),
    audit: async () => (await checkVault(context, 1)).problems.map(({ message }) => message),
    rotateKeys: async ({ retire, generate, ...request }) => {
      const old = await keyring.held("recipient", retire);
      await keyring.generate("recipient", generate, old.profile);
      await keyring.retire(old);
      await reencrypt(context, request);
    },
    replicate: async ({ to, ...request }) => {
      const second = await referenceSystem({ ...options, vault: to, keys: keyring.folder });
      const vaults = { from: store, to: await openVault(to), keyring };
      const replicator = await Replicator.create(vaults, { ...request, limit: new RateLimit(noLimit) });
      const { problems } = await replicator.round();
      await replicator.end();
      return { problems, second };
    },
    compareVaults: async ({ to, ...request }) => {
      const { divergences } = await compareVaults({ from: store, to: await openVault(to), keyring }, request);
      return divergences.map(({ object }) => object);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** The default key ring of a vault; one on S3 has none, as keys are never kept in a bucket. */
export function keyringBeside(vault: VaultPlace): string {
  if (typeof vault === "string") return keyringFolder(vault);
  throw usageError("a vault on S3 needs --keys", "Give the folder of the key ring; keys are never kept in a bucket.");
}

export function keyringFolder(vault: string): string {
  return `${vault.replace(/\/+$/, "")}-keys`;
}

/** Creates a signer, and a recipient of this profile, where the key ring has none. */
export async function ensureKeys(keyring: Keyring, profile: EncryptionProfile): Promise<void> {
  const held = await keyring.list();
  if (!held.some((entry) => entry.role === "signer")) await keyring.generate("signer", "vault", "interop");
  if (!held.some((entry) => entry.role === "recipient" && entry.profile === profile))
    await keyring.generate("recipient", profile, profile);
}

async function rebuilt(context: RestoreContext, request: Omit<RestoreRequest, "way">): Promise<RestoreOutcome> {
  const { point, target, progress, signal } = request;
  if (target === undefined || request.at !== undefined)
    throw usageError("a logical restore brings a backup itself into a running server");
  const { phases } = await restoreLogically(context, { point, target, progress, signal });
  await request.onFirstAnswer?.(target);
  return { target, phases };
}
