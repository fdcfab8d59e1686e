// `falkordrill report <run-dir...>`: stored runs in another form, several merged into one.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import type { Objectives } from "../../reports/figures/headlines.ts";
import type { GateDecision } from "../../reports/model/model.ts";
import { errorMessage, usageError } from "../base/errors.ts";
import { makeFolder } from "../base/files/make-folder.ts";
import { mustBeOutsideVaults } from "../vault/keys/outside-vaults.ts";
import { parseCount, parseDuration } from "../base/units.ts";
import { writeWhole } from "../base/files/write-whole.ts";
import { wantedFormats } from "./terminal/formats-flag.ts";
import { summaryOptions } from "./terminal/style.ts";
import { flagValue } from "./flag-value.ts";

interface ReportFlags {
  readonly format: string;
  readonly out?: string;
  readonly rto?: string;
  readonly rpo?: string;
  readonly history?: string;
  readonly gate?: string;
}

const formatList = "text, html, markdown, comment, annotations, junit, ctrf, openmetrics, badge, trace, json, allure";

export function registerReport(program: Command): void {
  program
    .command("report")
    .description("print stored runs, or write them as files; several are merged into one report")
    .argument("<run-dir...>", "folders that `run` wrote: of the shards of a drill, or of a matrix")
    .option("--format <names>", `comma-separated: ${formatList}`, "text")
    .option("--out <dir>", "write the formats as files into this folder, instead of one to stdout")
    .option(
      "--rto <duration>",
      "the recovery time objective to show next to the measured time, e.g. 30s (default: the run's)",
    )
    .option("--rpo <writes>", "the objective for acknowledged writes lost, e.g. 0")
    .option("--history <dir>", "a folder of earlier run directories, to show what changed since the last one")
    .option("--gate <file>", "what `gate --json` printed for these runs, to show its decision")
    .action(async (directories: string[], flags: ReportFlags) => {
      await report(directories, flags);
    });
}

async function report(directories: readonly string[], flags: ReportFlags): Promise<void> {
  const { allureFormat, formatNames, formats } = await import("../../reports/formats.ts");
  const names = [...formatNames, allureFormat.name];
  const wanted = wantedFormats(flags.format, flags.out, names);
  const [only] = wanted;
  if (flags.out === undefined && only === allureFormat.name)
    throw usageError("--format allure writes a folder of results, and there is no --out", "Add --out <dir>.");
  const { readStoredRun } = await import("../../reports/model/read-run.ts");
  const { objectivesOf } = await import("../../reports/figures/headlines.ts");
  const { reportModel } = await import("../../reports/model/model.ts");
  const runs = [];
  for (const directory of new Set(directories)) runs.push(await readStoredRun(directory));
  const [first] = runs;
  const objectives = first === undefined ? {} : { ...objectivesOf(first.record), ...givenObjectives(flags) };
  const { readHistory } = await import("../../reports/model/read-history.ts");
  const model = reportModel(runs, objectives, "whole", {
    earlier: first === undefined || flags.history === undefined ? [] : await readHistory(flags.history, first.record),
    gate: flags.gate === undefined ? undefined : await readGate(flags.gate),
  });
  const options = summaryOptions(runs.map(({ directory }) => directory));
  if (flags.out === undefined) {
    if (only !== undefined && only !== allureFormat.name) process.stdout.write(formats[only].render(model, options));
    return;
  }
  mustBeOutsideVaults(flags.out, "the report");
  makeFolder(flags.out);
  for (const name of wanted) {
    if (name === allureFormat.name) {
      const folder = join(flags.out, allureFormat.folder);
      makeFolder(folder);
      for (const [file, text] of await allureFormat.files(model)) writeWhole(join(folder, file), text);
      process.stderr.write(`${folder}\n`);
      continue;
    }
    const file = join(flags.out, formats[name].file);
    writeWhole(file, formats[name].render(model, options));
    process.stderr.write(`${file}\n`);
  }
}

/** Those of the flags, in place of those of the run. */
function givenObjectives({ rto, rpo }: ReportFlags): Objectives {
  return {
    ...(rto === undefined ? {} : { rtoMs: flagValue("--rto", rto, parseDuration) }),
    ...(rpo === undefined ? {} : { rpoMs: undefined, rpoWrites: flagValue("--rpo", rpo, parseCount) }),
  };
}

async function readGate(path: string): Promise<GateDecision> {
  const { decisionSchema, gateDecision } = await import("../../reports/gate/summary.ts");
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw usageError(`--gate ${path} could not be read: ${errorMessage(error)}`, gateHint);
  });
  const parsed = decisionSchema.safeParse(jsonOf(text));
  if (!parsed.success) throw usageError(`--gate ${path} holds no decision of a gate`, gateHint);
  return gateDecision(parsed.data);
}

const gateHint = "Give what `falkordrill gate <run-dir...> --policy <file> --json` printed.";

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
