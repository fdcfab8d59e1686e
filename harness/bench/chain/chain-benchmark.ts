// Increments from end to end: what an archiver costs the writers, how fast a stream is replayed, and how long a restore
// takes by the length of its chain.
import type { BenchContext } from "../benchmark.ts";
import type { BenchRow } from "../rows.ts";
import { archiverOverhead } from "./archiver-overhead.ts";
import { replayRate } from "./replay-rate.ts";
import { restoreByLength } from "./restore-by-length.ts";

export async function benchmarkChain(context: BenchContext): Promise<BenchRow[]> {
  return [...(await archiverOverhead(context)), ...(await replayRate(context)), ...(await restoreByLength(context))];
}
