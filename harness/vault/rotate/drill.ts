// Proves that each recipient alone opens the newest and the oldest backup. It runs where the secret key is: a machine
// that makes backups has public keys only, and collects what the others report.
import { createHash } from "node:crypto";
import type { PrivateKey } from "openpgp";
import { z } from "zod";
import { errorMessage, usageError } from "../../base/errors.ts";
import type { Keyring } from "../keys/keyring.ts";
import { useBackups } from "../locks/vault-lock.ts";
import { partsOf, readParts } from "../parts/read-parts.ts";
import { readChain, readSegmentBytes } from "../chain/segments.ts";
import type { Manifest } from "../store/manifest.ts";
import type { Store } from "../store/store.ts";
import { listBackupIds, readManifestDocument } from "../store/vault.ts";

/** What one recipient's key made of one backup. */
export interface KeyProof {
  readonly backup: string;
  readonly manifestSha256: string;
  readonly recipient: string;
  readonly fingerprint: string;
  readonly at: string;
  /** SHA-256 of the backup and its increments in clear; absent where it could not be opened. */
  readonly contentSha256?: string;
  readonly problem?: string;
}

export const keyReportSchema: z.ZodType<{ readonly proofs: readonly KeyProof[] }> = z.object({
  proofs: z.array(
    z.strictObject({
      backup: z.string(),
      manifestSha256: z.string(),
      recipient: z.string(),
      fingerprint: z.string(),
      at: z.iso.datetime(),
      contentSha256: z.string().exactOptional(),
      problem: z.string().exactOptional(),
    }),
  ),
});

export interface KeyDrill {
  readonly proofs: readonly KeyProof[];
  /** Recipients of the newest or the oldest backup that nobody has proven, as sentences. */
  readonly unproven: readonly string[];
}

interface DrillContext {
  readonly store: Store;
  readonly keyring: Keyring;
}

/** `reports` are proofs that other machines made of the same backups. */
export async function drillKeys(
  { store, keyring }: DrillContext,
  { reports, at, signal }: { readonly reports: readonly KeyProof[]; readonly at: Date; readonly signal: AbortSignal },
): Promise<KeyDrill> {
  const ids = await listBackupIds(store);
  if (ids.length === 0) throw usageError(`${store.where} holds no backup yet`);
  const secrets = (await keyring.list()).filter(({ role, hasSecret }) => role === "recipient" && hasSecret);
  const proofs: KeyProof[] = [];
  const unproven: string[] = [];
  for (const id of new Set([ids[0] ?? "", ids.at(-1) ?? ""])) {
    await using _lease = await useBackups(store, "keys drill", [id]);
    const { manifest, sha256 } = await readManifestDocument(store, id, keyring);
    for (const { name, fingerprint } of manifest.encryption.recipients) {
      const held = secrets.find((entry) => entry.fingerprint === fingerprint);
      const about = { backup: id, manifestSha256: sha256, recipient: name, fingerprint };
      const reported = reports.filter((proof) => proof.manifestSha256 === sha256 && proof.fingerprint === fingerprint);
      if (held !== undefined) {
        const key = await keyring.unlocked(held);
        const found = await openAll({ store, keyring }, manifest, key, signal).then(
          (contentSha256) => ({ contentSha256 }),
          (error: unknown) => {
            if (signal.aborted) throw error;
            return { problem: errorMessage(error) };
          },
        );
        proofs.push({ ...about, at: at.toISOString(), ...found });
      } else if (reported.length > 0) proofs.push(...reported);
      else unproven.push(`that ${name} (${fingerprint}) opens ${id} was not tried: its secret key is not here`);
    }
  }
  return { proofs: proofs.map((proof) => compared(proof, proofs)), unproven };
}

/** Two keys that give different contents of one backup: at least one report is wrong. */
function compared(proof: KeyProof, all: readonly KeyProof[]): KeyProof {
  const other = all.find(
    ({ manifestSha256, contentSha256 }) =>
      manifestSha256 === proof.manifestSha256 && contentSha256 !== undefined && contentSha256 !== proof.contentSha256,
  );
  if (other === undefined || proof.problem !== undefined) return proof;
  return { ...proof, problem: `it gives another content than the key of ${other.recipient}` };
}

/** Decrypts the backup and every increment with this key alone. */
async function openAll(
  { store, keyring }: DrillContext,
  manifest: Manifest,
  key: PrivateKey,
  signal: AbortSignal,
): Promise<string> {
  const content = createHash("sha256");
  for await (const piece of readParts(store, partsOf(manifest), [key], signal)) content.update(piece);
  for await (const { manifest: segment } of readChain(store, manifest.id, keyring))
    for await (const piece of readSegmentBytes(store, segment, [key], signal)) content.update(piece);
  return content.digest("hex");
}
