// `falkordrill shrink <run-dir>`: the smallest reproduction of a finding.
import type { Command } from "commander";
import { exitCodes, usageError } from "../../base/errors.ts";
import { pasteable, shellWord } from "../../base/invocation.ts";
import { oneLine } from "../../base/one-line.ts";
import { parseDuration } from "../../base/units.ts";
import type { CaseSize } from "../../shrink/shrink-case.ts";
import type { ShrinkReport } from "../../shrink/shrink-run.ts";
import type { Mutate } from "../../system/system.ts";
import { counted } from "../../../reports/findings/finding-groups.ts";
import { interruptible } from "../terminal/interrupt.ts";
import { linePrinter } from "../vault/progress.ts";
import { isolatedEngines } from "../vault/server.ts";
import { flagValue } from "../flag-value.ts";

interface ShrinkFlags {
  readonly finding?: string;
  readonly scenario?: string;
  readonly replay?: string;
  readonly timeout: string;
  readonly engine: string;
  readonly out?: string;
  readonly json?: boolean;
}

export function registerShrink(program: Command): void {
  program
    .command("shrink")
    .description("find the smallest graph and the fewest operations that show a finding of a run again")
    .argument("[run-dir]", "folder that `run` wrote")
    .option("--finding <code>", "the finding to shrink (default: the one of the worst class that says most)")
    .option("--scenario <id>", "only the findings of scenarios whose id contains this")
    .option("--timeout <duration>", "time for all of it; the smallest so far is the result", "60s")
    .option("--engine <kind>", "auto, embedded, container", "auto")
    .option("--out <dir>", "folder for replay.json and repro.sh (default: <run-dir>/shrunk)")
    .option("--replay <file>", "try a replay.json again instead; exit 10 or 11 if its finding shows")
    .option("--json", "print one JSON document")
    .action(async (directory: string | undefined, flags: ShrinkFlags) => {
      process.exitCode = await shrink(directory, flags);
    });
}

async function shrink(directory: string | undefined, flags: ShrinkFlags): Promise<number> {
  if ((directory === undefined) === (flags.replay === undefined))
    throw usageError("give the folder of a run, or --replay with a replay.json", "falkordrill shrink <run-dir>");
  const engines = isolatedEngines(flags.engine);
  const { replayShrunk, shrinkRun } = await import("../../shrink/shrink-run.ts");
  return await interruptible(async (signal) => {
    const common = { engines, mutationOf, progress: linePrinter(), signal };
    if (flags.replay !== undefined) {
      const report = await replayShrunk(flags.replay, common);
      print(flags, report, [report.sentence]);
      return report.exitCode;
    }
    const { finding, scenario, out, timeout } = flags;
    const timeoutMs = flagValue("--timeout", timeout, parseDuration);
    if (timeoutMs <= 0) throw usageError(`--timeout ${timeout} is no time`, "60s is the default.");
    const report = await shrinkRun(directory ?? "", { ...common, finding, scenario, out, timeoutMs });
    print(flags, report, linesOf(report));
    return signal.aborted ? exitCodes.interrupted : exitCodes.pass;
  });
}

async function mutationOf(system: string): Promise<Mutate | undefined> {
  const mutants = await import("../../prove/registered-mutants.ts");
  return mutants.isMutantName(system) ? await mutants.mutationOf(system) : undefined;
}

function print({ json }: ShrinkFlags, report: unknown, lines: readonly string[]): void {
  const text = json === true ? JSON.stringify(report, undefined, 2) : lines.map(oneLine).join("\n");
  process.stdout.write(`${text}\n`);
}

function linesOf({ sentence, before, after, triesInAll, ms, notes, files }: ShrinkReport): string[] {
  const perTry = triesInAll === 0 ? 0 : ms / triesInAll;
  return [
    sentence,
    `from ${sizeText(before)} to ${sizeText(after)}, in ${triesInAll} tries of ${(perTry / 1000).toFixed(1)} s (${(ms / 1000).toFixed(0)} s)`,
    ...notes.map((note) => `note: ${note}`),
    `script:       ${files.script}`,
    `try it again: ${pasteable(`falkordrill shrink --replay ${shellWord(files.replay)}`)}`,
  ];
}

function sizeText({ nodes, edges, properties }: CaseSize): string {
  return `${counted(nodes, "node")}, ${counted(edges, "edge")} and ${counted(properties, "property")}`;
}
