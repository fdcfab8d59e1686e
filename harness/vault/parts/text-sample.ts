// How much of the text of the graphs in a snapshot looks like noise in base64, hexadecimal digits or random letters: text
// that ransomware replaces by noise moves this figure (store/noise.ts), also where vectors are most of the snapshot. A
// sentence with a hash or a key in it is no noise: most of a text has to be.
//
// Counted is only what FalkorDB writes as a text: its length and that of the NUL after it in eight bytes, then both. So
// vectors, other keys of the server, what Redis says about itself, and the module's log of queries do not count, nor does
// anything that the server compressed. Text is counted in any language.
//
// The thread that compresses a part has little time to spare: of all but the first parts it looks at a window of every
// so many.
import type { TextSample } from "../store/manifest.ts";

/** Snapshots of 16 MiB are looked at as a whole. */
const wholeParts = 4;
const windowBytes = 64 * 1024;
const oneWindowOf = 8;
/** Noise is not told from a name in less. */
const textBytesMin = 20;
/** Hardly a word is that long, and UUIDs and times have shorter pieces between their dashes and colons. */
const noiseBytesMin = 20;
/**
 * Of the steps from one character to the next, the share that leads from a digit to a letter or back, or from a small letter
 * to a capital one: 0.47 in hexadecimal digits, 0.42 in base64, 0.31 in base32; 0.17 in words that are joined by capitals, and
 * none in words.
 */
const stepsShareMin = 0.25;
/** About 0.86 of noise in base64: the rest is in shorter stretches between "+" and "/". */
const noiseOfTextMin = 0.5;
const uuidBytes = 36;
const uuidDashes: readonly number[] = [8, 13, 18, 23];
const dash = 0x2d;
const lengthBytes = 8;

const other = 0;
const digit = 1;
const small = 2;
const capital = 3;
const kinds = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 0x30 && byte <= 0x39) return digit;
  if (byte >= 0x61 && byte <= 0x7a) return small;
  return byte >= 0x41 && byte <= 0x5a ? capital : other;
});

/** `index` is the position of the part in the snapshot. */
export function sampleText(part: Buffer, index: number): TextSample {
  if (index < wholeParts) return textIn(part);
  const windows: TextSample[] = [];
  for (let from = 0; from < part.length; from += oneWindowOf * windowBytes)
    windows.push(textIn(part.subarray(from, from + windowBytes)));
  const { bytes, noiseBytes } = addSamples(windows);
  return { bytes: bytes * oneWindowOf, noiseBytes: noiseBytes * oneWindowOf };
}

function textIn(piece: Buffer): TextSample {
  let bytes = 0;
  let noiseBytes = 0;
  let from = 0;
  for (let end = 0; end < piece.length; end++) {
    if (piece[end] !== 0) continue;
    if (end - from >= textBytesMin && isText(piece, from, end) && !isUuid(piece, from, end)) {
      bytes += end - from;
      if (noiseIn(piece, from, end) >= noiseOfTextMin * (end - from)) noiseBytes += end - from;
    }
    from = end + 1;
  }
  return { bytes, noiseBytes };
}

function isText(piece: Buffer, from: number, end: number): boolean {
  if (from < lengthBytes) return false;
  return piece.readUInt32LE(from - 8) === end + 1 - from && piece.readUInt32LE(from - 4) === 0;
}

/** Each entity of Graphiti has some. */
function isUuid(piece: Buffer, from: number, end: number): boolean {
  return end - from === uuidBytes && uuidDashes.every((index) => piece[from + index] === dash);
}

function noiseIn(piece: Buffer, from: number, end: number): number {
  let noise = 0;
  let start = from;
  while (start + noiseBytesMin <= end) {
    // From the far end: what is no letter or digit ends every stretch that would hold it.
    let at = start + noiseBytesMin - 1;
    while (at >= start && kindAt(piece, at) !== other) at--;
    if (at >= start) {
      start = at + 1;
      continue;
    }
    let stop = start + noiseBytesMin;
    while (stop < end && kindAt(piece, stop) !== other) stop++;
    if (stepsIn(piece, start, stop) >= stepsShareMin * (stop - start - 1)) noise += stop - start;
    start = stop + 1;
  }
  return noise;
}

function stepsIn(piece: Buffer, start: number, stop: number): number {
  let steps = 0;
  for (let at = start + 1; at < stop; at++) {
    const [before, kind] = [kindAt(piece, at - 1), kindAt(piece, at)];
    if (kind !== before && (kind === digit || before === digit || before === small)) steps++;
  }
  return steps;
}

function kindAt(piece: Buffer, at: number): number {
  return kinds[piece[at] as number] as number;
}

export function addSamples(samples: readonly TextSample[]): TextSample {
  const sum = (of: keyof TextSample): number => samples.reduce((all, sample) => all + sample[of], 0);
  return { bytes: sum("bytes"), noiseBytes: sum("noiseBytes") };
}
