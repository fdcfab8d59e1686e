// A fault inside the process of a command: a module that Node loads before it, with its strength in the query of its URL. It
// writes a line to stderr when it fires.
import { writeSync } from "node:fs";
import { extname } from "node:path";
import type { FaultProcess, FaultProof, FaultStrength } from "../../fault.ts";

const firedLine = "fault fired:";

/** Has the module loaded into the command, which must not have been started yet. */
export function loadInto(command: FaultProcess | undefined, module: string, strength: FaultStrength): FaultProof {
  if (command === undefined || command.pid() !== undefined) return () => ({ fired: false });
  const url = new URL(`${module}${extname(import.meta.filename)}`, import.meta.url);
  for (const [name, value] of Object.entries(strength)) url.searchParams.set(name, String(value));
  command.nodeFlags.push("--import", url.href);
  return () => {
    const [, what] = command.stderr().split(firedLine);
    const did = what?.split("\n")[0]?.trim();
    return did === undefined ? { fired: false } : { fired: true, detail: { did } };
  };
}

const stderr = 2;

/** Called in the process of the command, also in its threads, whose `process.stderr` is no file. */
export function sayFired(what: string): void {
  writeSync(stderr, `${firedLine} ${what}\n`);
}

/** The strength that `loadInto` was given. */
export function strengthIn(url: string): {
  readonly text: (name: string) => string;
  readonly number: (name: string) => number;
} {
  const { searchParams } = new URL(url);
  const text = (name: string): string => searchParams.get(name) ?? "";
  return { text, number: (name) => Number(text(name)) };
}
