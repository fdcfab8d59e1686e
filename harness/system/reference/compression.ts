// zstd, one frame a part, in the thread pool. The frame carries a checksum of its content, so that `zstd -d` itself
// proves that what comes out is what went in.
import { promisify } from "node:util";
import { constants, zstdCompressSync, zstdDecompress } from "node:zlib";

const decompressAsync = promisify(zstdDecompress);

export const compressionLevel = 3;

/** Computes at once, so it is for a thread that has nothing else to do. */
export function compress(bytes: Buffer): Buffer {
  return zstdCompressSync(bytes, {
    // When all of the result has room, zstd works on the input in place; else it copies it through a window of its own.
    chunkSize: boundOf(bytes.length),
    params: {
      [constants.ZSTD_c_compressionLevel]: compressionLevel,
      [constants.ZSTD_c_checksumFlag]: 1,
    },
    pledgedSrcSize: bytes.length,
  });
}

/** What zstd calls the compress bound: the size of incompressible input, with some to spare. */
export function boundOf(rawBytes: number): number {
  return rawBytes + Math.ceil(rawBytes / 256) + 1024;
}

/** Never gives more than `rawBytes`, so that a part cannot be a bomb. */
export function decompress(bytes: Uint8Array, rawBytes: number): Promise<Buffer> {
  return decompressAsync(bytes, { chunkSize: Math.max(64 * 1024, rawBytes), maxOutputLength: Math.max(1, rawBytes) });
}
