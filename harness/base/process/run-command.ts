// Runs a small system command to its end, with a deadline, and returns its output.
import { execFile } from "node:child_process";
import { helperEnvironment } from "../environment.ts";

export interface CommandResult {
  /** Exit status; undefined when it could not be started or was ended by a signal. */
  readonly status: number | undefined;
  readonly stdout: string;
  /** The command's stderr, or the reason why it did not run. */
  readonly stderr: string;
}

export interface CommandOptions {
  readonly timeoutMs: number;
  readonly cwd?: string;
  readonly signal?: AbortSignal | undefined;
  readonly argv0?: string;
  /** Text for the command's stdin. */
  readonly input?: string;
  /** The command's whole environment; by default that of this process without secrets. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Never rejects: a command that cannot run is a result like any other. */
export function runCommand(command: string, args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const { timeoutMs, input, ...rest } = options;
  return new Promise((resolve) => {
    const child = execFile(
      command,
      [...args],
      { env: helperEnvironment(), ...rest, timeout: timeoutMs, killSignal: "SIGKILL", maxBuffer: 2 ** 24 },
      (error, stdout, stderr) => {
        const status = error === null ? 0 : typeof error.code === "number" ? error.code : undefined;
        const reason = error !== null && stderr === "" ? error.message : stderr;
        resolve({ status, stdout, stderr: reason });
      },
    );
    // A command that ends without reading its stdin is not an error.
    child.stdin?.on("error", () => {});
    if (input !== undefined) child.stdin?.end(input);
  });
}
