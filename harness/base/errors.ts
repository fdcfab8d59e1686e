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
  /** Reason that determines the exit code. */
  readonly exit: ExitReason;
  /** Finding code that a drill reports for this error, where it is more precise than the exit reason. */
  readonly code?: FindingCode;
  /** What the user can do next, one sentence. */
  readonly hint?: string;
  /** What a finding keeps as its evidence, as plain JSON. */
  readonly evidence?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** An error meant for the user: what was received, what was expected, and (hint) what to do next. */
export class DrillError extends Error {
  override readonly name: string = "DrillError";
  readonly exit: ExitReason;
  readonly findingCode: FindingCode | undefined;
  readonly hint: string | undefined;
  readonly evidence: Readonly<Record<string, unknown>> | undefined;

  constructor(message: string, options: DrillErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.exit = options.exit;
    this.findingCode = options.code;
    this.hint = options.hint;
    this.evidence = options.evidence;
  }
}

export function usageError(message: string, hint?: string): DrillError {
  return new DrillError(message, { exit: "usage", ...(hint === undefined ? {} : { hint }) });
}

export function environmentError(message: string, hint?: string, cause?: unknown): DrillError {
  return new DrillError(message, { exit: "environment", cause, ...(hint === undefined ? {} : { hint }) });
}

/**
 * The error thrown first, then those of the cleanup: a scope whose disposal fails wraps both in one SuppressedError.
 * The first determines the message and the exit code.
 */
export function errorsOf(thrown: unknown): readonly [first: unknown, ...after: unknown[]] {
  if (!(thrown instanceof SuppressedError)) return [thrown];
  return [...errorsOf(thrown.suppressed), ...errorsOf(thrown.error)];
}

/** The message of anything thrown, without a stack. */
export function errorMessage(thrown: unknown): string {
  const [error] = errorsOf(thrown);
  // Node's error for a host of which every address failed has no message.
  if (error instanceof AggregateError && error.message === "") return error.errors.map(errorMessage).join("; ");
  return error instanceof Error ? error.message : String(error);
}

/** The message with the hint, if any, for output without a separate line for hints. */
export function explanationOf(thrown: unknown): string {
  const [error] = errorsOf(thrown);
  return error instanceof DrillError && error.hint !== undefined
    ? `${error.message}. ${error.hint}`
    : errorMessage(error);
}

/** Converts anything thrown to an Error. */
export function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** Error code of Node, such as ENOENT, searched in the chain of causes because fetch hides it there; else empty. */
export function codeOf(error: unknown): string {
  for (let current = error; current instanceof Error; current = current.cause)
    if ("code" in current && typeof current.code === "string") return current.code;
  return "";
}
