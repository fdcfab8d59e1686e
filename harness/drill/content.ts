// The generated graph of a scenario, and how it comes into an engine.
import type { Endpoint } from "../base/endpoint.ts";
import { dataset } from "../../generators/dataset.ts";
import type { Dataset, DatasetOptions } from "../../generators/model.ts";
import { loadDataset, type LoadedDataset } from "../falkordb/load.ts";
import type { Drill } from "./run-scenario.ts";

/** In the size, the schema and, where the scenario has none of its own, the shape that the drill asks for. */
export function contentOf(
  { seed, nodes, dims, options }: Drill,
  { variant, shape = options.shape }: Pick<DatasetOptions, "variant"> & Partial<Pick<DatasetOptions, "shape">>,
): Dataset {
  return dataset({ seed, nodes, shape, variant, dims, schema: options.schema });
}

export async function loadContent(drill: Drill, endpoint: Endpoint, content: Dataset): Promise<LoadedDataset> {
  const { progress, signal, record } = drill;
  progress.step("generate and load");
  const loaded = await loadDataset(endpoint, content, { signal, progress });
  record.metric("nodes", loaded.counts.nodes);
  record.metric("edges", loaded.counts.edges);
  return loaded;
}
