// Where the scenario files are, in a checkout (TypeScript) and in a published package (dist/, JavaScript).
import { globSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../base/package.ts";

/** Scenario files as paths relative to the package root, sorted, so that the order of a drill is stable. */
function scenarioFiles(): string[] {
  const root = packageRoot();
  const built = !import.meta.url.endsWith(".ts");
  return globSync(built ? "dist/scenarios/**/*.scenario.js" : "scenarios/**/*.scenario.ts", { cwd: root }).toSorted();
}

/** Imports every scenario file, which registers what it defines. */
export async function importScenarios(): Promise<void> {
  for (const file of scenarioFiles()) await import(join(packageRoot(), file));
}
