// Named points between the steps of the vault's commands. A drill sets FALKORDRILL_CRASH_POINT and has this process killed,
// stopped or failed at one of them, by its name or as the n-th that it passes. Otherwise passing a point does nothing.
import { writeSync } from "node:fs";
import { environment } from "../environment.ts";

/** Every point: add a name here, and `passPoint` after the step that it names. */
export const crashPoints = {
  file: ["half-written", "published"],
  store: ["deleted"],
  lock: ["held"],
  lease: ["taken"],
  settings: ["changed", "restored"],
  backup: [
    "source-checked",
    "writes-paused",
    "cut-taken",
    "writes-resumed",
    "parts-stored",
    "lock-checked",
    "manifest-stored",
  ],
  chain: ["followed", "parts-stored", "lease-checked", "manifest-stored"],
  archive: ["started", "stopping"],
  prune: ["decided", "point-removed"],
  restore: ["checked"],
  replay: ["replayed"],
  target: [
    "examined",
    "attached",
    "sent",
    "loaded",
    "limits-lifted",
    "repaired",
    "indexed",
    "gate-closed",
    "detached",
    "usable",
    "released",
  ],
  load: ["pipe-made", "loaded", "writable"],
  "in-place": [
    "claimed",
    "proven-beside",
    "paused",
    "pause-recorded",
    "writes-refused",
    "safety-stored",
    "safety-recorded",
    "swapped",
    "healthy",
    "opened",
    "recorded",
    "resumed",
  ],
  "roll-back": ["claimed", "held", "settings-restored", "brought-back", "opened", "recorded", "resumed"],
  rdb: ["half-written", "published"],
  compact: ["restored"],
  replicate: ["marked", "parts-stored", "manifest-stored"],
  verify: ["compared"],
} as const;

type Groups = typeof crashPoints;
export type CrashPointGroup = keyof Groups;
export type CrashPoint = { [Group in CrashPointGroup]: `${Group}/${Groups[Group][number]}` }[CrashPointGroup];

/** `list` only prints the points. */
export type CrashAction = "kill" | "stop" | "fail" | "list";

interface Armed {
  readonly action: CrashAction;
  /** Name of a point, or number of the point passed. */
  readonly at: string | undefined;
}

const armed = parseArmed(environment().crashPoint);
let passed = 0;
let hasFailed = false;

/** To be called after the step that the point names. */
export function passPoint(name: CrashPoint): void {
  if (armed === undefined) return;
  passed += 1;
  writeSync(process.stderr.fd, `${pointLine(passed, name)}\n`);
  if (armed.at !== name && armed.at !== String(passed)) return;
  if (armed.action === "kill") process.kill(process.pid, "SIGKILL");
  if (armed.action === "stop") process.kill(process.pid, "SIGSTOP");
  // Once: what undoes a failed step may pass the same point.
  if (armed.action !== "fail" || hasFailed) return;
  hasFailed = true;
  throw Object.assign(new Error(`EIO: i/o error, at ${name}`), { code: "EIO" });
}

const prefix = "crash point";

function pointLine(number: number, name: CrashPoint): string {
  return `${prefix} ${number} ${name}`;
}

/** The points that a process reported on stderr, in order. */
export function passedPoints(stderr: string): readonly CrashPoint[] {
  // Not by lines: another message may be written in two pieces around one of these.
  return Array.from(stderr.matchAll(new RegExp(`${prefix} \\d+ (\\S+)\n`, "g")), ([, name]) => name as CrashPoint);
}

function parseArmed(text: string | undefined): Armed | undefined {
  if (text === undefined) return undefined;
  const [action, at] = text.split(" ");
  if (action === "kill" || action === "stop" || action === "fail" || action === "list") return { action, at };
  throw new Error(`FALKORDRILL_CRASH_POINT is "${text}"; expected kill, stop, fail or list, and a point`);
}
