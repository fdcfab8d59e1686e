// `falkordrill report <run-dir>`: a stored run in another form.
import type { Command } from "commander";
import { markdown } from "../../reports/markdown.ts";
import { junit } from "../../reports/junit.ts";
import { terminalSummary } from "../../reports/terminal.ts";
import { oneOf } from "../drill/options.ts";
import type { DrillResult } from "../drill/result.ts";
import { readResult } from "../drill/run-directory.ts";
import { paintOut } from "./style.ts";

const formats: Readonly<Record<string, (result: DrillResult, directory: string) => string>> = {
  text: (result, out) => terminalSummary(result, { paint: paintOut, out }),
  markdown: (result) => markdown(result),
  junit: (result) => junit(result),
  json: (result) => `${JSON.stringify(result, undefined, 2)}\n`,
};

export function registerReport(program: Command): void {
  const names = Object.keys(formats);
  program
    .command("report")
    .description("print a stored run")
    .argument("<run-dir>", "the folder that `run` wrote")
    .option("--format <name>", names.join(", "), "text")
    .action((directory: string, flags: { format: string }) => {
      const name = oneOf("--format", flags.format, names);
      process.stdout.write(formats[name]?.(readResult(directory), directory) ?? "");
    });
}
