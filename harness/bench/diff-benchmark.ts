// The comparison of two equal graphs, and of two that differ in one property, against reading both of them once and
// looking at nothing. Runs are interleaved: a slow minute hits every side.
import { dataset } from "../../generators/dataset.ts";
import type { Endpoint } from "../base/endpoint.ts";
import { DrillError } from "../base/errors.ts";
import { systemClock } from "../base/clock.ts";
import { diffServers } from "../diff/diff-servers.ts";
import { connect } from "../falkordb/client/connection.ts";
import { ReadStream, type RowReader } from "../falkordb/client/read-stream.ts";
import { lastNodeId, readRanges } from "../falkordb/client/read-whole.ts";
import { loadDataset } from "../falkordb/load/load.ts";
import type { BenchContext } from "./benchmark.ts";
import { type BenchRow, ratios, row } from "./rows.ts";
import { Series } from "./series.ts";

/** Node ids per query, as the comparison itself asks. */
const range = 20_000;

export async function benchmarkDiff(context: BenchContext): Promise<BenchRow[]> {
  const { nodes, dims, seed, engines, progress, signal } = context;
  const content = dataset({ seed, nodes, dims, shape: "large", variant: "clean", schema: "post1856" });
  const [graph] = content.graphs();
  if (graph === undefined) return [];
  await using a = await engines.start({ name: "bench-diff-a", signal });
  await using b = await engines.start({ name: "bench-diff-b", signal });
  const endpoints = { a: a.endpoint, b: b.endpoint };
  for (const endpoint of Object.values(endpoints)) {
    progress.step(`load ${nodes} nodes`);
    await loadDataset(endpoint, content, { signal, progress });
  }
  const series = new Series();
  await inTurns("equal", endpoints, graph.name, series, context);
  await using connection = await connect(b.endpoint, { signal });
  await connection.query(graph.name, "MATCH (n) WHERE id(n) = 1 SET n.benchmark = 1");
  await inTurns("one property", endpoints, graph.name, series, context);
  const of = (name: string): number[] => ratios(series.get(name), series.get(`raw, ${name}`));
  return [
    row("both graphs read once", "ms", series.get("raw, equal")),
    row("diff of equal graphs", "ms", series.get("equal")),
    row("diff of equal graphs, of reading", "x", of("equal"), { of: "reading both once" }),
    row("diff with one property changed", "ms", series.get("one property")),
    row("diff with one property changed, of reading", "x", of("one property"), { of: "reading both once" }),
  ];
}

interface Sides {
  readonly a: Endpoint;
  readonly b: Endpoint;
}

async function inTurns(
  name: "equal" | "one property",
  endpoints: Sides,
  graph: string,
  series: Series,
  { runs, progress, signal }: BenchContext,
): Promise<void> {
  for (let run = 1; run <= runs; run += 1) {
    progress.step(`read and compare (${name}), run ${run} of ${runs}`);
    const readFromMs = systemClock.monotonicMs();
    for (const endpoint of Object.values(endpoints)) await readAll(endpoint, graph, signal);
    const diffFromMs = systemClock.monotonicMs();
    const { equal, findings } = await diffServers(endpoints, { progress, signal });
    series.add(`raw, ${name}`, diffFromMs - readFromMs);
    series.add(name, systemClock.monotonicMs() - diffFromMs);
    if (equal !== (name === "equal") || findings.length > 1)
      throw new DrillError(`the comparison of graphs that are ${name} gave ${findings.length} findings`, {
        exit: "internal",
      });
  }
}

/** Receives every node and edge over as many connections as the comparison has, and skips it. */
async function readAll(endpoint: Endpoint, graph: string, signal: AbortSignal): Promise<void> {
  await using connection = await connect(endpoint, { signal });
  await using first = await ReadStream.open(endpoint);
  await using second = await ReadStream.open(endpoint);
  const lastId = await lastNodeId(connection, graph);
  const skip: RowReader = (cursor) => cursor.skip();
  const whole = { rowsMax: Number.POSITIVE_INFINITY, signal };
  const ask = { graph, lastId, size: range };
  await readRanges([first, second], { ...ask, match: "MATCH (n)", returns: "n", edges: false }, whole, () => skip);
  const edges = { ...ask, match: "MATCH (n)-[r]->()", returns: "r", edges: true };
  await readRanges([first, second], edges, whole, () => skip);
}
