// OpenPGP in the two profiles. `interop` is what GnuPG 2.2 reads (SEIPDv1: CFB with a modification detection code);
// `modern` is authenticated encryption (SEIPDv2 with GCM). Every part is a message of its own, so decrypting needs the
// memory of one part and never returns unverified bytes.
import { randomBytes } from "node:crypto";
import * as openpgp from "openpgp";
import { DrillError } from "../../base/errors.ts";
import { whenValid } from "../keys/key-use.ts";
import {
  type EncryptedData,
  findEncryptedData,
  overheadBytes,
  readEncryptedData,
  type SessionKey,
  writeEncryptedData,
} from "./encrypted-data.ts";
import type { EncryptionProfile } from "../store/manifest.ts";

const sessionKeyBytes = 32;

export const sealConfig: openpgp.PartialConfig = {
  preferredSymmetricAlgorithm: openpgp.enums.symmetric.aes256,
  preferredAEADAlgorithm: openpgp.enums.aead.gcm,
  // The parts are compressed already.
  preferredCompressionAlgorithm: openpgp.enums.compression.uncompressed,
  showComment: false,
  showVersion: false,
};

/** The feature bit with which a key announces that its owner reads SEIPDv2 (RFC 9580, 5.2.3.32). */
const seipdv2Feature = 0x08;

/** Which profile a public key is for: only keys that announce SEIPDv2 get it, and GnuPG 2.2 reads none of those. */
export async function profileOfKey(key: openpgp.Key): Promise<EncryptionProfile> {
  // The library's types leave this method out; version 6 and version 4 keys keep the answer in different places.
  const { features } = await (key as unknown as KeyWithSelfSignature).getPrimarySelfSignature(whenValid(key));
  return ((features?.[0] ?? 0) & seipdv2Feature) === 0 ? "interop" : "modern";
}

interface KeyWithSelfSignature {
  getPrimarySelfSignature(date: Date): Promise<openpgp.SignaturePacket>;
}

/** SEIPD packets of version 2 are those with GCM (RFC 9580, 5.13.2). */
function profileOfMessage({ packets }: openpgp.Message<Uint8Array>): EncryptionProfile {
  const data = packets.findPacket(openpgp.enums.packet.symEncryptedIntegrityProtectedData);
  return (data as { readonly version?: number } | undefined)?.version === 2 ? "modern" : "interop";
}

/** A session key for one part, and the packets that carry it to every recipient. */
export async function newSession(
  recipients: readonly openpgp.PublicKey[],
  profile: EncryptionProfile,
): Promise<{ readonly session: SessionKey; readonly sessionPackets: Uint8Array }> {
  const key = randomBytes(sessionKeyBytes);
  const sessionPackets = await openpgp.encryptSessionKey({
    data: key,
    algorithm: "aes256",
    // Selects the version of the session key packet; the cipher mode itself is not in there.
    ...(profile === "modern" ? { aeadAlgorithm: "gcm" } : {}),
    encryptionKeys: [...recipients],
    format: "binary",
    config: sealConfig,
  });
  return { session: { key, packet: profile === "modern" ? "seipd2" : "seipd1" }, sessionPackets };
}

/** RSA with 16,384 bits would just fit; no recipient needs more. */
export function sessionPacketsBytesMax(recipients: number): number {
  return 2200 * recipients;
}

/** Encrypts a whole message in one call, in the profile of the recipients' keys. */
export async function seal(bytes: Uint8Array, recipients: readonly openpgp.PublicKey[]): Promise<Uint8Array> {
  const profiles = await Promise.all(recipients.map(profileOfKey));
  const { session, sessionPackets } = await newSession(recipients, profiles.includes("interop") ? "interop" : "modern");
  const message = Buffer.alloc(sessionPackets.length + bytes.length + overheadBytes(bytes.length));
  message.set(sessionPackets);
  return message.subarray(0, writeEncryptedData(Buffer.from(bytes), session, message, sessionPackets.length));
}

/**
 * Returns all of the content or throws; unauthenticated bytes are never returned. `profile` is what the manifest
 * promises: weaker encryption is refused.
 */
export async function unseal(
  bytes: Uint8Array,
  keys: readonly openpgp.PrivateKey[],
  what: string,
  profile?: EncryptionProfile,
): Promise<Uint8Array> {
  try {
    const message = await openpgp.readMessage({ binaryMessage: bytes });
    const found = profileOfMessage(message);
    if (profile !== undefined && found !== profile)
      throw new DrillError(`${what} is encrypted in the profile ${found}, and its manifest says ${profile}`, {
        exit: "dataWrong",
        code: "encryption-mislabelled",
        hint: "Nothing of it was used. The signer of this manifest did not make this backup with this program.",
      });
    const { data } = await openpgp.decrypt({
      message,
      decryptionKeys: [...keys],
      format: "binary",
      config: sealConfig,
    });
    return data as Uint8Array;
  } catch (error) {
    if (error instanceof DrillError) throw error;
    throw new DrillError(`${what} cannot be decrypted with the keys given`, {
      exit: "dataWrong",
      hint: "Check that the key ring holds the secret key of one of the recipients that the manifest names.",
      cause: error,
    });
  }
}

/**
 * The same, several times faster, of what this program wrote; undefined for everything else, and for what fails any check. Not
 * for a restore or a verify: what they open, other programs can open as well.
 */
export async function unsealQuickly(
  bytes: Uint8Array,
  keys: readonly openpgp.PrivateKey[],
  profile: EncryptionProfile,
): Promise<Uint8Array | undefined> {
  const message = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = findEncryptedData(message);
  if (found === undefined) return undefined;
  if (found.body[0] !== (profile === "modern" ? 2 : 1)) return undefined;
  const sessions = await sessionKeys(message, found, keys).catch(() => []);
  for (const { data, algorithm } of sessions) {
    // Only a session key for the second kind of packet leaves the algorithm to that.
    if (found.body[0] === 1 && algorithm !== "aes256") continue;
    const content = readEncryptedData(found, data);
    if (content !== undefined) return content;
  }
  return undefined;
}

/** Those that open to one of the keys. */
export async function sessionKeys(
  message: Buffer,
  { at, body }: EncryptedData,
  keys: readonly openpgp.PrivateKey[],
): Promise<openpgp.SessionKey[]> {
  // The content is not needed for that, and would be copied.
  const begin = body.subarray(0, 36);
  const packets = Buffer.concat([message.subarray(0, at), Buffer.from([0xd2, begin.length]), begin]);
  return (await openpgp.decryptSessionKeys({
    message: await openpgp.readMessage({ binaryMessage: new Uint8Array(packets) }),
    decryptionKeys: [...keys],
    config: sealConfig,
  })) as openpgp.SessionKey[];
}
