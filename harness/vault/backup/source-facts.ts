// What the manifest says about the source besides its content. It does not change with a write, so it is read before
// the cut and costs no pause.
import { within } from "../../base/deadline.ts";
import { address } from "../../base/endpoint.ts";
import type { Connection } from "../../falkordb/client/connection.ts";
import type { Engine, EngineVersions } from "../../engine/engine.ts";
import { archivePurpose } from "../archive/archive-settings.ts";
import { sourceSilenceMs } from "./cut.ts";
import { askSettings } from "./override-settings.ts";
import { overriddenSettings } from "./settings-journal.ts";
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
    memory: await memoryOf(connection),
  };
}

/** They are asked over a connection of their own, which may go silent by itself. */
export async function versionsWithin(source: Engine, silenceMs: number = sourceSilenceMs): Promise<EngineVersions> {
  return await within(`the versions of ${address(source.endpoint)}`, silenceMs, source.versions());
}

/** The configuration without an archiver's overrides, which change some of it while an archiver runs. */
async function graphConfig(connection: Connection, store: Store): Promise<Record<string, string>> {
  const rows = (await askSettings(connection, "GRAPH.CONFIG", "*")) as [string, unknown][];
  const lent = await overriddenSettings(connection, store, archivePurpose);
  return Object.fromEntries(rows.map(([name, value]) => [name, lent[name] ?? String(value)]));
}

/** What the server uses for its data: without its clients and replicas, which a restored one does not have. */
export async function memoryOf(connection: Connection): Promise<NonNullable<Manifest["source"]["memory"]>> {
  const info = await connection.info("memory");
  const bytes = (field: string): number => Number(info[field] ?? 0);
  const others = ["mem_clients_normal", "mem_clients_slaves", "mem_total_replication_buffers"];
  const usedBytes = others.reduce((left, field) => left - bytes(field), bytes("used_memory"));
  return { usedBytes: Math.max(0, usedBytes), rssBytes: bytes("used_memory_rss") };
}
