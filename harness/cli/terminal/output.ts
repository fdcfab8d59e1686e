// stdout and stderr may close while we write (`| head`), or their disk may be full (`> /dev/full`). Neither is a fault of
// ours: the first ends quietly, the second is said, and is not a success.
import { exitCodes, errorMessage } from "../../base/errors.ts";
import { explainSystemError } from "../../base/system-error.ts";

let isGuarded = false;

/** For the whole process, once. */
export function guardOutput(): void {
  if (isGuarded) return;
  isGuarded = true;
  let hasFailed = false;
  const onError = (name: "stdout" | "stderr", error: NodeJS.ErrnoException): void => {
    // Whoever read it has seen enough; the work goes on and its exit code counts.
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
