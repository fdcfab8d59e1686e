// `falkordrill compare <base> <head>`, and `compare --history <file>`: runs that were measured at other times.
import type { Command } from "commander";
import { DrillError, usageError } from "../base/errors.ts";
import { oneLine } from "../base/one-line.ts";
import type { MeasuredRun } from "../../reports/regression/measured-run.ts";
import { differenceText, differences } from "../../reports/regression/provenance.ts";
import { allowedShare } from "./bench/allowed-share.ts";
import { readMeasuredRuns } from "./bench/measured-runs.ts";

interface CompareFlags {
  readonly allow: string;
  readonly seed: string;
  readonly anyway?: boolean;
  readonly history?: string;
  readonly accept?: string;
  readonly html?: string;
  readonly all?: boolean;
  readonly json?: boolean;
}

export function registerCompare(program: Command): void {
  program
    .command("compare")
    .description("two runs or sets of runs: verdicts, headline figures, what became slower; or a history of benchmarks")
    .argument("[base]", "a run directory, a folder of them, or a file of bench --history")
    .argument("[head]", "the same, of the version that may be slower")
    .option("--allow <share>", "by how much head may be slower", "5%")
    .option("--anyway", "compare although machine, engine or configuration differ")
    .option("--history <file>", "instead: where did the figures of this history change?")
    .option("--accept <commit>", "with --history: changes up to this commit are known")
    .option("--html <file>", "with --history: draw the trends as a page")
    .option("--seed <n>", "seed of resamples and shuffles", "1")
    .option("--all", "also what stayed within the limits, and what only one side measured")
    .option("--json", "print the result as JSON")
    .action(async (base: string | undefined, head: string | undefined, flags: CompareFlags) => {
      const limits = { allowed: allowedShare(flags.allow), seed: Number(flags.seed) };
      if (flags.history !== undefined) {
        const { printTrends } = await import("./bench/compare-history.ts");
        return printTrends(await readMeasuredRuns(flags.history), flags, limits);
      }
      if (base === undefined || head === undefined)
        throw usageError(
          "compare needs a base and a head",
          "Or give --history with a file that bench --history wrote.",
        );
      const [old, now] = [await readMeasuredRuns(base), await readMeasuredRuns(head)];
      mustBeAlike([...old, ...now], flags.anyway === true);
      const { compareSets } = await import("../../reports/regression/compare-sets.ts");
      const { setLines } = await import("../../reports/regression/set-lines.ts");
      const found = compareSets(old, now, limits);
      process.stdout.write(
        flags.json === true
          ? `${JSON.stringify(found)}\n`
          : `${setLines(found, flags.all === true)
              .map(oneLine)
              .join("\n")}\n`,
      );
      process.exitCode = found.exitCode;
    });
}

/** Figures of another machine, engine or configuration are not comparable: their difference says nothing. */
function mustBeAlike(runs: readonly MeasuredRun[], anyway: boolean): void {
  const [first] = runs;
  if (first === undefined) throw usageError("there is no run to compare");
  const all = runs.flatMap((run) => differences(first.provenance, run.provenance));
  const different = [...new Set(all.map(differenceText))];
  if (different.length === 0) return;
  if (anyway) return void process.stderr.write(`compared although they differ in ${different.join("; ")}\n`);
  throw new DrillError(`the runs cannot be compared, they differ in ${different.join("; ")}`, {
    exit: "inconclusive",
    hint: "Measure both alike, or add --anyway where the difference does not matter.",
  });
}
