// What a failed backup may leave behind: changed settings on the server, and in the vault parts without a manifest and
// the settings journal.
import { readdir } from "node:fs/promises";
import type { Endpoint } from "../../../base/endpoint.ts";
import { connect } from "../../../falkordb/client/connection.ts";
import { readSettings } from "../../../observe/observe-server.ts";
import type { RestorePoint } from "../../../system/system.ts";

export async function settingsOf(endpoint: Endpoint): Promise<ReadonlyMap<string, string>> {
  await using connection = await connect(endpoint);
  return new Map(Object.entries((await readSettings(connection, "CONFIG", "GET", "*")) ?? {}));
}

export function changedSettings(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  return [...before].flatMap(([name, was]) => {
    const is = after.get(name);
    return is === was ? [] : [`${name}: was ${was}, is ${is ?? "gone"}`];
  });
}

/** Names in the vault that belong to no restore point. */
export async function strayObjects(vault: string, points: readonly Pick<RestorePoint, "id">[]): Promise<string[]> {
  const ids = new Set(points.map(({ id }) => id));
  const names = await readdir(vault, { recursive: true });
  return names.filter((name) => {
    const [folder, id] = name.split("/");
    if (id === undefined) return false;
    return folder === "guest" || (folder === "backups" && !ids.has(id));
  });
}
