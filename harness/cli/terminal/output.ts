// stdout and stderr may close while we write (`| head`), or their disk may be full (`> /dev/full`). Neither is a bug
// here: the first ends quietly, the second is reported and fails the command.
import { exitCodes, errorMessage } from "../../base/errors.ts";
import { explainSystemError } from "../../base/system-error.ts";

let isGuarded = false;

/** Installs the handlers for the whole process; call once. */
export function guardOutput(): void {
  if (isGuarded) return;
  isGuarded = true;
  let hasFailed = false;
  const onError = (name: "stdout" | "stderr", error: NodeJS.ErrnoException): void => {
    // The reader closed the pipe; the work continues and its exit code counts.
    if (error.code === "EPIPE" || hasFailed) return;
    hasFailed = true;
    const why = errorMessage(explainSystemError(error) ?? error);
    if (name === "stdout") process.stderr.write(`error: the result could not be written to stdout: ${why}\n`);
  };
  process.stdout.on("error", (error) => onError("stdout", error));
  process.stderr.on("error", (error) => onError("stderr", error));
  process.on("exit", (code) => {
    if (hasFailed && code === exitCodes.pass) process.exitCode = exitCodes.environment;
  });
}
