// Where the scenario files are, in a checkout (TypeScript) and in a published package (dist/, JavaScript).
import { existsSync, globSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

/** The folder that holds package.json. */
export function packageRoot(): string {
  for (let folder = here; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return folder;
    if (folder === dirname(folder)) throw new Error(`no package.json above ${here}`);
  }
}

/** Scenario files as paths relative to the package root, sorted, so that the order of a drill is stable. */
export function scenarioFiles(): string[] {
  const root = packageRoot();
  const built = !import.meta.url.endsWith(".ts");
  return globSync(built ? "dist/scenarios/**/*.scenario.js" : "scenarios/**/*.scenario.ts", { cwd: root }).toSorted();
}

/** Imports every scenario file, which registers what it defines. */
export async function importScenarios(): Promise<void> {
  for (const file of scenarioFiles()) await import(join(packageRoot(), file));
}
