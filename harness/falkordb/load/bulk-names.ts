// The names in a GRAPH.BULK: each of its blobs begins with its labels or its type and its property keys, each text ended
// by a NUL. The rows after them are not looked at.

const headerBytesMax = 1 << 20;

interface BulkNames {
  readonly kind: "labels" | "types";
  readonly names: readonly string[];
  readonly propertyKeys: readonly string[];
}

export class BulkHeaderReader {
  readonly #kind: BulkNames["kind"];
  #bytes: Buffer = Buffer.alloc(0);
  #found: BulkNames | undefined;

  constructor(kind: BulkNames["kind"]) {
    this.#kind = kind;
  }

  push(piece: Buffer): void {
    if (this.#found !== undefined || this.#bytes.length >= headerBytesMax) return;
    this.#bytes = Buffer.concat([this.#bytes, piece.subarray(0, headerBytesMax - this.#bytes.length)]);
    this.#found = read(this.#bytes, this.#kind);
    if (this.#found !== undefined) this.#bytes = Buffer.alloc(0);
  }

  /** Undefined while the header is incomplete. */
  get names(): BulkNames | undefined {
    return this.#found;
  }
}

/** Kind of the command's next argument, from the words before it; undefined where it is not a blob. */
export function bulkBlobKind(words: readonly Buffer[]): BulkNames["kind"] | undefined {
  const first = words[2]?.toString("latin1").toUpperCase() === "BEGIN" ? 7 : 6;
  if (words.length < first) return undefined;
  const nodeBlobs = Number(words[first - 2]?.toString("latin1"));
  return words.length - first < nodeBlobs ? "labels" : "types";
}

function read(bytes: Buffer, kind: BulkNames["kind"]): BulkNames | undefined {
  const namesEnd = bytes.indexOf(0);
  if (namesEnd < 0 || bytes.length < namesEnd + 5) return undefined;
  const propertyKeys: string[] = [];
  let at = namesEnd + 5;
  for (let left = bytes.readUInt32LE(namesEnd + 1); left > 0; left--) {
    const end = bytes.indexOf(0, at);
    if (end < 0) return undefined;
    propertyKeys.push(bytes.toString("utf8", at, end));
    at = end + 1;
  }
  const names = bytes.toString("utf8", 0, namesEnd);
  return { kind, names: kind === "labels" ? names.split(":") : [names], propertyKeys };
}
