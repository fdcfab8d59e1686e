// A stored part for other recipients: its session key is encrypted to them, and the encrypted content stays as it is.
// Whoever has the old secret key only, and no copy of the old part, cannot open the new one.
import * as openpgp from "openpgp";
import { DrillError } from "../../base/errors.ts";
import { findEncryptedData } from "../parts/encrypted-data.ts";
import { sealConfig, sessionKeys } from "../parts/seal.ts";
import type { EncryptionProfile } from "../store/manifest.ts";

export async function rewrap(
  bytes: Buffer,
  keys: readonly openpgp.PrivateKey[],
  recipients: readonly openpgp.PublicKey[],
  profile: EncryptionProfile,
  what: string,
): Promise<Buffer> {
  const content = findEncryptedData(bytes);
  if (content === undefined)
    throw new DrillError(`${what} is not a message that this program wrote`, {
      exit: "dataWrong",
      code: "part-damaged",
    });
  const [session] = await sessionKeys(bytes, content, keys).catch((error: unknown) => {
    throw notOpened(what, error);
  });
  if (session === undefined) throw notOpened(what);
  const packets = await openpgp.encryptSessionKey({
    data: session.data,
    algorithm: "aes256",
    ...(profile === "modern" ? { aeadAlgorithm: "gcm" } : {}),
    encryptionKeys: [...recipients],
    format: "binary",
    config: sealConfig,
  });
  return Buffer.concat([packets, bytes.subarray(content.at)]);
}

function notOpened(what: string, cause?: unknown): DrillError {
  return new DrillError(`${what} cannot be decrypted with the keys given`, {
    exit: "dataWrong",
    hint: "Nothing was removed. Give the key ring a secret key of one of its recipients.",
    cause,
  });
}
