// `falkordrill verify <run-dir>`: judge a stored run again, offline, from what it wrote down.
import type { Command } from "commander";
import { reportModel } from "../../reports/model.ts";
import { readStoredRun } from "../../reports/read-run.ts";
import { terminalSummary } from "../../reports/terminal.ts";
import { verifyRun } from "../drill/verify-run.ts";
import { paintOut } from "./style.ts";

export function registerVerify(program: Command): void {
  program
    .command("verify")
    .description("judge a stored run again, offline, from its history and observations")
    .argument("<run-dir>", "the folder that `run` wrote")
    .option("--json", "print the new result as JSON")
    .action(async (directory: string, flags: { json?: boolean }) => {
      const result = await verifyRun(directory);
      if (flags.json === true) process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
      else {
        const model = reportModel([{ ...(await readStoredRun(directory)), result }], {}, "given");
        process.stdout.write(terminalSummary(model, { paint: paintOut, directories: [directory] }));
      }
      process.exitCode = result.exitCode;
    });
}
