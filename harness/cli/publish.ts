// After a run: its reports into its folder, and what GitHub wants to know, where it is GitHub that runs us.
import { appendFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { annotations, jobSummary, stepOutputs } from "../../reports/text/github.ts";
import { formats } from "../../reports/formats.ts";
import { type ReportModel, reportModel } from "../../reports/model/model.ts";
import { readHistory } from "../../reports/model/read-history.ts";
import { readStoredRun } from "../../reports/model/read-run.ts";
import { environment } from "../base/environment.ts";
import type { RunDirectory } from "../record/run-directory.ts";
import { summaryOptions } from "./terminal/style.ts";

const written = ["html", "markdown", "junit"] as const;

export interface Published {
  /** Model from which the terminal summary is printed. */
  readonly model: ReportModel;
  /** The error that left the reports incomplete; it does not change the verdict of the run. */
  readonly failure: unknown;
}

/** Writes the reports of a finished run. */
export async function publish(directory: RunDirectory): Promise<Published> {
  const run = await readStoredRun(directory.path);
  const earlier = await readHistory(dirname(resolve(directory.path)), run.record);
  const model = reportModel([run], undefined, "given", { earlier });
  const options = summaryOptions([directory.path]);
  try {
    for (const name of written) directory.writeText(formats[name].file, formats[name].render(model, options));
    await publishOnGitHub(model, directory.path);
  } catch (failure) {
    return { model, failure };
  }
  return { model, failure: undefined };
}

async function publishOnGitHub(model: ReportModel, directory: string): Promise<void> {
  const { githubActions, githubOutput, githubStepSummary } = environment();
  if (githubStepSummary !== undefined) appendFileSync(githubStepSummary, jobSummary(model));
  // The runner reads commands on both streams; stdout belongs to the result.
  if (githubActions) process.stderr.write(annotations(model));
  if (githubOutput === undefined) return;
  const { setOutput } = await import("@actions/core");
  for (const [name, value] of Object.entries(stepOutputs(model, join(directory, formats.html.file))))
    setOutput(name, value);
}
