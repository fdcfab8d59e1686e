// Runs the scripts of action.yml as a runner of GitHub does, against a GitHub that a test plays.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { parse } from "yaml";
import { packageRoot } from "../harness/base/package.ts";
import type { Action } from "./workflow-lint.ts";

export interface StepEnd {
  readonly code: number;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  /** stdout and stderr. */
  readonly log: string;
}

export const action = parse(readFileSync(join(packageRoot(), "action.yml"), "utf8")) as Action;

export interface Runner {
  /** RUNNER_TEMP; a step leaves its files there. */
  readonly temp: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Runs `command` with the variables and files of a step. */
export async function runStep(
  runner: Runner,
  command: string,
  args: readonly string[],
  env: Runner["env"] = {},
): Promise<StepEnd> {
  const folder = mkdtempSync(join(runner.temp, "step-"));
  const file = (name: string): string => {
    writeFileSync(join(folder, name), "");
    return join(folder, name);
  };
  const files = {
    GITHUB_OUTPUT: file("output"),
    GITHUB_STEP_SUMMARY: file("summary"),
    GITHUB_PATH: file("path"),
  };
  const child = spawn(command, args, {
    cwd: runner.temp,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      CI: "true",
      GITHUB_ACTIONS: "true",
      RUNNER_TEMP: runner.temp,
      HOME: runner.temp,
      PATH: "/usr/bin:/bin",
      NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
      ...files,
      ...runner.env,
      ...env,
    },
  });
  const code = new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (ended) => resolve(ended ?? 1));
  });
  const [ended, out, err] = await Promise.all([code, text(child.stdout), text(child.stderr)]);
  const read = (name: string): string => readFileSync(name, "utf8");
  const outputs = { ...readPairs(read(files.GITHUB_OUTPUT)), path: read(files.GITHUB_PATH).trim() };
  return { code: ended, outputs, summary: read(files.GITHUB_STEP_SUMMARY), log: out + err };
}

/** A script of the action, with these inputs and the defaults of all others. */
export async function runScript(
  runner: Runner,
  name: "drill" | "conclude",
  inputs: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Promise<StepEnd> {
  const defaults = Object.entries(action.inputs).map(([key, input]) => [key, String(input.default)]);
  const all = { ...Object.fromEntries(defaults), token: "secret-token", ...inputs } as Record<string, string>;
  const script = join(packageRoot(), "scripts", "action", `${name}.ts`);
  return await runStep(runner, process.execPath, [script, ...args], { INPUTS: JSON.stringify(all) });
}

/** `name=value` lines, and `name<<delimiter` blocks for values of several lines. */
function readPairs(lines: string): Record<string, string> {
  const blocks = [...lines.matchAll(/^(.+?)<<(.+)\n([\s\S]*?)\n\2$/gm)].map(([, name = "", , value = ""]) => [
    name,
    value,
  ]);
  const pairs = [...lines.matchAll(/^([\w-]+)=(.*)$/gm)].map(([, name = "", value = ""]) => [name, value]);
  return Object.fromEntries([...blocks, ...pairs]) as Record<string, string>;
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly token: string | undefined;
  readonly body: string;
}

/** What GitHub's API answers, by "METHOD /path"; a status alone is an answer without a body. */
type Answers = Record<string, string | number>;

export interface FakeGitHub extends AsyncDisposable {
  readonly url: string;
  readonly calls: Call[];
  answers: Answers;
}

export async function fakeGitHub(): Promise<FakeGitHub> {
  const calls: Call[] = [];
  const github = { answers: {} as Answers };
  const handle = async (request: IncomingMessage): Promise<string | number> => {
    const { method = "", url: path = "", headers } = request;
    calls.push({ method, path, token: headers.authorization, body: await text(request) });
    return github.answers[`${method} ${path.split("?")[0]}`] ?? 404;
  };
  const server = createServer((request, response) => {
    void handle(request).then((answer) =>
      response.writeHead(typeof answer === "number" ? answer : 200).end(typeof answer === "number" ? "" : answer),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(github, {
    url: `http://127.0.0.1:${port}`,
    calls,
    async [Symbol.asyncDispose](): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
