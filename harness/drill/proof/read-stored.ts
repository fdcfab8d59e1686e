// Reads what a backup system has stored, file by file in pieces: its framing, its recipients, and whether it holds any
// of the searched texts, plain or decompressed, base64 or hex encoded.
import { createReadStream } from "node:fs";
import { open, readdir, stat } from "node:fs/promises";
import { relative } from "node:path";
import { Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import type { StoredFile } from "../../check/checks/stored.ts";
import { framingOf, isInRestic } from "./stored-framing.ts";

/** A text to search for: its description and its bytes. */
export interface Needle {
  readonly what: string;
  readonly bytes: Buffer;
}

const headBytes = 64 * 1024;
const pieceBytes = 1024 * 1024;
/** Limits decompression, so that a zip bomb cannot hold up the drill; its first part is still searched. */
const decompressedMax = 256 * 1024 * 1024;

export async function readStored(
  folder: string,
  needles: readonly Needle[],
  signal: AbortSignal,
): Promise<StoredFile[]> {
  const files: StoredFile[] = [];
  for await (const path of pathsIn(Buffer.from(folder))) {
    signal.throwIfAborted();
    const file = await readOne(path, needles).catch(ifGone);
    if (file !== undefined) files.push({ path: relative(folder, path.toString()), ...file });
  }
  const paths = files.map(({ path }) => path);
  return files.map((file) => {
    const isEncrypted = file.kind === "other" && isInRestic(file.path, paths);
    return isEncrypted ? Object.assign({}, file, { kind: "message" as const }) : file;
  });
}

/** Names are bytes: one that is not UTF-8 could not be opened by its text. Nothing is stored in a missing folder. */
async function* pathsIn(folder: Buffer): AsyncGenerator<Buffer> {
  for (const entry of (await readdir(folder, { withFileTypes: true, encoding: "buffer" }).catch(ifGone)) ?? []) {
    const path = Buffer.concat([folder, Buffer.from("/"), entry.name]);
    if (entry.isDirectory()) yield* pathsIn(path);
    else yield path;
  }
}

/** Returns undefined for a folder, a pipe or a socket; follows links, as any reader of the folder could. */
async function readOne(path: Buffer, needles: readonly Needle[]): Promise<Omit<StoredFile, "path"> | undefined> {
  const about = await stat(path);
  if (!about.isFile()) return undefined;
  const head = await headOf(path);
  const found = new Set(await search(createReadStream(path, { highWaterMark: pieceBytes }), needles, Infinity));
  for (const what of await searchDecompressed(path, head, needles)) found.add(what);
  return { bytes: about.size, ...framingOf(head), found: [...found] };
}

/** A system may remove what it stored at any time, and leave links that lead nowhere. */
function ifGone(error: unknown): undefined {
  if (!["ENOENT", "ENOTDIR", "ELOOP"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
}

async function headOf(path: Buffer): Promise<Buffer> {
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
