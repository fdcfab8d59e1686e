// Converts the snapshot's description of its graphs into that of the manifest. Thousands of tenants share one schema,
// so each schema is written once and the graphs refer to it.
import type { RdbSummary } from "../../falkordb/rdb/rdb-walk.ts";
import type { Manifest, ManifestGraph, ManifestSchema } from "../store/manifest.ts";

export function describeGraphs(summary: RdbSummary | undefined): Manifest["content"] {
  if (summary === undefined) return null;
  const places = new Map<string, number>();
  const schemas: ManifestSchema[] = [];
  const graphs = summary.graphs.map(({ name, nodes, edges, database, hasBorderBlob, ...schema }): ManifestGraph => {
    const text = JSON.stringify(schema);
    const place = places.get(text) ?? schemas.push(schema) - 1;
    places.set(text, place);
    const border = hasBorderBlob ? ({ borderBlob: true } as const) : {};
    return { name, nodes, edges, schema: place, ...(database === 0 ? {} : { database }), ...border };
  });
  const { udfLibraries, lastingKeys, otherKeys: otherKeyCount } = summary;
  return { graphs, schemas, udfLibraries, otherKeys: lastingKeys, otherKeyCount };
}
