// How much of the text in a snapshot has no spaces, as noise in base64 or hexadecimal digits has not: text that
// ransomware replaces by noise moves this figure (store/noise.ts), also where vectors are most of the snapshot. The thread
// that compresses a part has little time to spare: of all but the first parts it looks at a window of every so many.
import type { TextSample } from "../store/manifest.ts";

/** Snapshots of 16 MiB are looked at as a whole. */
const wholeParts = 4;
const windowBytes = 8192;
const oneWindowOf = 8;
/** Numbers and vectors hold shorter runs of printable characters, and hardly any longer ones. */
const runBytesMin = 16;
/** Hardly a word is that long. */
const unbrokenBytesMin = 20;
const uuidBytes = 36;
const uuidDashes: readonly number[] = [8, 13, 18, 23];
const space = 0x20;
const dash = 0x2d;
const lastPrintable = 0x7e;

/** `index` is the position of the part in the snapshot. */
export function sampleText(part: Uint8Array, index: number): TextSample {
  if (index < wholeParts) return textIn(part);
  const windows: TextSample[] = [];
  for (let from = 0; from < part.length; from += oneWindowOf * windowBytes)
    windows.push(textIn(part.subarray(from, from + windowBytes)));
  const { bytes, unbrokenBytes } = addSamples(windows);
  return { bytes: bytes * oneWindowOf, unbrokenBytes: unbrokenBytes * oneWindowOf };
}

function textIn(piece: Uint8Array): TextSample {
  let bytes = 0;
  let unbrokenBytes = 0;
  let [run, word, uuids, unbroken] = [0, 0, 0, 0];
  for (let at = 0; at <= piece.length; at++) {
    const byte = at === piece.length ? 0 : (piece[at] as number);
    if (byte > space && byte <= lastPrintable) continue;
    if (at - word >= unbrokenBytesMin) {
      // Each entity of Graphiti has some.
      if (isUuid(piece, word, at)) uuids += uuidBytes;
      else unbroken += at - word;
    }
    word = at + 1;
    if (byte === space) continue;
    if (at - run >= runBytesMin) {
      bytes += at - run - uuids;
      unbrokenBytes += unbroken;
    }
    run = at + 1;
    uuids = unbroken = 0;
  }
  return { bytes, unbrokenBytes };
}

function isUuid(part: Uint8Array, from: number, end: number): boolean {
  return end - from === uuidBytes && uuidDashes.every((index) => part[from + index] === dash);
}

export function addSamples(samples: readonly TextSample[]): TextSample {
  const sum = (of: keyof TextSample): number => samples.reduce((all, sample) => all + sample[of], 0);
  return { bytes: sum("bytes"), unbrokenBytes: sum("unbrokenBytes") };
}
