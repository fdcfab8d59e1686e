// The packet of an OpenPGP message that holds the content (RFC 9580, 5.13), written into a reused buffer. openpgp.js
// makes everything around it (keys, session keys, signatures, and all decryption); for this one step it needs 30 MB a
// thread and copies the content five times, and a backup of gigabytes on two cores pays for both. The tests open the
// result with openpgp.js and with GnuPG.
import { createCipheriv, createHash, hkdfSync, randomBytes } from "node:crypto";
import { release } from "./release.ts";

export interface SessionKey {
  /** An AES-256 session key. */
  readonly key: Uint8Array;
  /** `seipd1`: CFB with a modification detection code, which GnuPG 2.2 reads. `seipd2`: GCM. */
  readonly packet: "seipd1" | "seipd2";
}

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
  const salt = randomBytes(32);
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
