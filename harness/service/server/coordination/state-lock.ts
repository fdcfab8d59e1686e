// One service, or one monitor, per state folder: two would write into each other's journal and audit log. The lock is an abstract socket
// of Linux, named by the folder itself and not by one of its paths; the kernel gives it to one process only, and
// releases it when that process ends, however it ends. Without such sockets nothing is locked.
import { once } from "node:events";
import { stat } from "node:fs/promises";
import { createServer } from "node:net";
import { usageError } from "../../../base/errors.ts";

export async function lockState(stateDir: string, what: string = "graph service"): Promise<AsyncDisposable> {
  if (process.platform !== "linux") return { [Symbol.asyncDispose]: async () => {} };
  const { dev, ino } = await stat(stateDir);
  const server = createServer((socket) => socket.destroy());
  server.unref();
  server.listen({ path: `\0falkordrill-${what.replaceAll(" ", "-")}-${dev}-${ino}` });
  try {
    await once(server, "listening");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    throw usageError(`another ${what} uses the state folder ${stateDir}`, "Stop it, or give each a folder of its own.");
  }
  return {
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, "close");
      server.close();
      await closed;
    },
  };
}
