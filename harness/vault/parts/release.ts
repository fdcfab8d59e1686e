// Frees the memory of a large buffer at once. The garbage collector would do it eventually: its heaps here are small,
// so it sees little reason to run, and meanwhile gigabytes flow through buffers (measured: 370 MB of garbage without
// this). A released buffer must not be used again; its length is zero.
export function release(bytes: Uint8Array): void {
  const { buffer } = bytes;
  // A small buffer is part of a pool that others use too, which Node does not release.
  if (buffer instanceof ArrayBuffer && buffer.byteLength > Buffer.poolSize) buffer.transfer(0);
}
