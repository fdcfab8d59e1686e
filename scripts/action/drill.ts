// The step of action.yml that drills: runs the scenarios, and where there is a policy, lets the gate decide.
import { spawn } from "node:child_process";
import { appendFileSync, mkdtempSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { text } from "node:stream/consumers";
import { actionEnvironment, environment } from "../../harness/base/environment.ts";
import { exitCodes } from "../../harness/base/errors.ts";
import { oneOf } from "../../harness/base/one-of.ts";
import { packageRoot } from "../../harness/base/package.ts";
import { explained } from "./explained.ts";
import { fileAt, trustedCommit } from "./github.ts";
import { type Inputs, isGiven, readInputs, runArguments } from "./inputs.ts";

process.exitCode = await explained(async () => {
  const { inputs: json, runnerTemp } = actionEnvironment();
  const inputs = readInputs(json);
  const folder = mkdtempSync(join(runnerTemp, "falkordrill-"));
  // What cannot be read is said before anything is drilled.
  const policy = await policyFile(inputs, folder);
  const out = join(folder, "run");
  // Also where the job is cancelled, what the drill has written is uploaded.
  output({ "run-path": out });
  const status = await falkordrill("drill", ["run", ...runArguments(inputs, out, passwordFile(inputs, folder))]);
  output({ "exit-code": String(status) });
  // With a policy the gate decides on what the drill found; any other code is not about that.
  const isFinding = status === exitCodes.pass || (status >= exitCodes.dataWrong && status <= exitCodes.inconclusive);
  if (policy === undefined || !isFinding) return status;
  return await falkordrill("gate", ["gate", out, "--policy", policy]);
});

async function policyFile(inputs: Inputs, folder: string): Promise<string | undefined> {
  const { policy, token = "" } = inputs;
  if (!isGiven(policy)) return undefined;
  const from = oneOf("policy-from", inputs["policy-from"] ?? "base", ["base", "checkout"]);
  if (from === "checkout") return policy;
  const commit = trustedCommit();
  process.stdout.write(`policy ${policy} of ${commit}\n`);
  const file = join(folder, basename(policy));
  writeFileSync(file, await fileAt(commit, policy, token), { mode: 0o600 });
  return file;
}

function passwordFile({ password }: Inputs, folder: string): string | undefined {
  if (!isGiven(password)) return undefined;
  const file = join(folder, "password");
  writeFileSync(file, password, { mode: 0o600 });
  return file;
}

/** Progress is collapsed in the log; the result, which comes on stdout, is below it. */
async function falkordrill(phase: string, args: readonly string[]): Promise<number> {
  process.stdout.write(`::group::FalkorDrill: ${phase}\n`);
  // As in the first line of the binary: small against the engine that is measured.
  const command = ["--max-semi-space-size=2", join(packageRoot(), "bin", "falkordrill.js"), ...args];
  const child = spawn(process.execPath, command, { stdio: ["ignore", "pipe", "inherit"] });
  // The runner interrupts the step; the drill then cleans up and says what it has.
  const pass = (name: NodeJS.Signals): boolean => child.kill(name);
  for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, pass);
  const ended = new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? exitCodes.internal));
  });
  const [code, result] = await Promise.all([ended, text(child.stdout)]);
  process.stdout.write(`::endgroup::\n${result}`);
  return code;
}

function output(values: Readonly<Record<string, string>>): void {
  const { githubOutput } = environment();
  if (githubOutput === undefined) return;
  for (const [name, value] of Object.entries(values)) appendFileSync(githubOutput, `${name}=${value}\n`);
}
