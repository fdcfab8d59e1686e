// The last step of action.yml: where the run and its files are, one comment on the pull request, and the figures that later
// pull requests are compared with. Arguments: run directory, folder of the base's figures, decision, URL of the artifact.
import { cpSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { actionEnvironment, environment } from "../../harness/base/environment.ts";
import { DrillError } from "../../harness/base/errors.ts";
import { readResult, readRun } from "../../harness/record/run-directory.ts";
import { annotation } from "../../reports/text/github.ts";
import { comment } from "../../reports/comment.ts";
import { reportModel, type ReportModel } from "../../reports/model/model.ts";
import { readStoredRun } from "../../reports/model/read-run.ts";
import { event, writeComment } from "./github.ts";
import { readInputs } from "./inputs.ts";

const [run = "", base = "", decision = "", artifactUrl = ""] = process.argv.slice(2);
const { githubRunUrl } = environment();
const { artifact = "", comment: wanted, token = "" } = readInputs(actionEnvironment().inputs);
const { pull_request: pull } = event();

if (existsSync(join(run, "run.json"))) {
  if (githubRunUrl !== undefined) process.stdout.write(`workflow run: ${githubRunUrl}\n`);
  if (artifactUrl !== "") process.stdout.write(`report and run directory: ${artifactUrl}\n`);
  if (pull === undefined) keepFigures();
  else if (wanted === "true") await postComment(pull.number);
}

async function postComment(number: number): Promise<void> {
  const model = reportModel([await readStoredRun(run)], {}, "given");
  const links = { run: githubRunUrl, artifact: artifactUrl === "" ? undefined : artifactUrl };
  const text = comment(model, { about: artifact, links, decision, base: await baseModel() });
  try {
    await writeComment(number, text, token);
  } catch (error) {
    if (!(error instanceof DrillError)) throw error;
    const why =
      "A pull request of a fork has no right to it; .github/workflows/drill-comment.yml of FalkorDrill shows how.";
    process.stdout.write(annotation("notice", "FalkorDrill", `${error.message}. ${error.hint ?? ""} ${why}`));
  }
}

/** Report of the base from its stored figures; nothing of it is judged again. */
async function baseModel(): Promise<ReportModel | undefined> {
  if (!existsSync(join(base, "result.json"))) return undefined;
  try {
    const result = await readResult(base);
    return reportModel([{ directory: base, record: readRun(base), result, traces: new Map() }], {}, "given");
  } catch (error) {
    // Another version of FalkorDrill may have written it.
    if (error instanceof DrillError) return undefined;
    throw error;
  }
}

function keepFigures(): void {
  rmSync(base, { recursive: true, force: true });
  mkdirSync(base, { recursive: true, mode: 0o700 });
  for (const name of ["run.json", "result.json"])
    if (existsSync(join(run, name))) cpSync(join(run, name), join(base, name));
}
