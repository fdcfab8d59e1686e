// What an archiver changes on the server while it runs, and restores when it ends (override-settings.ts):
//
//   EFFECTS_THRESHOLD   0            changes are replicated as effects, never as the text of the query
//   repl-backlog-size   64 MiB       at least: how much the server keeps for a disconnected archiver
//   repl-backlog-ttl    one day      at least: how long, while no replica is connected
import type { Settings } from "../backup/override-settings.ts";

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
