// Progress of a command that is not a drill: one plain line a step on stderr.
import type { Progress } from "../base/progress.ts";

export function linePrinter(): Progress {
  return {
    step: (name) => void process.stderr.write(`${name} ...\n`),
    advance: () => {},
    note: (line) => void process.stderr.write(`${line}\n`),
  };
}
