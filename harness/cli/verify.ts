// `falkordrill verify <run-dir>`: judge a stored run again, offline, from what it wrote down.
import type { Command } from "commander";
import { reportModel } from "../../reports/model/model.ts";
import { readStoredRun } from "../../reports/model/read-run.ts";
import { terminalSummary } from "../../reports/text/terminal.ts";
import { oneLine } from "../base/one-line.ts";
import type { DrillResult } from "../record/result.ts";
import { readResult } from "../record/run-directory.ts";
import { verifyRun } from "../record/verify-run.ts";
import { summaryOptions } from "./terminal/style.ts";

/** Scenarios whose stored verdict differs from the verdict judged now. */
function differences(stored: DrillResult, judged: DrillResult): string[] {
  const before = new Map(stored.scenarios.map(({ id, verdict }) => [id, verdict]));
  const changed = judged.scenarios.filter(({ id, verdict }) => before.get(id) !== verdict);
  if (changed.length === 0 && stored.verdict === judged.verdict) return [];
  return [
    `the run says ${stored.verdict}, judged again it is ${judged.verdict}:`,
    ...changed.map(({ id, verdict }) => `  ${oneLine(id)}: ${before.get(id) ?? "no result"} -> ${verdict}`),
  ];
}

export function registerVerify(program: Command): void {
  program
    .command("verify")
    .description("judge a stored run again, offline, from its history and observations")
    .argument("<run-dir>", "the folder that `run` wrote")
    .option("--json", "print the new result as JSON")
    .action(async (directory: string, flags: { json?: boolean }) => {
      const result = await verifyRun(directory);
      for (const line of differences(await readResult(directory), result)) process.stderr.write(`${line}\n`);
      if (flags.json === true) process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
      else {
        const model = reportModel([{ ...(await readStoredRun(directory)), result }], undefined, "given");
        process.stdout.write(terminalSummary(model, summaryOptions([directory])));
      }
      process.exitCode = result.exitCode;
    });
}
