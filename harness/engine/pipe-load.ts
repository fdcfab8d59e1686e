// Starts a server from a named pipe, with a workaround for the second time that redis opens the file.
import { constants, open, rm } from "node:fs/promises";
import { waitFor } from "../base/wait.ts";

export interface PipeLoad {
  /** The pipe as the caller named it. */
  readonly pipe: string;
  /** Path of the pipe in the data folder. */
  readonly link: string;
  readonly starting: Promise<void>;
  readonly timeoutMs: number;
  /** Returns the server's log so far. */
  readonly logs: () => Promise<string>;
}

/**
 * After loading, redis opens the RDB once more, only to drop it from the page cache, and with a pipe it would block
 * there forever. So the name is removed as soon as the log reports the end of the load, and a server that was faster
 * is unblocked by a writer that opens and closes the pipe.
 */
export async function loadFromPipe({ pipe, link, starting, timeoutMs, logs }: PipeLoad): Promise<void> {
  let isStarting = true;
  const settle = (): void => {
    isStarting = false;
  };
  starting.then(settle, settle);
  const letGo = async (): Promise<true | undefined> => {
    if (!isStarting) return true;
    if (!(await logs()).includes("Done loading RDB")) return undefined;
    await rm(link, { force: true });
    // Opening fails where no reader waits, which is the usual case.
    await open(pipe, constants.O_WRONLY | constants.O_NONBLOCK).then(
      (file) => file.close(),
      () => {},
    );
    return undefined;
  };
  await waitFor(letGo, { what: "the load from a pipe to end", timeoutMs: timeoutMs + 60_000, exit: "environment" });
  await rm(link, { force: true });
  await starting;
}
