// Embeddings: exact float32 values that no compressor can shrink, like real ones, and not of unit length, as Graphiti's
// truncated vectors are not.
import type { Draw } from "../random.ts";

/** Scale keeps the length near 1 whatever the dimension; a power of two, so every product is an exact float32. */
export function embedding(draw: Draw, dims: number): Float32Array {
  const vector = new Float32Array(dims);
  let scale = 1;
  while (scale * scale * dims > 6) scale /= 2;
  // 23 bits and a sign each: the quotient has no more than 24 significant bits.
  for (let i = 0; i < dims; i++) vector[i] = ((draw.next() >>> 8) / 2 ** 23 - 1) * scale;
  return vector;
}
