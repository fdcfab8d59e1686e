// Gives the memory of a large buffer back at once. The collector would do it some time: its heaps here are small, so it
// sees little reason to run, and meanwhile gigabytes flow through buffers (measured: 370 MB of garbage without this).
// What is released must not be used again; it has no length any more.
export function release(bytes: Uint8Array): void {
  const { buffer } = bytes;
  // A small buffer is a piece of a pool that others use too, and Node does not let go of that.
  if (buffer instanceof ArrayBuffer && buffer.byteLength > Buffer.poolSize) buffer.transfer(0);
}
