// The packet of an OpenPGP message that holds the content (RFC 9580, 5.13), written into a reused buffer. openpgp.js
// makes everything around it (keys, session keys, signatures), and all decryption of a restore and a verify; for this one step it
// needs 30 MB a thread and copies the content five times, and a backup of gigabytes on two cores pays for both. The tests open the
// result with openpgp.js and with GnuPG. A look into a backup, for which a person waits, also reads it here.
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";
import { release } from "./release.ts";

export interface SessionKey {
  /** An AES-256 session key. */
  readonly key: Uint8Array;
  /** `seipd1`: CFB with a modification detection code, which GnuPG 2.2 reads. `seipd2`: GCM. */
  readonly packet: "seipd1" | "seipd2";
}

const sessionKeyTag = 0xc1;
const encryptedDataTag = 0xd2;
const literalTag = 0xcb;
const detectionCodeHeader = Buffer.from([0xd3, 0x14]);
const detectionCodeBytes = 22;
const blockBytes = 16;
const lengthBytes = 5;
/** Packet tag, version 2, AES-256, GCM, chunks of 2^(6+14) bytes. */
const seipd2Header = Buffer.from([encryptedDataTag, 2, 9, 3, 14]);
const chunkBytes = 2 ** 20;
const tagBytes = 16;
const saltBytes = 32;
const pieceBytes = 2 ** 16;
const binaryFormat = "b".charCodeAt(0);
const dateBytes = 4;

/** Maximum length of a message beyond its content. */
export function overheadBytes(contentBytes: number): number {
  return 256 + tagBytes * Math.ceil(contentBytes / chunkBytes + 1);
}

/** Writes the packet to `target` from `at` on; returns its end. */
export function writeEncryptedData(content: Buffer, session: SessionKey, target: Buffer, at: number): number {
  return session.packet === "seipd1"
    ? writeCfb(content, session.key, target, at)
    : writeGcm(content, session.key, target, at);
}

function writeCfb(content: Buffer, key: Uint8Array, target: Buffer, at: number): number {
  const prefix = randomBytes(blockBytes + 2);
  // The last two bytes again: with them a reader notices a wrong key at once.
  prefix.copy(prefix, blockBytes, blockBytes - 2, blockBytes);
  const literal = literalHeader(content.length);
  const plainBytes = prefix.length + literal.length + content.length + detectionCodeBytes;
  let end = writeHeader(target, at, encryptedDataTag, 1 + plainBytes);
  end = target.writeUInt8(1, end);
  const cipher = createCipheriv("aes-256-cfb", key, Buffer.alloc(blockBytes));
  const sha1 = createHash("sha1");
  for (const piece of [prefix, literal, content, detectionCodeHeader]) {
    sha1.update(piece);
    end += moveTo(target, end, cipher.update(piece));
  }
  return end + cipher.update(sha1.digest()).copy(target, end);
}

function writeGcm(content: Buffer, key: Uint8Array, target: Buffer, at: number): number {
  const salt = randomBytes(saltBytes);
  const derived = Buffer.from(hkdfSync("sha256", key, salt, seipd2Header, 36));
  const literal = literalHeader(content.length);
  const plainBytes = literal.length + content.length;
  const chunks = Math.ceil(plainBytes / chunkBytes);
  const bodyBytes = 4 + salt.length + plainBytes + tagBytes * (chunks + 1);
  let end = writeHeader(target, at, encryptedDataTag, bodyBytes);
  end += seipd2Header.copy(target, end, 1);
  end += salt.copy(target, end);
  const chunk = (index: number, associated: Buffer, pieces: readonly Buffer[]): void => {
    const nonce = Buffer.concat([derived.subarray(32), counter(index)]);
    const cipher = createCipheriv("aes-256-gcm", derived.subarray(0, 32), nonce);
    cipher.setAAD(associated);
    for (const piece of pieces) end += moveTo(target, end, cipher.update(piece));
    cipher.final();
    end += cipher.getAuthTag().copy(target, end);
  };
  for (let index = 0; index < chunks; index++) {
    const from = index * chunkBytes - literal.length;
    const piece = content.subarray(Math.max(0, from), from + chunkBytes);
    chunk(index, seipd2Header, index === 0 ? [literal, piece] : [piece]);
  }
  // The last tag covers the length, so that no chunks can be cut off.
  chunk(chunks, Buffer.concat([seipd2Header, counter(plainBytes)]), []);
  return end;
}

export interface EncryptedData {
  /** Where its packet begins: after those with the session key. */
  readonly at: number;
  readonly body: Buffer;
}

/** Undefined in a message that this program did not write. */
export function findEncryptedData(message: Buffer): EncryptedData | undefined {
  for (let at = 0; ;) {
    const packet = packetAt(message, at);
    if (packet?.tag === encryptedDataTag && packet.end === message.length) return { at, body: packet.body };
    if (packet?.tag !== sessionKeyTag) return undefined;
    at = packet.end;
  }
}

/** The content; undefined unless all of it is authentic and in the form that is written here. */
export function readEncryptedData({ body }: EncryptedData, key: Uint8Array): Buffer | undefined {
  if (key.length !== 32) return undefined;
  return body[0] === 1 ? readCfb(body, key) : readGcm(body, key);
}

function readCfb(body: Buffer, key: Uint8Array): Buffer | undefined {
  const plain = decryptCfb(body.subarray(1), key);
  const end = plain.length - detectionCodeBytes;
  if (end < blockBytes + 2) return undefined;
  const hashed = createHash("sha1")
    .update(plain.subarray(0, end + detectionCodeHeader.length))
    .digest();
  const isAuthentic =
    plain.subarray(end, end + detectionCodeHeader.length).equals(detectionCodeHeader) &&
    timingSafeEqual(hashed, plain.subarray(-hashed.length));
  return isAuthentic ? literalContent(plain.subarray(blockBytes + 2, end)) : undefined;
}

/**
 * Each block is xored with the encryption of the stored block before it. All of these are known, so they are encrypted together,
 * which keeps the processor's AES unit busy: 32 MiB take 25 ms, and 250 ms with the mode of the library, which goes block by block.
 */
function decryptCfb(sealed: Buffer, key: Uint8Array): Buffer {
  const plain = Buffer.allocUnsafeSlow(Math.ceil(sealed.length / blockBytes) * blockBytes);
  sealed.copy(plain);
  const words = new Uint32Array(plain.buffer);
  const pad = new Uint32Array(pieceBytes / 4);
  const cipher = createCipheriv("aes-256-ecb", key, null).setAutoPadding(false);
  const encrypt = (blocks: Buffer, target: number): void => {
    new Uint8Array(pad.buffer).set(cipher.update(blocks));
    const from = target / 4;
    for (let index = blocks.length / 4 - 1; index >= 0; index--)
      words[from + index] = (words[from + index] ?? 0) ^ (pad[index] ?? 0);
  };
  if (plain.length > 0) encrypt(Buffer.alloc(blockBytes), 0);
  for (let at = 0; at < plain.length - blockBytes; at += pieceBytes)
    encrypt(sealed.subarray(at, Math.min(at + pieceBytes, plain.length - blockBytes)), at + blockBytes);
  return plain.subarray(0, sealed.length);
}

function readGcm(body: Buffer, key: Uint8Array): Buffer | undefined {
  const at = seipd2Header.length - 1 + saltBytes;
  if (body.length < at + 2 * tagBytes || !body.subarray(0, at - saltBytes).equals(seipd2Header.subarray(1)))
    return undefined;
  const derived = Buffer.from(hkdfSync("sha256", key, body.subarray(at - saltBytes, at), seipd2Header, 36));
  const chunk = (index: number, associated: Buffer, sealed: Buffer): Buffer => {
    const nonce = Buffer.concat([derived.subarray(32), counter(index)]);
    const decipher = createDecipheriv("aes-256-gcm", derived.subarray(0, 32), nonce, { authTagLength: tagBytes });
    decipher.setAAD(associated).setAuthTag(sealed.subarray(-tagBytes));
    const plain = decipher.update(sealed.subarray(0, -tagBytes));
    decipher.final();
    return plain;
  };
  const sealed = body.subarray(at, -tagBytes);
  const chunks = Math.ceil(sealed.length / (chunkBytes + tagBytes));
  const plain = Buffer.allocUnsafeSlow(sealed.length - chunks * tagBytes);
  try {
    for (let index = 0; index < chunks; index++) {
      const from = index * (chunkBytes + tagBytes);
      const piece = chunk(index, seipd2Header, sealed.subarray(from, from + chunkBytes + tagBytes));
      moveTo(plain, index * chunkBytes, piece);
    }
    chunk(chunks, Buffer.concat([seipd2Header, counter(plain.length)]), body.subarray(-tagBytes));
  } catch {
    // A tag does not fit.
    return undefined;
  }
  return literalContent(plain);
}

/** The content of one literal packet, which fills all of it. */
function literalContent(packet: Buffer): Buffer | undefined {
  const literal = packetAt(packet, 0);
  if (literal?.tag !== literalTag || literal.end !== packet.length || literal.body[0] !== binaryFormat)
    return undefined;
  const { body } = literal;
  const begin = 2 + (body[1] ?? 0) + dateBytes;
  return begin > body.length ? undefined : body.subarray(begin);
}

/** A packet with a header of the new format and a length that is known at its begin. */
function packetAt(
  bytes: Buffer,
  at: number,
): { readonly tag: number; readonly body: Buffer; readonly end: number } | undefined {
  const tag = bytes[at] ?? 0;
  const first = bytes[at + 1] ?? 0;
  const isLong = first === 0xff && at + 6 <= bytes.length;
  const [headerBytes, bodyBytes] =
    first < 192
      ? [2, first]
      : first < 224
        ? [3, ((first - 192) << 8) + (bytes[at + 2] ?? 0) + 192]
        : [6, isLong ? bytes.readUInt32BE(at + 2) : Number.POSITIVE_INFINITY];
  const end = at + headerBytes + bodyBytes;
  return tag < 0xc0 || end > bytes.length ? undefined : { tag, body: bytes.subarray(at + headerBytes, end), end };
}

function moveTo(target: Buffer, at: number, bytes: Buffer): number {
  const moved = bytes.copy(target, at);
  release(bytes);
  return moved;
}

/** Binary content without a name or a date. */
function literalHeader(contentBytes: number): Buffer {
  const header = Buffer.alloc(1 + lengthBytes + 6);
  const end = writeHeader(header, 0, literalTag, 6 + contentBytes);
  header.write("b", end, "latin1");
  return header;
}

function writeHeader(target: Buffer, at: number, tag: number, bodyBytes: number): number {
  const afterTag = target.writeUInt8(tag, at);
  return target.writeUInt32BE(bodyBytes, target.writeUInt8(0xff, afterTag));
}

function counter(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}
