// What a backup of a server will take, and a server that loads it, from a small sample. It only reads.
import type { Endpoint } from "../../base/endpoint.ts";
import { systemClock } from "../../base/clock.ts";
import { connect } from "../../falkordb/client/connection.ts";
import { graphsByDatabase } from "../../falkordb/client/graphs-by-database.ts";
import { type GraphSchema, readSchemas } from "../../observe/observe-schema.ts";
import { memoryOf } from "../backup/source-facts.ts";
import { sampleGraph, type SampledGraph } from "./sample-graph.ts";

/** Share of all nodes that is read, but not fewer than `nodesMin`, and of a small graph enough to know it. */
const share = 0.01;
const nodesMin = 1000;
const nodesMax = 4000;
const nodesOfGraphMin = 10;
/** Graphs whose schemas are read in one round trip. */
const batch = 20;

export interface ServerEstimate extends SampledGraph {
  readonly graphs: number;
  readonly memoryBytes: number;
  readonly sampleMs: number;
}

export async function estimateServer(endpoint: Endpoint, signal: AbortSignal): Promise<ServerEstimate> {
  await using connection = await connect(endpoint, { name: "falkordrill-estimate", signal });
  const startedMs = systemClock.monotonicMs();
  const total = {
    graphs: 0,
    nodes: 0,
    edges: 0,
    sampled: 0,
    rawBytes: 0,
    storedBytes: 0,
  };
  const found: { readonly database: number; readonly schema: GraphSchema }[] = [];
  for await (const { database, graphs } of graphsByDatabase(connection))
    for (let at = 0; at < graphs.length; at += batch)
      for (const schema of await readSchemas(connection, graphs.slice(at, at + batch), { signal }))
        found.push({ database, schema });
  const nodes = found.reduce((sum, { schema }) => sum + schema.nodes, 0);
  const wanted = Math.min(nodesMax, Math.max(nodesMin, nodes * share));
  for (const { database, schema } of found) {
    signal.throwIfAborted();
    await connection.command("SELECT", database);
    const ofGraph = Math.max(nodesOfGraphMin, Math.ceil((wanted * schema.nodes) / Math.max(1, nodes)));
    const sample = await sampleGraph(connection, schema, ofGraph);
    total.graphs += 1;
    for (const name of Object.keys(sample) as (keyof SampledGraph)[]) total[name] += sample[name];
  }
  const { usedBytes } = await memoryOf(connection);
  return { ...total, memoryBytes: usedBytes, sampleMs: systemClock.monotonicMs() - startedMs };
}
