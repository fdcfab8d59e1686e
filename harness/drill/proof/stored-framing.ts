// Determines how a stored file is encrypted, and for whom, from its first bytes.
import type { StoredFile } from "../../check/checks/stored.ts";

type Framing = Pick<StoredFile, "kind" | "recipients" | "isUnprotected">;

const tags = { sessionKey: 1, signature: 2, passwordKey: 3, onePass: 4, encrypted: 18 } as const;
/** Packet tags: encrypted without an integrity check, and GnuPG's own kind with one. */
const [unprotected, gnupgOwn] = [9, 20];

const ageMagics = ["age-encryption.org/v1\n", "-----BEGIN AGE ENCRYPTED FILE-----"] as const;
const armor = "-----BEGIN PGP MESSAGE-----";

/** Recognises a file's framing from its first bytes: OpenPGP packets (RFC 9580, 4.2), the age header. */
export function framingOf(head: Buffer): Framing {
  const start = head.subarray(0, 64).toString("latin1");
  // The age header does not name recipients.
  if (ageMagics.some((magic) => start.startsWith(magic))) return { kind: "message", recipients: [] };
  return start.startsWith(armor) ? framingOf(unarmored(head)) : packetsOf(head);
}

function packetsOf(head: Buffer): Framing {
  const recipients: string[] = [];
  for (let at = 0; at + 2 < head.length;) {
    const packet = packetAt(head, at);
    if (packet === undefined) break;
    if (packet.tag === tags.encrypted || (at > 0 && packet.tag === gnupgOwn)) return { kind: "message", recipients };
    if (at > 0 && packet.tag === unprotected) return { kind: "message", recipients, isUnprotected: true };
    if (packet.tag === tags.signature || packet.tag === tags.onePass) return { kind: "signed", recipients };
    const body = head.subarray(packet.from, packet.to);
    if (packet.tag === tags.sessionKey && isVersion(body, [2, 3, 6])) recipients.push(recipientOf(body));
    else if (packet.tag === tags.passwordKey && isVersion(body, [4, 5, 6])) recipients.push("anybody");
    else break;
    at = packet.to;
  }
  return { kind: isText(head) ? "text" : "other", recipients };
}

interface Packet {
  readonly tag: number;
  readonly from: number;
  readonly to: number;
}

function packetAt(head: Buffer, at: number): Packet | undefined {
  const first = head[at] ?? 0;
  if ((first & 0xc0) === 0x80) return oldPacketAt(head, at);
  if ((first & 0xc0) !== 0xc0) return undefined;
  const tag = first & 0x3f;
  const length = head[at + 1] ?? 0;
  if (length < 192) return { tag, from: at + 2, to: at + 2 + length };
  if (length < 224) return { tag, from: at + 3, to: at + 3 + ((length - 192) << 8) + (head[at + 2] ?? 0) + 192 };
  // Only the tag of an encrypted packet is needed; the length of a session key is never a partial one.
  if (length < 255 || at + 6 > head.length) return { tag, from: at + 2, to: head.length };
  return { tag, from: at + 6, to: at + 6 + head.readUInt32BE(at + 2) };
}

/** Parses an old-format packet header, which GnuPG still writes. */
function oldPacketAt(head: Buffer, at: number): Packet {
  const tag = ((head[at] ?? 0) >> 2) & 0xf;
  const lengthBytes = [1, 2, 4][(head[at] ?? 0) & 3];
  if (lengthBytes === undefined || at + 1 + lengthBytes > head.length) return { tag, from: at + 1, to: head.length };
  const from = at + 1 + lengthBytes;
  return { tag, from, to: from + head.readUIntBE(at + 1, lengthBytes) };
}

function isVersion(body: Buffer, versions: readonly number[]): boolean {
  return body[0] !== undefined && versions.includes(body[0]);
}

/** Returns the bytes inside the armor, as far as they were read. */
function unarmored(head: Buffer): Buffer {
  const [, text = ""] = /^-----BEGIN.*\r?\n(?:[\w-]+: .*\r?\n)*\r?\n([\w+/=\s]*)/.exec(head.toString("latin1")) ?? [];
  return Buffer.from(text, "base64");
}

/**
 * Whether restic encrypts this file, judged by its place in a repository: nothing in its bytes shows it. A text that it
 * holds in plain form is found as in any other file.
 */
export function isInRestic(path: string, paths: readonly string[]): boolean {
  const [, root = "", name = ""] =
    /^(.*?)(config|(?:data\/[0-9a-f]{2}|index|snapshots|locks)\/[0-9a-f]{64})$/.exec(path) ?? [];
  if (name === "" || !(root === "" || root.endsWith("/"))) return false;
  const isKey = (other: string): boolean => /^keys\/[0-9a-f]{64}$/.test(other.slice(root.length));
  return paths.includes(`${root}config`) && paths.some((other) => other.startsWith(root) && isKey(other));
}

/** Key id of a session key's recipient; "anybody" if the packet does not name one. */
function recipientOf(packet: Buffer): string {
  if (packet[0] !== 6) return idOf(packet.subarray(1, 9));
  if ((packet[1] ?? 0) === 0) return "anybody";
  const fingerprint = packet.subarray(3, 2 + (packet[1] ?? 0));
  return idOf(packet[2] === 6 ? fingerprint.subarray(0, 8) : fingerprint.subarray(-8));
}

function idOf(bytes: Buffer): string {
  return bytes.every((byte) => byte === 0) ? "anybody" : bytes.toString("hex");
}

function isText(head: Buffer): boolean {
  // A character may be cut in two at the end of the bytes read.
  const text = new TextDecoder("utf-8", { fatal: true });
  try {
    // oxlint-disable-next-line no-control-regex -- Control characters are what tells a text from bytes.
    return !/[\u0000-\u0008\u000e-\u001f]/.test(text.decode(head, { stream: true }));
  } catch {
    return false;
  }
}
