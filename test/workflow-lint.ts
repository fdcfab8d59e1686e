// What must hold of a workflow or a composite action before GitHub sees it: pinned, with few rights, nothing interpolated
// into a shell, and every reference to a job, step, input or local action leads somewhere.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

interface Step {
  readonly id?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly run?: string;
}

interface Job {
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly needs?: string | readonly string[];
  readonly outputs?: Readonly<Record<string, string>>;
  readonly steps?: readonly Step[];
  readonly "timeout-minutes"?: number | string;
}

interface Workflow {
  readonly on?: Readonly<Record<string, unknown>> | string | readonly string[];
  readonly permissions?: Readonly<Record<string, string>> | string;
  readonly jobs?: Readonly<Record<string, Job>>;
}

type Inputs = Readonly<Record<string, { readonly required?: boolean; readonly default?: unknown }>>;

/** Problems of a workflow file, one sentence each. `root` is the checkout that local `uses` lead to. */
export function workflowProblems(text: string, root: string): readonly string[] {
  const workflow = parse(text, { maxAliasCount: 1000 }) as Workflow;
  const jobs = Object.entries(workflow.jobs ?? {});
  return [
    ...unpinned(text),
    ...rights(workflow),
    ...jobs.flatMap(([name, job]) =>
      jobProblems(name, job, workflow.jobs ?? {}, root).concat(stepProblems(`job ${name}`, job.steps ?? [], root)),
    ),
  ];
}

/** Problems of a composite action file. */
export function actionProblems(text: string, root: string): readonly string[] {
  const action = parse(text) as {
    inputs?: Inputs;
    outputs?: Record<string, unknown>;
    runs?: { steps?: readonly Step[] };
  };
  const steps = action.runs?.steps ?? [];
  const ids = new Set(steps.map(({ id }) => id));
  const used = references(JSON.stringify([action.outputs, steps]), /steps\.([\w-]+)\.outputs/g);
  const inputs = references(JSON.stringify(steps), /inputs\.([\w-]+)/g);
  return [
    ...unpinned(text),
    ...stepProblems("action", steps, root),
    ...used.filter((id) => !ids.has(id)).map((id) => `no step has the id ${id}`),
    ...inputs.filter((name) => action.inputs?.[name] === undefined).map((name) => `there is no input ${name}`),
    ...Object.keys(action.inputs ?? {})
      .filter((name) => !inputs.includes(name))
      .map((name) => `nothing reads the input ${name}`),
  ];
}

/** What a caller hands to an action or workflow that it does not take, or leaves out that it needs. */
export function inputProblems(given: Readonly<Record<string, unknown>>, inputs: Inputs): readonly string[] {
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

function jobProblems(name: string, job: Job, all: Readonly<Record<string, Job>>, root: string): string[] {
  const needs = typeof job.needs === "string" ? [job.needs] : [...(job.needs ?? [])];
  const problems = needs
    .filter((other) => all[other] === undefined)
    .map((other) => `job ${name} needs ${other}, which is none`);
  for (const [, other = "", output = ""] of JSON.stringify(job).matchAll(/needs\.([\w-]+)\.outputs\.([\w-]+)/g)) {
    if (!needs.includes(other)) problems.push(`job ${name} reads outputs of ${other} without needing it`);
    else if (all[other]?.uses === undefined && all[other]?.outputs?.[output] === undefined)
      problems.push(`job ${name} reads ${other}.${output}, which is no output`);
  }
  if (job.uses !== undefined) {
    const path = join(root, job.uses);
    if (!existsSync(path)) return [...problems, `job ${name} uses ${job.uses}, which does not exist`];
    const called = parse(readFileSync(path, "utf8")) as { on: { workflow_call?: { inputs?: Inputs } } };
    return [...problems, ...inputProblems(job.with ?? {}, called.on.workflow_call?.inputs ?? {})];
  }
  if (job["timeout-minutes"] === undefined) problems.push(`job ${name} has no timeout-minutes`);
  const ids = new Set(job.steps?.map(({ id }) => id));
  const read = references(JSON.stringify(job), /steps\.([\w-]+)\./g).filter((id) => !ids.has(id));
  return [...problems, ...read.map((id) => `job ${name}: no step has the id ${id}`)];
}

function stepProblems(where: string, steps: readonly Step[], root: string): string[] {
  return steps.flatMap((step) => {
    if (step.run !== undefined) return runProblems(where, step.run);
    const uses = step.uses ?? "";
    if (uses.startsWith("actions/checkout@") && step.with?.["persist-credentials"] !== false)
      return [`${where}: checkout leaves its token behind; set persist-credentials: false`];
    if (!uses.startsWith("./")) return uses === "" ? [`${where}: a step neither runs nor uses anything`] : [];
    // Our own repository, checked out beside the caller's.
    const path = join(root, uses.replace(/^\.\/harness\//, "./"), "action.yml");
    if (!existsSync(path)) return [`${where}: ${uses} does not exist`];
    const { inputs } = parse(readFileSync(path, "utf8")) as { inputs: Inputs };
    return inputProblems(step.with ?? {}, inputs).map((problem) => `${where}: ${problem}`);
  });
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

function references(text: string, pattern: RegExp): string[] {
  return [...new Set([...text.matchAll(pattern)].map(([, name = ""]) => name))];
}
