// What an archiver changes on the server while it runs, and restores when it ends (override-settings.ts):
//
//   EFFECTS_THRESHOLD   0            changes are replicated as effects, never as the text of the query
//   repl-backlog-size   64 MiB       at least: how much the server keeps for a disconnected archiver
//   repl-backlog-ttl    one day      at least: how long, while no replica is connected
import { systemClock } from "../../base/clock.ts";
import { explanationOf } from "../../base/errors.ts";
import type { Connection } from "../../falkordb/client/connection.ts";
import { restoreSettings, type Settings } from "../backup/override-settings.ts";
import { isAbandoned, journalOfRun, serverRunId } from "../backup/settings-journal.ts";
import { deleteOrEmpty, type Store } from "../store/store.ts";

/** Name of the settings override that an archiver holds. */
export const archivePurpose = "archive";

const backlogTtlSeconds = 86_400;

export const backlogBytesDefault: number = 64 * 2 ** 20;

export function archiveSettings(backlogBytes: number): Settings {
  return {
    EFFECTS_THRESHOLD: { of: "graph", want: () => "0", isNeeded: true },
    "repl-backlog-size": {
      of: "redis",
      want: (now) => String(Math.max(Number(now), backlogBytes)),
      isNeeded: false,
    },
    "repl-backlog-ttl": {
      of: "redis",
      // 0 means forever.
      want: (now) => (now === "0" ? now : String(Math.max(Number(now), backlogTtlSeconds))),
      isNeeded: false,
    },
  };
}

/**
 * Restores what an archiver that was killed left changed on this server; an archiver that lives needs it. Returns a
 * sentence about it where there was something.
 */
export async function restoreArchiveSettings(connection: Connection, store: Store): Promise<string | undefined> {
  const left = await journalOfRun(store, archivePurpose, await serverRunId(connection));
  if (left === undefined || !(await isAbandoned(store, left.journal, systemClock))) return undefined;
  const { server, was } = left.journal;
  try {
    await restoreSettings(connection, archiveSettings(backlogBytesDefault), left.journal);
    await deleteOrEmpty(store, left.path);
  } catch (error) {
    return explanationOf(error);
  }
  const values = Object.entries(was).map(([name, value]) => `${name} ${value}`);
  return `an archiver that was killed had left settings of ${server} changed; restored: ${values.join(", ")}`;
}
