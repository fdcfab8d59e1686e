// Runs the steps of a composite action as a runner of GitHub does, as far as this can be done without GitHub: each `run`
// step in bash with the files and variables of a runner; `uses` steps are noted and not run.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { evaluate, interpolate, type Contexts } from "./action-expressions.ts";

interface Step {
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly with?: Values;
  readonly run?: string;
  readonly shell?: string;
  readonly env?: Values;
}

type Values = Readonly<Record<string, string | number | boolean>>;

export interface Action {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default?: string }>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}

export interface ActionRun {
  /** Of the first step that failed; 0 where none did. */
  readonly code: number;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  /** stdout and stderr of all steps. */
  readonly log: string;
  /** What `uses` steps were given, by the action's name without its version. */
  readonly used: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export function readAction(folder: string): Action {
  return parse(readFileSync(join(folder, "action.yml"), "utf8")) as Action;
}

/** `temp` stands for the runner's machine; the workspace is `temp/workspace`. */
export async function runAction(
  folder: string,
  temp: string,
  given: Readonly<Record<string, string>>,
): Promise<ActionRun> {
  const action = readAction(folder);
  for (const name of Object.keys(given)) if (!(name in action.inputs)) throw new Error(`no input ${name}`);
  const defaults = Object.entries(action.inputs).map(([name, input]) => [name, input.default ?? ""]);
  const inputs = { ...Object.fromEntries(defaults), ...given } as Record<string, string>;
  const steps: Record<string, { outputs: Record<string, string> }> = {};
  const runner = { os: "Linux", arch: "X64", temp };
  const contexts: Contexts = { inputs, steps, runner, github: { action_path: folder } };
  const machine = { env: {} as Record<string, string>, path: [] as string[] };
  const used: Record<string, Record<string, string>> = {};
  let code = 0;
  let summary = "";
  let log = "";
  for (const [index, step] of action.runs.steps.entries()) {
    if (!evaluate(step.if ?? "success()", contexts, code !== 0)) continue;
    if (step.uses !== undefined) {
      const [name = ""] = step.uses.split("@");
      used[name] = interpolateAll(step.with ?? {}, contexts);
      continue;
    }
    if (step.shell !== "bash" || step.run === undefined) throw new Error(`step ${index}: expected run and shell: bash`);
    const files = filesOf(mkdtempSync(join(temp, `step-${index}-`)));
    const env = { ...machine.env, ...interpolateAll(step.env ?? {}, contexts) };
    const ended = await runStep(step.run, { folder, temp, files, env, path: machine.path });
    if (ended.code !== 0 && code === 0) ({ code } = ended);
    log += ended.log;
    summary += readFileSync(files.GITHUB_STEP_SUMMARY, "utf8");
    steps[step.id ?? `step ${index}`] = { outputs: readPairs(files.GITHUB_OUTPUT) };
    Object.assign(machine.env, readPairs(files.GITHUB_ENV));
    machine.path.unshift(...readFileSync(files.GITHUB_PATH, "utf8").split("\n").filter(Boolean));
  }
  const values = Object.fromEntries(Object.entries(action.outputs).map(([name, { value }]) => [name, value]));
  return { code, outputs: interpolateAll(values, contexts), summary, log, used };
}

function interpolateAll(values: Values, contexts: Contexts): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, interpolate(String(value), contexts)]),
  );
}

function filesOf(
  folder: string,
): Readonly<Record<"GITHUB_OUTPUT" | "GITHUB_ENV" | "GITHUB_PATH" | "GITHUB_STEP_SUMMARY", string>> {
  const file = (name: string): string => {
    writeFileSync(join(folder, name), "");
    return join(folder, name);
  };
  return {
    GITHUB_OUTPUT: file("output"),
    GITHUB_ENV: file("env"),
    GITHUB_PATH: file("path"),
    GITHUB_STEP_SUMMARY: file("summary"),
  };
}

interface StepRun {
  readonly folder: string;
  readonly temp: string;
  readonly files: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly path: readonly string[];
}

function runStep(script: string, { folder, temp, files, env, path }: StepRun): Promise<{ code: number; log: string }> {
  const file = join(temp, "script.sh");
  writeFileSync(file, script);
  const { HOME, PATH } = inheritedEnvironment();
  const child = spawn("bash", ["--noprofile", "--norc", "-eo", "pipefail", file], {
    cwd: join(temp, "workspace"),
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      HOME,
      PATH: [...path, PATH].join(":"),
      CI: "true",
      GITHUB_ACTIONS: "true",
      GITHUB_ACTION_PATH: folder,
      GITHUB_WORKSPACE: join(temp, "workspace"),
      RUNNER_TEMP: temp,
      RUNNER_OS: "Linux",
      RUNNER_ARCH: "X64",
      ...files,
      ...env,
    },
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (log += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, log }));
  });
}

/** `name=value` lines, and `name<<delimiter` blocks for values of several lines. */
function readPairs(file: string): Record<string, string> {
  const pairs: Record<string, string> = {};
  const lines = readFileSync(file, "utf8").split("\n");
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    const [, block, delimiter] = /^([^=]+?)<<(.+)$/.exec(line) ?? [];
    if (block !== undefined && delimiter !== undefined) {
      const end = lines.indexOf(delimiter, at + 1);
      if (end < 0) throw new Error(`${file}: ${block} has no end`);
      pairs[block] = lines.slice(at + 1, end).join("\n");
      at = end;
    } else if (line !== "") {
      const [name = "", ...value] = line.split("=");
      if (value.length === 0) throw new Error(`${file}: "${line}" is neither a pair nor the start of a block`);
      pairs[name] = value.join("=");
    }
  }
  return pairs;
}

function inheritedEnvironment(): Readonly<Record<"HOME" | "PATH", string | undefined>> {
  const { HOME, PATH } = process.env;
  return { HOME, PATH };
}
