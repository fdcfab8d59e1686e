// The command line: one binary, one file a command. stdout carries results, stderr progress.
import { Command, CommanderError, Help, type Option } from "commander";
import { DrillError, errorsOf, exitCodes, explanationOf, errorMessage, usageError } from "../base/errors.ts";
import { commandNames, pasteable } from "../base/invocation.ts";
import { explainSystemError } from "../base/system-error.ts";
import { indented } from "../base/one-line.ts";
import { packageVersion } from "../base/package.ts";
import { examples } from "./examples.ts";
import { guardOutput } from "./terminal/output.ts";
import { paint } from "./terminal/style.ts";

type Register = (program: Command) => void;

/** Commands register their flags from files that are light to load; what does the work is imported when it is called. */
const commands: Readonly<Record<(typeof commandNames)[number], () => Promise<Register>>> = {
  init: async () => (await import("./init/init.ts")).registerInit,
  run: async () => (await import("./run.ts")).registerRun,
  verify: async () => (await import("./verify.ts")).registerVerify,
  report: async () => (await import("./report.ts")).registerReport,
  explain: async () => (await import("./explain.ts")).registerExplain,
  compare: async () => (await import("./compare.ts")).registerCompare,
  shrink: async () => (await import("./shrink/shrink.ts")).registerShrink,
  diff: async () => (await import("./diff/diff.ts")).registerDiff,
  assess: async () => (await import("./assess.ts")).registerAssess,
  gate: async () => (await import("./gate.ts")).registerGate,
  prove: async () => (await import("./prove/prove.ts")).registerProve,
  vault: async () => (await import("./vault.ts")).registerVault,
  generate: async () => (await import("./generate.ts")).registerGenerate,
  monitor: async () => (await import("./monitor/monitor.ts")).registerMonitor,
  analyze: async () => (await import("./analyze/analyze.ts")).registerAnalyze,
  estimate: async () => (await import("./estimate/estimate.ts")).registerEstimate,
  engine: async () => (await import("./engine.ts")).registerEngine,
  bench: async () => (await import("./bench.ts")).registerBench,
  doctor: async () => (await import("./doctor.ts")).registerDoctor,
};

/** Runs one command line and returns its exit code. Never throws, never exits the process itself. */
export async function main(args: readonly string[]): Promise<number> {
  guardOutput();
  const { exitCode } = process;
  process.exitCode = undefined;
  try {
    const program = await programFor(args);
    await program.parseAsync(args, { from: "user" });
    return chosenExitCode();
  } catch (error) {
    return explain(error);
  } finally {
    process.exitCode = exitCode;
  }
}

/**
 * The command line with the commands that these arguments need: a named command, or all for help and typing errors.
 * `paste` gives the commands of examples as they have to be typed.
 */
export async function programFor(
  args: readonly string[] = [],
  paste: (command: string) => string = pasteable,
): Promise<Command> {
  const program = new Command("falkordrill")
    .description("Disaster-recovery drills for Graphiti knowledge graphs on FalkorDB.")
    .version(packageVersion(), "-V, --version")
    .showHelpAfterError("(add --help for the list of options)")
    .showSuggestionAfterError()
    .configureHelp({ optionDescription: descriptionOf, showGlobalOptions: false })
    // A flag belongs to the command that it follows: `gate verify --json` is a flag of verify.
    .enablePositionalOptions()
    .exitOverride()
    .hook("preAction", (_, command) => mustNotBeEmpty(command));
  const named = commandNames.filter((name) => name === args[0]);
  for (const name of named.length === 0 ? commandNames : named) (await commands[name]())(program);
  addExamples(program, "", paste);
  return program;
}

function descriptionOf(option: Option): string {
  const text = new Help().optionDescription(option);
  return option.mandatory ? `(required) ${text}` : text;
}

function addExamples(command: Command, path: string, paste: (text: string) => string): void {
  const lines = (examples[path] ?? []).map(([does, line]) => `  ${paste(line)}\n      ${does}`);
  if (lines.length > 0) command.addHelpText("after", `\nExamples:\n${lines.join("\n")}`);
  for (const below of command.commands)
    addExamples(below, path === "" ? below.name() : `${path} ${below.name()}`, paste);
}

/** An empty path is the working folder and an empty filter is everything; the usual cause is an unset variable. */
function mustNotBeEmpty(command: Command): void {
  const isEmpty = (value: unknown): boolean =>
    Array.isArray(value) ? value.some(isEmpty) : typeof value === "string" && value.trim() === "";
  const flag = command.options.find((option) => isEmpty(command.getOptionValue(option.attributeName())))?.long;
  if (flag === undefined && !command.args.some(isEmpty)) return;
  const what = flag ?? `an argument of ${command.name()}`;
  throw usageError(`${what} is empty`, "Leave it out, or give it a value; is a variable of the shell not set?");
}

/** What the command left in process.exitCode; a command that left nothing has succeeded. */
function chosenExitCode(): number {
  return Number(process.exitCode ?? exitCodes.pass);
}

/** Prints the error on stderr and returns its exit code. */
function explain(thrown: unknown): number {
  const [error, ...after] = errorsOf(thrown);
  const code = explainFirst(error);
  for (const other of after)
    process.stderr.write(`${paint("red", "also:")}  ${indented(pasteable(explanationOf(other)))}\n`);
  return code;
}

function explainFirst(thrown: unknown): number {
  const error = explainSystemError(thrown) ?? thrown;
  if (error instanceof CommanderError) {
    // Help and version end this way too, with code 0; everything else has already been printed.
    return error.exitCode === 0 ? exitCodes.pass : exitCodes.usage;
  }
  if (error instanceof DrillError) {
    process.stderr.write(`${paint("red", "error:")} ${indented(pasteable(error.message))}\n`);
    if (error.hint !== undefined)
      process.stderr.write(`${paint("dim", "next: ")} ${indented(pasteable(error.hint))}\n`);
    return exitCodes[error.exit];
  }
  process.stderr.write(`${paint("red", "internal error:")} ${indented(errorMessage(error))}\n`);
  if (error instanceof Error && error.stack !== undefined) process.stderr.write(`${indented(error.stack)}\n`);
  return exitCodes.internal;
}
