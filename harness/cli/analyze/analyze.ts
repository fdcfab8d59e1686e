// `falkordrill analyze`: trends, costs and forecasts of vaults and drills. Exit 12 where an objective is broken now.
import { join } from "node:path";
import type { Command } from "commander";
import { exitCodes, usageError } from "../../base/errors.ts";
import { writeWhole } from "../../base/files/write-whole.ts";
import { pasteable } from "../../base/invocation.ts";
import { paintedLine } from "../../base/one-line.ts";
import { parseDuration } from "../../base/units.ts";
import { collect, lookedAt, lookedAtCommand, type LookedAtFlags } from "../monitor/looked-at.ts";
import { interruptible } from "../terminal/interrupt.ts";
import { paintOut } from "../terminal/style.ts";
import { flagValue } from "../flag-value.ts";

interface AnalyzeFlags extends LookedAtFlags {
  readonly rto?: string;
  readonly window?: string;
  readonly monthlyCost?: string;
  readonly prices?: string;
  readonly whatIf: readonly string[];
  readonly forecasts?: string;
  /** Commander's `--no-store`. */
  readonly store: boolean;
  readonly html?: string;
  readonly json?: boolean;
}

export function registerAnalyze(program: Command): void {
  const command = program
    .command("analyze")
    .description("trends, costs and forecasts of vaults and drills, from their whole history");
  lookedAtCommand(command)
    .option("--rto <duration>", "limit of a recovery (default: objectives.rto of the configuration)")
    .option("--window <duration>", "limit of a backup's duration (default: objectives.window)")
    .option("--monthly-cost <amount>", "limit of what a vault costs a month (default: objectives.monthlyCost)")
    .option("--prices <file>", "prices of storage, requests, traffic and proofs")
    .option("--what-if <change>", "with --prices: what another schedule would cost; repeatable", collect, [])
    .option("--forecasts <file>", "where forecasts are stored (default: forecasts.jsonl next to the folder of runs)")
    .option("--no-store", "store nothing")
    .option("--html <file>", "write the analysis as a page")
    .option("--json", "print the analysis as JSON")
    .action((flags: AnalyzeFlags) => interruptible((signal) => run(flags, signal)));
}

async function run(flags: AnalyzeFlags, signal: AbortSignal): Promise<void> {
  const { rto, window, monthlyCost, prices, whatIf: changes, html } = flags;
  const [{ analyze }, { readAnalyzedHistory, readPrices }, { appendJournal, journalBeside, readJournal }] =
    await Promise.all([
      import("../../../reports/analysis/analyze.ts"),
      import("../../analyze/read-history.ts"),
      import("../../monitor/journal-file.ts"),
    ]);
  const looked = await lookedAt(flags);
  const { objectives } = looked;
  const seconds = (flag: string, text: string | undefined, ms: number | undefined): number | undefined =>
    text === undefined ? ms && ms / 1000 : flagValue(flag, text, parseDuration) / 1000;
  const file = flags.forecasts ?? journalBeside(looked.runs[0] ?? join(".falkordrill", "runs"));
  const { analysis, line } = analyze({
    history: await readAnalyzedHistory(looked, signal),
    limits: {
      rtoSeconds: seconds("--rto", rto, objectives.rtoMs),
      windowSeconds: seconds("--window", window, objectives.windowMs),
      costPerMonth: monthlyCost === undefined ? objectives.monthlyCost : amountOf(monthlyCost),
    },
    prices: prices === undefined ? undefined : await readPrices(prices),
    changes,
    journal: await readJournal(file),
  });
  if (flags.store) await appendJournal(file, line);
  if (html !== undefined) {
    const { analysisPage } = await import("../../../reports/analysis/page.ts");
    writeWhole(html, analysisPage(analysis, pasteable));
  }
  if (flags.json === true) process.stdout.write(`${JSON.stringify(analysis, undefined, 2)}\n`);
  else {
    const { analysisLines } = await import("../../../reports/analysis/text.ts");
    const lines = analysisLines(analysis, { paint: paintOut, paste: pasteable });
    process.stdout.write(`${lines.map(paintedLine).join("\n")}\n`);
  }
  if (analysis.forecasts.some(({ state }) => state === "broken")) process.exitCode = exitCodes.objectiveMissed;
}

function amountOf(text: string): number {
  const amount = Number(text);
  if (text.trim() !== "" && Number.isFinite(amount) && amount > 0) return amount;
  throw usageError(
    `--monthly-cost ${text} is not an amount`,
    "Give a number in the currency of the prices, such as 40.",
  );
}
