// A stored part for other recipients: its session key is encrypted to them, and the encrypted content stays as it is.
// Whoever has the old secret key only, and no copy of the old part, cannot open the new one.
import * as openpgp from "openpgp";
import { DrillError } from "../../base/errors.ts";
import { sealConfig } from "../parts/seal.ts";
import type { EncryptionProfile } from "../store/manifest.ts";

const sessionKeyTag = 1;
const encryptedDataTag = 18;

export async function rewrap(
  bytes: Buffer,
  keys: readonly openpgp.PrivateKey[],
  recipients: readonly openpgp.PublicKey[],
  profile: EncryptionProfile,
  what: string,
): Promise<Buffer> {
  const content = bytes.subarray(contentAt(bytes, what));
  const [session] = await openpgp
    .decryptSessionKeys({
      message: await openpgp.readMessage({ binaryMessage: new Uint8Array(bytes) }),
      decryptionKeys: [...keys],
      config: sealConfig,
    })
    .catch((error: unknown) => {
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
  return Buffer.concat([packets, content]);
}

/** Where the packet with the encrypted content begins: after those with the session key. */
function contentAt(bytes: Buffer, what: string): number {
  let at = 0;
  while (at < bytes.length) {
    const header = bytes.readUInt8(at);
    const tag = header & 0x3f;
    if (header >> 6 !== 3 || (tag !== sessionKeyTag && tag !== encryptedDataTag)) break;
    if (tag === encryptedDataTag) return at;
    const first = bytes.readUInt8(at + 1);
    if (first < 192) at += 2 + first;
    else if (first < 224) at += 3 + ((first - 192) << 8) + bytes.readUInt8(at + 2) + 192;
    else at += 6 + bytes.readUInt32BE(at + 2);
  }
  throw new DrillError(`${what} is not a message that this program wrote`, { exit: "dataWrong", code: "part-damaged" });
}

function notOpened(what: string, cause?: unknown): DrillError {
  return new DrillError(`${what} cannot be decrypted with the keys given`, {
    exit: "dataWrong",
    hint: "Nothing was removed. Give the key ring a secret key of one of its recipients.",
    cause,
  });
}
