// `falkordrill verify <run-dir>`: judge a stored run again, offline, from what it wrote down.
import type { Command } from "commander";
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
      else process.stdout.write(terminalSummary(result, { paint: paintOut, out: directory }));
      process.exitCode = result.exitCode;
    });
}
