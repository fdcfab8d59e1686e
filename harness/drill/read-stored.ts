// Reads what a backup system has stored, file by file in pieces: how it is framed, for whom, and whether it holds any
// of the texts that are searched for, as they are or after decompression.
import { createReadStream } from "node:fs";
import { open, readdir, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import type { StoredFile } from "../check/stored.ts";

/** A text to search for: what it is, and its bytes. */
export interface Needle {
  readonly what: string;
  readonly bytes: Buffer;
}

const headBytes = 64 * 1024;
const pieceBytes = 1024 * 1024;
/** A bomb must not hold the drill up; what is within the first of it is seen. */
const decompressedMax = 256 * 1024 * 1024;

export async function readStored(
  folder: string,
  needles: readonly Needle[],
  signal: AbortSignal,
): Promise<StoredFile[]> {
  const files: StoredFile[] = [];
  // In a folder that is gone nothing is stored.
  const entries = (await readdir(folder, { recursive: true, withFileTypes: true }).catch(ifGone)) ?? [];
  for (const { parentPath, name } of entries) {
    signal.throwIfAborted();
    const path = join(parentPath, name);
    const file = await readOne(path, needles).catch(ifGone);
    if (file !== undefined) files.push({ path: relative(folder, path), ...file });
  }
  return files;
}

/** Undefined for a folder, a pipe, a socket; of a link what it leads to, which whoever reads the folder can read as well. */
async function readOne(path: string, needles: readonly Needle[]): Promise<Omit<StoredFile, "path"> | undefined> {
  const about = await stat(path);
  if (!about.isFile()) return undefined;
  const head = await headOf(path);
  const found = new Set(await search(createReadStream(path, { highWaterMark: pieceBytes }), needles, Infinity));
  for (const what of await searchDecompressed(path, head, needles)) found.add(what);
  return { bytes: about.size, ...framingOf(head), found: [...found] };
}

/** A system may remove what it stored at any time. */
function ifGone(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
}

async function headOf(path: string): Promise<Buffer> {
  await using file = await open(path);
  const head = Buffer.alloc(headBytes);
  const { bytesRead } = await file.read(head, 0, headBytes, 0);
  return head.subarray(0, bytesRead);
}

async function search(stream: Readable, needles: readonly Needle[], bytesMax: number): Promise<string[]> {
  const overlap = Math.max(...needles.map(({ bytes }) => bytes.length)) - 1;
  const found = new Set<string>();
  let rest = Buffer.alloc(0);
  let seen = 0;
  for await (const piece of stream) {
    const window = Buffer.concat([rest, piece as Buffer]);
    for (const { what, bytes } of needles) if (!found.has(what) && window.includes(bytes)) found.add(what);
    rest = window.subarray(Math.max(0, window.length - overlap));
    seen += (piece as Buffer).length;
    if (seen > bytesMax) break;
  }
  return [...found];
}

const compressions = [
  { magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), decompressor: createZstdDecompress },
  { magic: Buffer.from([0x1f, 0x8b, 0x08]), decompressor: createGunzip },
] as const;

/** From the first place near the beginning that looks like a compressed stream; most often it is none. */
async function searchDecompressed(path: string, head: Buffer, needles: readonly Needle[]): Promise<string[]> {
  const found: string[] = [];
  for (const { magic, decompressor } of compressions) {
    const start = head.indexOf(magic);
    if (start === -1) continue;
    const file = createReadStream(path, { start });
    const stream = decompressor();
    // The end of a stream that is none, or is cut off in the middle, says nothing more than was read of it.
    file.on("error", () => stream.destroy());
    file.pipe(stream);
    found.push(...(await search(stream, needles, decompressedMax).catch(() => [])));
    file.destroy();
    stream.destroy();
  }
  return found;
}

const tags = { sessionKey: 1, signature: 2, onePass: 4, encrypted: 18 } as const;

/** By the packets of OpenPGP that a file begins with (RFC 9580, 4.2). */
export function framingOf(head: Buffer): Pick<StoredFile, "kind" | "recipients"> {
  const recipients: string[] = [];
  for (let at = 0; at + 2 < head.length;) {
    const packet = packetAt(head, at);
    if (packet === undefined) break;
    if (packet.tag === tags.encrypted) return { kind: "message", recipients };
    if (packet.tag === tags.signature || packet.tag === tags.onePass) return { kind: "signed", recipients };
    if (packet.tag !== tags.sessionKey) break;
    recipients.push(recipientOf(head.subarray(packet.from, packet.to)));
    at = packet.to;
  }
  return { kind: isText(head) ? "text" : "other", recipients };
}

function packetAt(
  head: Buffer,
  at: number,
): { readonly tag: number; readonly from: number; readonly to: number } | undefined {
  const first = head[at] ?? 0;
  if ((first & 0xc0) !== 0xc0) return undefined;
  const tag = first & 0x3f;
  const length = head[at + 1] ?? 0;
  if (length < 192) return { tag, from: at + 2, to: at + 2 + length };
  if (length < 224) return { tag, from: at + 3, to: at + 3 + ((length - 192) << 8) + (head[at + 2] ?? 0) + 192 };
  // Of an encrypted packet only its tag is asked for; the length of a session key is never a partial one.
  if (length < 255 || at + 6 > head.length) return { tag, from: at + 2, to: head.length };
  return { tag, from: at + 6, to: at + 6 + head.readUInt32BE(at + 2) };
}

/** The key id of whom a session key is for; "anybody" where a packet names nobody. */
function recipientOf(packet: Buffer): string {
  if (packet[0] === 3) return idOf(packet.subarray(1, 9));
  if (packet[0] !== 6 || (packet[1] ?? 0) === 0) return "anybody";
  const fingerprint = packet.subarray(3, 2 + (packet[1] ?? 0));
  return idOf(packet[2] === 6 ? fingerprint.subarray(0, 8) : fingerprint.subarray(-8));
}

function idOf(bytes: Buffer): string {
  return bytes.every((byte) => byte === 0) ? "anybody" : bytes.toString("hex");
}

function isText(head: Buffer): boolean {
  // A character may be cut in two at the end of what was read.
  const text = new TextDecoder("utf-8", { fatal: true });
  try {
    // oxlint-disable-next-line no-control-regex -- Control characters are what tells a text from bytes.
    return !/[\u0000-\u0008\u000e-\u001f]/.test(text.decode(head, { stream: true }));
  } catch {
    return false;
  }
}
