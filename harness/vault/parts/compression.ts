// zstd, one frame per part, in the thread pool. The frame carries a checksum of its content, so that `zstd -d` itself
// proves that the output equals the input.
import { promisify } from "node:util";
import { constants, zstdCompressSync, zstdDecompress } from "node:zlib";
import { DrillError, errorMessage } from "../../base/errors.ts";

const decompressAsync = promisify(zstdDecompress);

/**
 * Fast, with a hash table four times the usual size and a window that both fit the cache of a core. Measured on every
 * sixteenth part of the snapshot of a generated graph (1M nodes, 2.65M edges, 3063 MB; 1531 MB as the engine itself
 * dumps it), scaled up, one thread:
 *
 *   level 1                           936 MB   6.9 s        level 2                  860 MB   7.8 s
 *   level 1, hashLog 15               876 MB   7.2 s        level 3                  808 MB  10.0 s
 *   level 1, hashLog 16, windowLog 18 861 MB   7.1 s        level 3, minMatch 6      799 MB  11.4 s
 *   level 1, hashLog 16, windowLog 20 844 MB   7.5 s        level 6                  775 MB  37 s
 *   level 1, hashLog 16, minMatch 6   861 MB   7.5 s        level 9                  760 MB  70 s
 *
 * A whole backup is bound by the CPU time of two cores, so half a second of one more counts.
 */
export const compressionLevel = 1;
const hashLog = 16;
const windowLog = 18;

/** Runs synchronously, so it is for a thread that has nothing else to do. */
export function compress(bytes: Buffer): Buffer {
  return zstdCompressSync(bytes, {
    // Given room for the whole result, zstd works on the input in place; else it copies it through a window of its own.
    chunkSize: boundOf(bytes.length),
    params: {
      [constants.ZSTD_c_compressionLevel]: compressionLevel,
      [constants.ZSTD_c_hashLog]: hashLog,
      [constants.ZSTD_c_windowLog]: windowLog,
      [constants.ZSTD_c_checksumFlag]: 1,
    },
    pledgedSrcSize: bytes.length,
  });
}

/** What zstd calls the compress bound: the size of incompressible input, with some to spare. */
export function boundOf(rawBytes: number): number {
  return rawBytes + Math.ceil(rawBytes / 256) + 1024;
}

/** Where the output fills its buffer exactly, Node asks zstd once more with a second one of the same size. */
const spareBytes = 64;
/** More than any part that was ever written; the memory for one is allocated at once. */
const rawBytesMax = 256 * 2 ** 20;

/**
 * Never returns more than `rawBytes`, so that a part cannot be a decompression bomb. `what` names the part in errors.
 */
export async function decompress(bytes: Uint8Array, rawBytes: number, what: string): Promise<Buffer> {
  if (rawBytes > rawBytesMax)
    throw new DrillError(`${what} would hold ${rawBytes} bytes, and no part may hold more than ${rawBytesMax}`, {
      exit: "dataWrong",
    });
  try {
    const sizes = { chunkSize: rawBytes + spareBytes, maxOutputLength: Math.max(1, rawBytes) };
    return await decompressAsync(bytes, sizes);
  } catch (error) {
    const isTooLarge = (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
    const why = isTooLarge
      ? `holds more than the ${rawBytes} bytes that its manifest says`
      : `cannot be decompressed: ${errorMessage(error)}`;
    throw new DrillError(`${what} ${why}`, { exit: "dataWrong", code: "part-damaged", cause: error });
  }
}
