// Explains why a server ended while loading, from its log and the known defects of its version.
import { DrillError } from "../base/errors.ts";

/**
 * Why a server ended: the data it was given to load, something on this machine (memory, disk, a port, the version or
 * the configuration of the engine), or unknown.
 */
type Blamed = "data" | "machine" | "unknown";

/** A server that ended by itself. The caller, who knows what it loaded, decides whether the backup is to blame. */
export class EngineEndedError extends DrillError {
  override readonly name = "EngineEndedError";
  readonly blamed: Blamed;

  constructor(message: string, hint: string, blamed: Blamed) {
    super(message, { exit: "environment", hint });
    this.blamed = blamed;
  }
}

const knownCauses: readonly (readonly [pattern: RegExp, hint: string, blamed: Blamed])[] = [
  [
    /not forward compatible|Can't load database created by a newer version|RDB format version/i,
    "The dump was written by a newer FalkorDB or Redis; start a version at least as new as the one that wrote it.",
    "machine",
  ],
  [
    /configured to handle more than \d+ databases/i,
    "The dump holds keys in a database that this server does not have; start it with a larger `databases`.",
    "machine",
  ],
  [
    /no matching module|AUX module data I can't load/i,
    "The dump holds data of a module that this server does not have.",
    "machine",
  ],
  [
    /Unresolved Configuration|FATAL CONFIG FILE ERROR/i,
    "The server does not know a setting, or its value, with which it was started (--server); the log above names it.",
    "machine",
  ],
  [/Address already in use/i, "Another program took the port; run it again.", "machine"],
  [/No space left on device/i, "The disk of the engine's folder is full.", "machine"],
  // No machine has terabytes of memory: the bytes read as a size were something else.
  [/Out of memory allocating \d{13,} bytes/i, "The dump asks for an absurd amount of memory: it is damaged.", "data"],
  [/Out of memory|Cannot allocate memory/i, "The machine has too little free memory for this graph.", "machine"],
  [
    /Wrong RDB checksum|Internal error in RDB|Short read|Unexpected EOF|Bad file format/i,
    "The dump is damaged or incomplete.",
    "data",
  ],
  [/Wrong signature trying to load/i, "The file is not an RDB.", "data"],
];

/** Graphs that FalkorDB 4.16 writes without an error and cannot load again. */
export const unloadableGraphs: string =
  "FalkorDB before 4.18.0 writes some graphs so that no server can load them: those with 63,999 or 64,000 nodes of one " +
  "label or 32,000 edges of one type, among others (FalkorDB issue 1779).";

/** The error for a server that has ended; `ended` says how. */
export function loadFailure(name: string, ended: string, log: string): EngineEndedError {
  const what = `engine "${name}" ${ended} before it was ready`;
  // No server does that to itself: it was the kernel, mostly for lack of memory, or a user.
  if (ended.includes("SIGKILL"))
    return failure(what, log, [
      "The machine may have too little free memory: look for the kernel's OOM killer.",
      "machine",
    ]);
  return failure(what, log, /SIGSEGV|SIGABRT|SIGBUS/.test(ended) ? crashed : undefined);
}

/** The error for a server that has not ended when the deadline has passed. */
export function readinessFailure(error: DrillError, log: string): DrillError {
  const { message, hint } = failure(error.message, log, undefined);
  return new DrillError(message, { exit: "environment", ...(hint === undefined ? {} : { hint }) });
}

type Cause = readonly [hint: string, blamed: Blamed];
const crashed: Cause = [`It crashed while loading. ${unloadableGraphs}`, "data"];

function failure(what: string, log: string, seen: Cause | undefined): EngineEndedError {
  const found = knownCauses.find(([pattern]) => pattern.test(log));
  const known: Cause | undefined = found === undefined ? undefined : [found[1], found[2]];
  const crash = log.includes("crashed by signal") ? crashed : undefined;
  const [hint, blamed] = known ?? seen ?? crash ?? ["The log above says why.", "unknown"];
  return new EngineEndedError(
    `${what}; its log ends:\n${relevant(log.trimEnd().split("\n")).join("\n")}`,
    hint,
    blamed,
  );
}

/** The last log lines before a crash report, or the last ones of the log. */
function relevant(lines: readonly string[]): string[] {
  const crash = lines.findIndex((line) => line.includes("REDIS BUG REPORT START"));
  const end = crash < 0 ? lines.length : crash + 4;
  return lines.slice(Math.max(0, end - 12), end);
}
