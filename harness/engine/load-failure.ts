// A server that dies while it loads says little. Its log, and what is known of this version, say more.
import { DrillError } from "../base/errors.ts";

const knownCauses: readonly (readonly [pattern: RegExp, hint: string])[] = [
  [
    /not forward compatible|Can't load database created by a newer version|RDB format version/i,
    "The dump was written by a newer FalkorDB or Redis; start a version at least as new as the one that wrote it.",
  ],
  [
    /Wrong RDB checksum|Internal error in RDB|Short read|Unexpected EOF|Bad file format/i,
    "The dump is damaged or incomplete.",
  ],
  [/Wrong signature trying to load/i, "The file is not an RDB."],
  [
    /no matching module|AUX module data I can't load/i,
    "The dump holds data of a module that this server does not have.",
  ],
  [/Address already in use/i, "Another program took the port; run it again."],
  [/Out of memory|Cannot allocate memory/i, "The machine has too little free memory for this graph."],
];

/** What FalkorDB 4.16 writes without a complaint and cannot read again. */
const unloadable =
  "It crashed while loading. FalkorDB before 4.18.0 writes some graphs so that no server can load them: those with " +
  "63,999 or 64,000 nodes of one label or 32,000 edges of one type, among others (FalkorDB issue 1779).";

/** The server has ended; `ended` says how. */
export function loadFailure(name: string, ended: string, log: string): DrillError {
  return failure(`engine "${name}" ${ended} before it was ready`, log, /SIGSEGV|SIGABRT|SIGBUS/.test(ended));
}

/** The deadline has passed and the server has not ended, as far as anybody knows. */
export function readinessFailure(error: DrillError, log: string): DrillError {
  return failure(error.message, log, false);
}

function failure(what: string, log: string, hasCrashed: boolean): DrillError {
  const known = knownCauses.find(([pattern]) => pattern.test(log))?.[1];
  const crash = hasCrashed || log.includes("crashed by signal") ? unloadable : undefined;
  return new DrillError(`${what}; its log ends:\n${relevant(log.trimEnd().split("\n")).join("\n")}`, {
    exit: "environment",
    hint: known ?? crash ?? "The log above says why.",
  });
}

/** The lines before a crash report, or the last ones. */
function relevant(lines: readonly string[]): string[] {
  const crash = lines.findIndex((line) => line.includes("REDIS BUG REPORT START"));
  const end = crash < 0 ? lines.length : crash + 4;
  return lines.slice(Math.max(0, end - 12), end);
}
