// After a failing night: `node scripts/failure-issues.ts <url of the run> <folder of run directories>`. Opens an issue for
// each kind of failure, or adds to the one that is open, with the `gh` of the runner.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readResult } from "../harness/record/run-directory.ts";
import { failuresOf, type OpenIssue, planIssues } from "../reports/findings/failure-issues.ts";

const label = "backup-drill";
const [runUrl, folder] = process.argv.slice(2);
if (runUrl === undefined || folder === undefined)
  throw new Error("usage: node scripts/failure-issues.ts <url of the run> <folder of run directories>");

const paths = (existsSync(folder) ? readdirSync(folder) : [])
  .map((name) => join(folder, name))
  .filter((path) => existsSync(join(path, "result.json")));
const results = await Promise.all(paths.map(readResult));
gh(["label", "create", label, "--force", "--description", "found by a drill"]);
const open = JSON.parse(
  gh(["issue", "list", "--label", label, "--state", "open", "--limit", "500", "--json", "number,body"]),
) as OpenIssue[];
for (const action of planIssues(failuresOf(results), open, runUrl)) {
  const { body } = action;
  if (action.kind === "comment") gh(["issue", "comment", String(action.number), "--body-file", "-"], body);
  else gh(["issue", "create", "--title", action.title, "--label", label, "--body-file", "-"], body);
  process.stderr.write(`${action.kind} ${action.kind === "comment" ? action.number : action.title}\n`);
}

function gh(args: readonly string[], input = ""): string {
  return execFileSync("gh", args, { input, encoding: "utf8", stdio: ["pipe", "pipe", "inherit"] });
}
