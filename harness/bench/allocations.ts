// How many bytes of JavaScript objects some work allocates: at each garbage collection, the bytes in use before it less
// the bytes that the previous one left. Unlike time this hardly depends on the machine.
import { GCProfiler, getHeapStatistics } from "node:v8";

export async function allocatedBytes(work: () => unknown): Promise<number> {
  const profiler = new GCProfiler();
  const startBytes = getHeapStatistics().used_heap_size;
  profiler.start();
  await work();
  const endBytes = getHeapStatistics().used_heap_size;
  const collections = profiler.stop()?.statistics ?? [];
  let leftBytes = startBytes;
  let bytes = 0;
  for (const { beforeGC, afterGC } of collections) {
    bytes += Math.max(0, beforeGC.heapStatistics.usedHeapSize - leftBytes);
    leftBytes = afterGC.heapStatistics.usedHeapSize;
  }
  return bytes + Math.max(0, endBytes - leftBytes);
}
