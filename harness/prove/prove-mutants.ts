// Runs mutants by drill, one more at a time than drills do where the machine allows it. The original of each drill runs in the same round,
// before its mutants: a drill that fails without a fault proves nothing about them.
import { atOnce, inPool, mustRunAlone } from "../drill/side-by-side.ts";
import type { Mutant } from "./mutant.ts";
import {
  drillNamed,
  drillOf,
  type MutantResult,
  type MutantRun,
  type OriginalResult,
  quotedFindings,
  runMutant,
  runOriginal,
} from "./run-mutant.ts";
import { originalOf } from "./small-drills.ts";

export interface ProofRun extends MutantRun {
  readonly original?: (result: OriginalResult) => void;
  readonly ended?: (result: MutantResult) => void;
}

export interface MutantsProof {
  /** Interrupted ones are missing. */
  readonly results: readonly MutantResult[];
  readonly originals: readonly OriginalResult[];
}

/** The drills of a proof are small, wait for a third of their time, and measure no rate. */
const oneMore = 1;

type Step = { readonly alone: boolean } & ({ readonly original: string } | { readonly mutant: Mutant });

export async function proveMutants(mutants: readonly Mutant[], run: ProofRun): Promise<MutantsProof> {
  const { signal } = run;
  const originals = new Map<string, Promise<OriginalResult>>();
  const runStep = async (step: Step): Promise<MutantResult | undefined> => {
    if (signal.aborted) return undefined;
    if ("original" in step) {
      const running = runOriginal(step.original, run);
      originals.set(step.original, running);
      run.original?.(await running);
      return undefined;
    }
    const { mutant } = step;
    const original = await originals.get(originalDrillOf(mutant));
    if (original === undefined || signal.aborted) return undefined;
    const result = original.exit === "pass" ? await runMutant(mutant, original, run) : unproven(mutant, original);
    // A drill that Ctrl-C ended says nothing.
    if (signal.aborted) return undefined;
    run.ended?.(result);
    return result;
  };
  const limit = atOnce({ engine: "auto", repeat: 1 });
  const pool = { limit: limit > 1 ? limit + oneMore : 1, isAlone: ({ alone }: Step) => alone };
  const results = await inPool(await stepsOf(mutants), pool, runStep);
  return {
    results: results.filter((result) => result !== undefined),
    originals: await Promise.all(originals.values()),
  };
}

/** Each original runs one drill ahead, so that its mutants need not wait for it. */
async function stepsOf(mutants: readonly Mutant[]): Promise<readonly Step[]> {
  const groups = [...Map.groupBy(mutants, originalDrillOf)];
  const steps: Step[] = [];
  const addOriginal = async (original: string | undefined): Promise<void> => {
    if (original !== undefined) steps.push({ original, alone: await runsAlone(original) });
  };
  await addOriginal(groups[0]?.[0]);
  for (const [at, [, its]] of groups.entries()) {
    await addOriginal(groups[at + 1]?.[0]);
    for (const mutant of its) steps.push({ mutant, alone: await runsAlone(drillOf(mutant)) });
  }
  return steps;
}

async function runsAlone(drill: string): Promise<boolean> {
  return mustRunAlone({ scenario: await drillNamed(drill) }, { nodes: 0 });
}

function originalDrillOf(mutant: Mutant): string {
  return originalOf(drillOf(mutant));
}

function unproven(mutant: Mutant, { drill, errors }: OriginalResult): MutantResult {
  const why = `${drill} does not pass without a fault: ${quotedFindings(errors)}`;
  return { mutant, status: "unproven", why, codes: [], first: undefined, finders: [], peers: {}, ms: 0 };
}
