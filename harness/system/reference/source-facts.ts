// What the manifest tells about the source besides its content. It does not change with a write, so it is read before
// the cut and costs no pause.
import type { Connection } from "../../falkordb/connection.ts";
import type { EngineVersions } from "../../engine/engine.ts";
import type { Manifest } from "./manifest.ts";

export async function readSourceFacts(connection: Connection, versions: EngineVersions): Promise<Manifest["source"]> {
  return {
    redis: versions.redis,
    module: versions.module,
    encver: versions.encver ?? null,
    graphConfig: await graphConfig(connection),
  };
}

async function graphConfig(connection: Connection): Promise<Record<string, string>> {
  const rows = (await connection.command("GRAPH.CONFIG", "GET", "*")) as [string, unknown][];
  return Object.fromEntries(rows.map(([name, value]) => [name, String(value)]));
}
