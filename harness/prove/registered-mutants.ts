// The mutants by id, in a checkout (TypeScript) and in a published package (dist/, JavaScript).
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { usageError } from "../base/errors.ts";
import { packageRoot } from "../base/package.ts";
import { didYouMean } from "../base/suggest.ts";
import type { Mutate } from "../system/system.ts";
import type { Mutant } from "./mutant.ts";

export async function registeredMutants(): Promise<readonly Mutant[]> {
  const built = !import.meta.url.endsWith(".ts");
  const file = built ? "dist/fixtures/mutants/mutants.js" : "fixtures/mutants/mutants.ts";
  return ((await import(pathToFileURL(join(packageRoot(), file)).href)) as { mutants: readonly Mutant[] }).mutants;
}

const prefix = "mutant/";

/** Whether a `--system` names a mutant: `mutant/<class>/<name>`. */
export function isMutantName(system: string | undefined): system is string {
  return system?.startsWith(prefix) === true;
}

/** The fault of the mutant that `--system` names. Throws a `DrillError` (`usage`, exit code 2) if there is none. */
export async function mutationOf(system: string): Promise<Mutate> {
  const { mutate } = await mutantOf(system.slice(prefix.length));
  return (reference, { vault }) => mutate(reference, { vault, applied: () => {} });
}

/** Throws a `DrillError` (`usage`, exit code 2) if there is none of this id. */
async function mutantOf(id: string): Promise<Mutant> {
  const mutants = await registeredMutants();
  const found = mutants.find((mutant) => mutant.id === id);
  if (found !== undefined) return found;
  const ids = mutants.map((mutant) => mutant.id);
  throw usageError(`there is no mutant ${id}`, didYouMean(id, ids) ?? "`falkordrill prove --list` shows all of them.");
}
