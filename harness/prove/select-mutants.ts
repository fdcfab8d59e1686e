// Which mutants a proof runs: named ones, those of classes, or a sample drawn from a seed that has all classes in turn.
import { Draw } from "../../generators/random.ts";
import { shuffled } from "../../reports/statistics/shuffle.ts";
import { usageError } from "../base/errors.ts";
import { oneOf } from "../base/one-of.ts";
import { didYouMean } from "../base/suggest.ts";
import { classOfMutant, type Mutant, mutantClasses } from "./mutant.ts";

export interface MutantSelection {
  readonly ids: readonly string[];
  readonly classes: readonly string[];
  /** Number of mutants to draw; undefined for all. */
  readonly sample: number | undefined;
  readonly seed: number;
}

/** In the order in which they are listed. Throws a `DrillError` (`usage`, exit code 2) for an unknown id or class, and for none. */
export function selectMutants(
  all: readonly Mutant[],
  { ids, classes, sample, seed }: MutantSelection,
): readonly Mutant[] {
  if (sample === 0) throw usageError("--sample 0 would prove nothing", "Give at least 1, or leave it out for all.");
  const known = all.map(({ id }): string => id);
  for (const id of ids) {
    if (known.includes(id)) continue;
    throw usageError(`there is no mutant ${id}`, didYouMean(id, known) ?? "`falkordrill prove --list` shows all.");
  }
  const wanted = classes.map((name) => oneOf("--class", name, mutantClasses));
  const chosen = all.filter(
    (mutant) =>
      (ids.length === 0 || ids.includes(mutant.id)) && (wanted.length === 0 || wanted.includes(classOfMutant(mutant))),
  );
  if (chosen.length === 0) throw usageError("no mutant is of these names and classes", "`falkordrill prove --list`");
  if (sample === undefined || sample >= chosen.length) return chosen;
  const drawn = new Set(drawInTurn(chosen, new Draw(seed, "mutants")).slice(0, sample));
  return chosen.filter((mutant) => drawn.has(mutant));
}

/** One of each class, then a second one of each, and so on. */
function drawInTurn(mutants: readonly Mutant[], draw: Draw): readonly Mutant[] {
  const classes = shuffled([...Map.groupBy(mutants, classOfMutant).values()], draw).map((each) => shuffled(each, draw));
  const rounds = Math.max(...classes.map(({ length }) => length));
  return Array.from({ length: rounds }, (_, round) => classes.flatMap((each) => each.slice(round, round + 1))).flat();
}
