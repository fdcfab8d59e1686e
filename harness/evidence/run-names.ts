// Names of runs in a decision: their folder names, made unique where two are equal.
import { basename, resolve } from "node:path";

export interface NamedRun {
  readonly path: string;
  readonly name: string;
}

export function nameRuns(paths: readonly string[]): readonly NamedRun[] {
  const taken = new Set<string>();
  return paths.map((given) => {
    const path = resolve(given);
    const base = basename(path);
    let name = base;
    for (let n = 2; taken.has(name); n++) name = `${base}-${n}`;
    taken.add(name);
    return { path, name };
  });
}
