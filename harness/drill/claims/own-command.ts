// A command of this program as its users run it, in a process of its own, with the fault of the system in it where that is
// a mutant.
import { join } from "node:path";
import { helperEnvironment } from "../../base/environment.ts";
import { DrillError } from "../../base/errors.ts";
import { packageRoot } from "../../base/package.ts";
import { runCommand } from "../../base/process/run-command.ts";
import type { RetentionSetup } from "./retention/retention-setup.ts";

const commandTimeoutMs = 120_000;

/** Runs it to its end, and returns its stdout. Throws a `DrillError` (`notRecovered`) where it does not end with 0. */
export async function ownCommand(
  { drill: { signal }, system: { nodeFlags = [] } }: Pick<RetentionSetup, "drill" | "system">,
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { status, stdout, stderr } = await runCommand(
    process.execPath,
    [...nodeFlags, join(packageRoot(), "bin", "falkordrill.js"), ...words],
    { timeoutMs: commandTimeoutMs, signal, env: { ...helperEnvironment(), ...env } },
  );
  if (status === 0) return stdout;
  const name = words.slice(0, 2).join(" ");
  throw new DrillError(`${name} ended with ${status ?? "a signal"}: ${stderr.trim()}`, { exit: "notRecovered" });
}
