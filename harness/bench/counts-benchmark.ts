// What does not depend on how busy the machine is: bytes stored and moved, commands sent, objects made. A small change of
// these is a change of the program, so they are held to tight limits where times cannot be.
import type { Endpoint } from "../base/endpoint.ts";
import { dataset } from "../../generators/dataset.ts";
import { expectedContent } from "../check/expect/expected.ts";
import { encodeHere } from "../falkordb/load/bulk-load.ts";
import { connect } from "../falkordb/client/connection.ts";
import { allocatedBytes } from "./allocations.ts";
import { benchSource, timedBackup } from "./bench-source.ts";
import type { BenchContext } from "./benchmark.ts";
import { type BenchRow, row } from "./rows.ts";

interface Counters {
  readonly bulkCalls: number;
  readonly inBytes: number;
  readonly memoryBytes: number;
}

export async function benchmarkCounts(context: BenchContext): Promise<BenchRow[]> {
  const objects = await countObjects(context);
  await using source = await benchSource(context);
  const loaded = await readCounters(source.engine.endpoint);
  const { point } = await timedBackup(source, context);
  // The tolerances are what three runs of one version differed by, and some room.
  return [
    row("GRAPH.BULK calls to load", "count", [loaded.bulkCalls], { exactWithin: 0 }),
    row("bytes sent to load", "bytes", [loaded.inBytes], { exactWithin: 0.005 }),
    row("engine's memory after the load", "bytes", [loaded.memoryBytes], { exactWithin: 0.1 }),
    ...(point.rawBytes === undefined
      ? []
      : [row("bytes of the snapshot", "bytes", [point.rawBytes], { exactWithin: 0.005 })]),
    row("bytes stored", "bytes", [point.storedBytes], { exactWithin: 0.015 }),
    ...objects,
  ];
}

/** Bytes of objects made, on a graph so large that what the rest of the process allocates does not matter. */
async function countObjects({ seed, signal }: BenchContext): Promise<BenchRow[]> {
  const content = dataset({ seed, nodes: 20_000, dims: 0, shape: "large", variant: "clean", schema: "post1856" });
  const [plan] = content.graphs();
  if (plan === undefined) return [];
  const works: readonly (readonly [string, () => Promise<unknown>])[] = [
    ["objects made to generate and encode", () => encodeHere(plan, () => Promise.resolve())],
    ["objects made to fingerprint", () => expectedContent(content, signal)],
  ];
  const rows: BenchRow[] = [];
  for (const [name, work] of works) {
    // One unmeasured pass first: it takes the allocations of compilation.
    await work();
    const runs: number[] = [];
    for (let run = 0; run < 3; run += 1) runs.push(await allocatedBytes(work));
    rows.push(row(name, "bytes", runs, { exactWithin: 0.05 }));
  }
  return rows;
}

async function readCounters(endpoint: Endpoint): Promise<Counters> {
  await using connection = await connect(endpoint);
  const stats = await connection.info("stats");
  const memory = await connection.info("memory");
  const commands = await connection.info("commandstats");
  const [, calls] = /calls=(\d+)/.exec(commands["cmdstat_graph.BULK"] ?? "") ?? [];
  return {
    bulkCalls: Number(calls ?? 0),
    inBytes: Number(stats["total_net_input_bytes"]),
    memoryBytes: Number(memory["used_memory"]),
  };
}
