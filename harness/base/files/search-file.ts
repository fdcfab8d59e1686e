// Searches a file for texts, in pieces of bounded size: plain, and decompressed where it holds a compressed stream, which
// may itself be base64 or hex encoded.
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";

/** A text to search for: its description and its bytes. */
export interface Needle {
  readonly what: string;
  readonly bytes: Buffer;
}

const headBytes = 64 * 1024;
const pieceBytes = 1024 * 1024;
/** Limits decompression, so that a zip bomb cannot hold up the drill; its first part is still searched. */
const decompressedMax = 256 * 1024 * 1024;

export async function headOf(path: Buffer): Promise<Buffer> {
  await using file = await open(path);
  const head = Buffer.alloc(headBytes);
  const { bytesRead } = await file.read(head, 0, headBytes, 0);
  return head.subarray(0, bytesRead);
}

/** `path` is bytes, as a name need not be UTF-8; `head` is what `headOf` read of it. */
export async function searchFile(path: Buffer, head: Buffer, needles: readonly Needle[]): Promise<string[]> {
  const found = new Set(await search(createReadStream(path, { highWaterMark: pieceBytes }), needles, Infinity));
  for (const what of await searchDecompressed(path, head, needles)) found.add(what);
  return [...found];
}

export function searchBytes(bytes: Buffer, needles: readonly Needle[]): string[] {
  const texts = [bytes, ...withoutLineEnds(bytes)];
  return needles.filter((needle) => texts.some((text) => text.includes(needle.bytes))).map(({ what }) => what);
}

/** Encoded bytes are often broken into lines; none where they do not look so. */
function withoutLineEnds(bytes: Buffer): Buffer[] {
  for (let at = bytes.indexOf(lineEnd); at !== -1; at = bytes.indexOf(lineEnd, at + 1)) {
    if (!/[\w+/=-]{40}\r?\n[\w+/=-]$/.test(bytes.toString("latin1", Math.max(0, at - 41), at + 2))) continue;
    return [Buffer.from(bytes.toString("latin1").replaceAll(/[\r\n]/g, ""), "latin1")];
  }
  return [];
}
const lineEnd = 10;

async function search(stream: Readable, needles: readonly Needle[], bytesMax: number): Promise<string[]> {
  // The longest one may be broken into lines.
  const overlap = Math.max(...needles.map(({ bytes }) => bytes.length)) * 2;
  const found = new Set<string>();
  let left = needles;
  let rest: Buffer = Buffer.alloc(0);
  let seen = 0;
  for await (const piece of stream) {
    const window = Buffer.concat([rest, piece as Buffer]);
    for (const what of searchBytes(window, left)) found.add(what);
    left = left.filter(({ what }) => !found.has(what));
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

type Encoding = "base64" | "hex";

/** Patterns for the magic number of a compressed stream in the bytes of a file. */
function formsOf(magic: Buffer): readonly (readonly [form: string, encoding: Encoding | undefined])[] {
  const hex = magic.toString("hex");
  // Only the characters that do not depend on the following bytes.
  const base64 = magic.toString("base64").slice(0, Math.floor((magic.length * 8) / 6));
  return [
    [magic.toString("latin1"), undefined],
    [base64, "base64"],
    [hex, "hex"],
    [hex.toUpperCase(), "hex"],
  ];
}

/** Tries the first place near the beginning that looks like a compressed stream; most often it is not one. */
async function searchDecompressed(path: Buffer, head: Buffer, needles: readonly Needle[]): Promise<string[]> {
  const found: string[] = [];
  for (const { magic, decompressor } of compressions) {
    for (const [form, encoding] of formsOf(magic)) {
      const start = head.indexOf(form, 0, "latin1");
      if (start === -1) continue;
      const file = createReadStream(path, { start });
      const bytes = encoding === undefined ? file : Readable.from(decoded(file, encoding));
      const stream = decompressor();
      // Where decompression fails (not a stream, or cut off), nothing more can be read.
      bytes.on("error", () => stream.destroy());
      bytes.pipe(stream);
      found.push(...(await search(stream, needles, decompressedMax).catch(() => [])));
      file.destroy();
      stream.destroy();
    }
  }
  return found;
}

/** Decodes up to the first character outside the encoding, ignoring line breaks, also those of a text in JSON. */
async function* decoded(file: Readable, encoding: Encoding): AsyncGenerator<Buffer> {
  const unit = encoding === "hex" ? 2 : 4;
  let rest = "";
  for await (const piece of file) {
    const text = (rest + (piece as Buffer).toString("latin1")).replaceAll(/\s|\\[nr]/g, "");
    const end = text.search(/[^\w+/=-]/);
    if (end !== -1) return yield Buffer.from(text.slice(0, end), encoding);
    const whole = text.length - (text.length % unit);
    yield Buffer.from(text.slice(0, whole), encoding);
    rest = text.slice(whole);
  }
  yield Buffer.from(rest, encoding);
}
