// What an archiver changes on the server while it runs, and puts back when it ends (override-settings.ts):
//
//   EFFECTS_THRESHOLD   0            changes are told as what was done, never as the text of the query that did it
//   repl-backlog-size   64 MiB       at least: how much the server keeps for an archiver that was away
//   repl-backlog-ttl    one day      at least: how long, while no replica is there at all
import type { Settings } from "../backup/override-settings.ts";

/** Under which they are borrowed. */
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
      // 0 is for ever.
      want: (now) => (now === "0" ? now : String(Math.max(Number(now), backlogTtlSeconds))),
      isNeeded: false,
    },
  };
}
