// What the manifest says about the source besides its content. It does not change with a write, so it is read before
// the cut and costs no pause.
import type { Connection } from "../../falkordb/client/connection.ts";
import type { EngineVersions } from "../../engine/engine.ts";
import { archivePurpose } from "../archive/archive-settings.ts";
import { askSettings, overriddenSettings } from "./override-settings.ts";
import type { Manifest } from "../store/manifest.ts";
import type { Store } from "../store/store.ts";

export async function readSourceFacts(
  connection: Connection,
  store: Store,
  versions: EngineVersions,
): Promise<Manifest["source"]> {
  return {
    redis: versions.redis,
    module: versions.module,
    encver: versions.encver ?? null,
    graphConfig: await graphConfig(connection, store),
  };
}

/** The configuration without an archiver's overrides, which change some of it while an archiver runs. */
async function graphConfig(connection: Connection, store: Store): Promise<Record<string, string>> {
  const rows = (await askSettings(connection, "GRAPH.CONFIG", "*")) as [string, unknown][];
  const lent = await overriddenSettings(connection, store, archivePurpose);
  return Object.fromEntries(rows.map(([name, value]) => [name, lent[name] ?? String(value)]));
}
