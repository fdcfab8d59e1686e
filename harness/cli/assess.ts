// `falkordrill assess <run-dir...>`: the readiness scorecard of a backup system, from its stored runs.
import { join, resolve } from "node:path";
import type { Command } from "commander";
import type { Scorecard } from "../../reports/assess/scorecard.ts";
import { systemClock } from "../base/clock.ts";
import { makeFolder } from "../base/files/make-folder.ts";
import { mustBeOutsideVaults } from "../vault/keys/outside-vaults.ts";
import { writeWhole } from "../base/files/write-whole.ts";
import { parseDuration } from "../base/units.ts";
import { wantedFormats } from "./terminal/formats-flag.ts";
import { summaryOptions } from "./terminal/style.ts";
import { flagValue } from "./flag-value.ts";

interface AssessFlags {
  readonly format: string;
  readonly json?: boolean;
  readonly out?: string;
  readonly maxAge: string;
  readonly rto?: string;
  readonly rpo?: string;
}

export function registerAssess(program: Command): void {
  program
    .command("assess")
    .description("print the readiness scorecard of a backup system: each criterion with its evidence")
    .argument("<run-dir...>", "folders that `run` wrote, all of one system; each is judged again first")
    .option("--format <names>", `comma-separated: ${formatNames.join(", ")}`, "text")
    .option("--json", "the same as --format json")
    .option("--out <dir>", "write the formats as files into this folder, instead of one to stdout")
    .option("--max-age <duration>", "how old the last proof may be", "7d")
    .option("--rto <duration>", "the recovery time objective (default: that of the run)")
    .option("--rpo <duration>", "the objective for the time whose writes are lost (default: that of the run)")
    .action(async (directories: string[], flags: AssessFlags) => {
      const wanted = wantedFormats(flags.json === true ? "json" : flags.format, flags.out, formatNames);
      const card = await assessRuns(directories, flags);
      if (flags.out !== undefined) {
        mustBeOutsideVaults(flags.out, "the scorecard");
        makeFolder(flags.out);
      }
      for (const name of wanted) {
        const text = await render[name](card, flags.out);
        if (flags.out === undefined) {
          process.stdout.write(text);
          continue;
        }
        const file = join(flags.out, files[name]);
        writeWhole(file, text);
        process.stderr.write(`${file}\n`);
      }
    });
}

const files = {
  text: "scorecard.txt",
  html: "scorecard.html",
  markdown: "scorecard.md",
  json: "scorecard.json",
} as const;
type FormatName = keyof typeof files;
const formatNames = Object.keys(files) as FormatName[];

const render: Readonly<Record<FormatName, (card: Scorecard, out?: string) => Promise<string>>> = {
  text: async (card) => (await import("../../reports/assess/terminal.ts")).terminalScorecard(card, summaryOptions([])),
  html: async (card, out) => (await import("../../reports/assess/page.ts")).scorecardPage(card, out),
  markdown: async (card) => (await import("../../reports/assess/markdown.ts")).markdownScorecard(card),
  json: async (card) => `${JSON.stringify(card, undefined, 2)}\n`,
};

async function assessRuns(directories: readonly string[], { maxAge, rto, rpo }: AssessFlags): Promise<Scorecard> {
  const expected = {
    nowMs: systemClock.nowMs(),
    proofAgeMsMax: flagValue("--max-age", maxAge, parseDuration),
    rtoMsMax: rto === undefined ? undefined : flagValue("--rto", rto, parseDuration),
    rpoMsMax: rpo === undefined ? undefined : flagValue("--rpo", rpo, parseDuration),
  };
  const { assess } = await import("../../reports/assess/assess.ts");
  const { readAssessedRun } = await import("../../reports/assess/assessed-run.ts");
  const { nameRuns } = await import("../evidence/run-names.ts");
  const runs = [];
  for (const { path, name } of nameRuns([...new Set(directories.map((directory) => resolve(directory)))]))
    runs.push(await readAssessedRun(path, name));
  return assess(runs, expected);
}
