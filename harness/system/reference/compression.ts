// zstd, one frame a part, in the thread pool. The frame carries a checksum of its content, so that `zstd -d` itself
// proves that what comes out is what went in.
import { promisify } from "node:util";
import { constants, zstdCompress, zstdDecompress } from "node:zlib";

const compressAsync = promisify(zstdCompress);
const decompressAsync = promisify(zstdDecompress);

export const compressionLevel = 1;

export function compress(bytes: Buffer): Promise<Buffer> {
  return compressAsync(bytes, {
    // One buffer for the whole result: with the small default every 16 KiB come back to this thread.
    chunkSize: Math.max(64 * 1024, Math.ceil(bytes.length / 2)),
    params: {
      [constants.ZSTD_c_compressionLevel]: compressionLevel,
      [constants.ZSTD_c_checksumFlag]: 1,
    },
    pledgedSrcSize: bytes.length,
  });
}

/** Never gives more than `rawBytes`, so that a part cannot be a bomb. */
export function decompress(bytes: Uint8Array, rawBytes: number): Promise<Buffer> {
  return decompressAsync(bytes, { chunkSize: Math.max(64 * 1024, rawBytes), maxOutputLength: Math.max(1, rawBytes) });
}
