// The ids of parallel edges: of one type between the same two nodes. GraphBLAS writes each such vector as a blob
// (`GxB_Vector_serialize`): a header of 160 bytes, the sizes of the blocks, and the blocks of its arrays, each of which
// may be compressed.
import { zstdDecompressSync } from "node:zlib";
import type { FrameCursor, FrameReader } from "./graph-frames.ts";
import { parallelEntry } from "./graph-matrices.ts";
import type { EdgePlace } from "./matrix-lookup.ts";

const headerBytes = 160;
/** Numbers of methods: negative for none, from here on LZ4, and all others are zstd. */
const [lz4Min, lz4End] = [1000, 3000];
const uncompressedMax = 2 ** 26;

/** Looks through the entries of a type, whose number was read already, and returns where the edge is. */
export function* findParallelEdge(cursor: FrameCursor, type: number, edge: number): FrameReader<EdgePlace | undefined> {
  for (const _ of ["main", "added"])
    for (let left = yield* cursor.number(); left > 0; left--) {
      const { row, column, vector } = yield* parallelEntry(cursor);
      if (idsOfParallel(cursor.bytesOf(vector), vector.length).includes(edge))
        return { type, source: row, target: column };
    }
  return undefined;
}

/** The indices of the entries of a sparse vector. */
export function idsOfParallel(blob: Buffer, length: number): readonly number[] {
  if (blob.length !== length) throw new RangeError(`${length} bytes of ids of parallel edges are too many`);
  if (Number(blob.readBigUInt64LE(0)) !== blob.length) throw new RangeError("a vector has another length than it says");
  const width = ((blob.readUInt32LE(8) >> 4) & 0xf) === 1 ? 4 : 8;
  const sparsity = blob.readInt32LE(116) >> 2;
  // Of the arrays p, h, b, i and x.
  const arrays = Array.from({ length: 5 }, (_, index) => ({
    bytes: Number(blob.readBigInt64LE(64 + index * 8)),
    blocks: blob.readInt32LE(120 + index * 8),
    method: blob.readInt32LE(124 + index * 8),
  }));
  let sizesAt = headerBytes;
  const ends = arrays.map(({ blocks }) => {
    const found = Array.from({ length: blocks }, (_, index) => Number(blob.readBigUInt64LE(sizesAt + index * 8)));
    sizesAt += blocks * 8;
    return found;
  });
  let at = sizesAt;
  let ids: Buffer | undefined;
  for (const [index, array] of arrays.entries()) {
    const blocks = ends[index] ?? [];
    if (index === 3) ids = arrayOf(blob.subarray(at), array, blocks);
    at += blocks.at(-1) ?? 0;
  }
  if (ids === undefined || (sparsity !== 1 && sparsity !== 2))
    throw new RangeError(`a vector has the form ${sparsity}`);
  const read = ids;
  return Array.from({ length: read.length / width }, (_, index) =>
    width === 4 ? read.readUInt32LE(index * 4) : Number(read.readBigUInt64LE(index * 8)),
  );
}

function arrayOf(
  from: Buffer,
  { bytes, method }: { readonly bytes: number; readonly method: number },
  ends: readonly number[],
): Buffer {
  if (bytes > uncompressedMax) throw new RangeError(`${bytes} bytes of ids of parallel edges are too many`);
  if (method >= lz4Min && method < lz4End) throw new RangeError("ids of parallel edges are compressed with LZ4");
  const blocks = ends.map((end, index) => from.subarray(ends[index - 1] ?? 0, end));
  const all = Buffer.concat(
    method < 0 ? blocks : blocks.map((block) => zstdDecompressSync(block, { maxOutputLength: bytes })),
  );
  if (all.length !== bytes) throw new RangeError("the ids of parallel edges are not as many as they say");
  return all;
}
