// The command line: one binary, one file a command. stdout carries results, stderr progress.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import { DrillError, exitCodes, messageOf } from "../base/errors.ts";
import { packageRoot } from "../drill/scenario-files.ts";
import { registerBench } from "./bench.ts";
import { registerDoctor } from "./doctor.ts";
import { registerGenerate } from "./generate.ts";
import { registerReport } from "./report.ts";
import { registerRun } from "./run.ts";
import { paint } from "./style.ts";
import { registerVault } from "./vault.ts";
import { registerVerify } from "./verify.ts";

/** Runs one command line and gives its exit code. Never throws, never exits the process itself. */
export async function main(args: readonly string[]): Promise<number> {
  const program = new Command("falkordrill")
    .description("Disaster-recovery drills for Graphiti knowledge graphs on FalkorDB.")
    .version(packageVersion(), "-V, --version")
    .showHelpAfterError("(add --help for the list of options)")
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ writeErr: (text) => process.stderr.write(text) });
  for (const register of [registerRun, registerVerify, registerReport, registerGenerate, registerVault])
    register(program);
  for (const register of [registerBench, registerDoctor]) register(program);
  const { exitCode } = process;
  process.exitCode = undefined;
  try {
    await program.parseAsync(args, { from: "user" });
    const chosen = process.exitCode ?? exitCodes.pass;
    return Number(chosen);
  } catch (error) {
    return explain(error);
  } finally {
    process.exitCode = exitCode;
  }
}

export function packageVersion(): string {
  const text = readFileSync(join(packageRoot(), "package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

/** Says what went wrong on stderr and gives the exit code for it. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) {
    // Help and version end this way too, with code 0; everything else has already been printed.
    return error.exitCode === 0 ? exitCodes.pass : exitCodes.usage;
  }
  if (error instanceof DrillError) {
    process.stderr.write(`${paint("red", "error:")} ${error.message}\n`);
    if (error.hint !== undefined) process.stderr.write(`${paint("dim", "next: ")} ${error.hint}\n`);
    return exitCodes[error.exit];
  }
  process.stderr.write(`${paint("red", "internal error:")} ${messageOf(error)}\n`);
  if (error instanceof Error && error.stack !== undefined) process.stderr.write(`${error.stack}\n`);
  return exitCodes.internal;
}
