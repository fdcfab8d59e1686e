// Locates the scenario files, in a checkout (TypeScript) and in a published package (dist/, JavaScript).
import { globSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { errorMessage, usageError } from "../../base/errors.ts";
import { packageRoot } from "../../base/package.ts";
import { registeredScenarios } from "./scenario.ts";

/** Scenario files as paths relative to the package root, sorted, so that the order of a drill is stable. */
function scenarioFiles(): string[] {
  const root = packageRoot();
  const built = !import.meta.url.endsWith(".ts");
  return globSync(built ? "dist/scenarios/**/*.scenario.js" : "scenarios/**/*.scenario.ts", { cwd: root }).toSorted();
}

/**
 * Imports every scenario file of FalkorDrill, which registers its scenarios, and then the user's: globs relative to
 * `folder`. Throws a `DrillError` (`usage`, exit code 2) if one of them cannot be loaded or defines no scenario.
 */
export async function importScenarios(own: readonly string[] = [], folder: string = process.cwd()): Promise<void> {
  for (const file of scenarioFiles()) await import(pathToFileURL(join(packageRoot(), file)).href);
  await importOwnScenarios(own, folder);
}

export async function importOwnScenarios(patterns: readonly string[], folder: string): Promise<void> {
  for (const pattern of patterns) {
    const files = globSync(pattern, { cwd: folder }).toSorted();
    if (files.length === 0)
      throw usageError(
        `there is no scenario file ${pattern} in ${folder}`,
        "The configuration names them in `scenarios`.",
      );
    for (const file of files) await importOwn(resolve(folder, file));
  }
}

async function importOwn(file: string): Promise<void> {
  const before = registeredScenarios().length;
  await import(pathToFileURL(file).href).catch((error: unknown) => {
    throw usageError(`the scenario file ${file} could not be loaded: ${errorMessage(error)}`);
  });
  // If it was loaded before, it was counted then.
  if (registeredScenarios().length > before || imported.has(file)) imported.add(file);
  else
    throw usageError(
      `${file} defines no scenario`,
      "It has to call scenario() of the falkordrill package that runs; are there two installations?",
    );
}

const imported = new Set<string>();
