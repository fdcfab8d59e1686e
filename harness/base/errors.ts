// Every way in which the program can refuse or fail, as data. The exit codes are API (docs/reference/exit-codes.md).

import type { FindingCode } from "./findings/finding-codes.ts";

export const exitCodes = {
  pass: 0,
  internal: 1,
  usage: 2,
  dataWrong: 10,
  notRecovered: 11,
  objectiveMissed: 12,
  inconclusive: 13,
  environment: 14,
  interrupted: 130,
} as const;

export type ExitReason = keyof typeof exitCodes;

/** What each exit code means, one sentence. */
export const exitMeanings: Readonly<Record<ExitReason, string>> = {
  pass: "Everything that was asked for was done, and all that was checked is right.",
  internal: "FalkorDrill itself failed.",
  usage: "The command line, the configuration or a file given to the command is wrong.",
  dataWrong: "Data is lost, changed, or readable by others.",
  notRecovered: "The system under test failed, refused, hung, crashed or was too slow, or no engine loads its backup.",
  objectiveMissed: "An objective or a benchmark was missed.",
  inconclusive: "Nothing wrong was found, but too little was checked to call it a pass.",
  environment: "This machine or server cannot do what was asked for; not even an empty engine runs here.",
  interrupted: "The run was interrupted, for example by Ctrl-C.",
};

export interface DrillErrorOptions {
  /** Which exit code this ends with. */
  readonly exit: ExitReason;
  /** Of the finding that a drill makes of it, where there is a more exact one than the exit reason gives. */
  readonly code?: FindingCode;
  /** What the user can do next, one sentence. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** An error meant for the user: what was received, what was expected, and (hint) what to do next. */
export class DrillError extends Error {
  override readonly name: string = "DrillError";
  readonly exit: ExitReason;
  readonly findingCode: FindingCode | undefined;
  readonly hint: string | undefined;

  constructor(message: string, options: DrillErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.exit = options.exit;
    this.findingCode = options.code;
    this.hint = options.hint;
  }
}

export function usageError(message: string, hint?: string): DrillError {
  return new DrillError(message, { exit: "usage", ...(hint === undefined ? {} : { hint }) });
}

export function environmentError(message: string, hint?: string, cause?: unknown): DrillError {
  return new DrillError(message, { exit: "environment", cause, ...(hint === undefined ? {} : { hint }) });
}

/**
 * What was thrown first, then what failed on the way out after it: a scope that cannot be left cleanly wraps both in one
 * SuppressedError. The first decides what is said and how it ends.
 */
export function errorsOf(thrown: unknown): readonly [first: unknown, ...after: unknown[]] {
  if (!(thrown instanceof SuppressedError)) return [thrown];
  return [...errorsOf(thrown.suppressed), ...errorsOf(thrown.error)];
}

/** The message of anything thrown, without a stack. */
export function errorMessage(thrown: unknown): string {
  const [error] = errorsOf(thrown);
  // Node gives no message of its own to the failures of all addresses of one host.
  if (error instanceof AggregateError && error.message === "") return error.errors.map(errorMessage).join("; ");
  return error instanceof Error ? error.message : String(error);
}

/** The same with the hint, where there is one: for places that have no line of its own for it. */
export function explanationOf(thrown: unknown): string {
  const [error] = errorsOf(thrown);
  return error instanceof DrillError && error.hint !== undefined
    ? `${error.message}. ${error.hint}`
    : errorMessage(error);
}

/** Anything thrown, as what may be thrown again. */
export function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** The code of an error of Node, such as ENOENT; fetch hides the reason in a chain of causes. Empty where there is none. */
export function codeOf(error: unknown): string {
  for (let current = error; current instanceof Error; current = current.cause)
    if ("code" in current && typeof current.code === "string") return current.code;
  return "";
}
