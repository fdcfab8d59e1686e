// Two executables with which a restore program stops and starts the server that it restores into. They ask the drill
// over a Unix socket, because the drill has to know that the server's end is intended.
import { chmod, writeFile } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { explanationOf } from "../../base/errors.ts";
import { shellWord } from "../../base/invocation.ts";
import { privateFolder } from "../../base/process/reaper.ts";
import type { Engine } from "../../engine/engine.ts";

export interface ServerControl extends AsyncDisposable {
  /** Paths of the executables. */
  readonly stop: string;
  readonly start: string;
  /** Why the server does not run, as far as these two know: it was only stopped, or the last start failed. */
  readonly problem: string | undefined;
}

/** `timeoutMs`: deadline of a start. */
export async function serverControl(engine: Engine, timeoutMs: number, signal: AbortSignal): Promise<ServerControl> {
  const folder = await privateFolder("server-control");
  const path = join(folder.path, "control.sock");
  let problem: string | undefined;
  let turn: Promise<void> = Promise.resolve();
  const perform = async (verb: string): Promise<string> => {
    try {
      if (verb === "stop") await engine.stop();
      else await engine.restart({ timeoutMs, signal });
      problem = verb === "stop" ? "the program stopped it and did not start it again" : undefined;
      return "ok";
    } catch (error) {
      problem = explanationOf(error);
      return problem;
    }
  };
  const inTurn = async (before: Promise<void>, verb: string, socket: Socket): Promise<void> => {
    await before;
    socket.end(await perform(verb));
  };
  const answer = (socket: Socket): void => {
    // The program may be killed while it waits for the answer.
    socket.on("error", () => {});
    socket.once("data", (data) => {
      const verb = data.toString("utf8").trim();
      turn = inTurn(turn, verb, socket);
    });
  };
  const server = createServer(answer);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  await chmod(path, 0o600);
  const client = join(
    import.meta.dirname,
    `server-control-client.${import.meta.filename.endsWith(".ts") ? "ts" : "js"}`,
  );
  const executable = async (verb: "stop" | "start"): Promise<string> => {
    const file = join(folder.path, `${verb}-server`);
    const words = [process.execPath, client, path, verb].map(shellWord);
    await writeFile(file, `#!/bin/sh\nexec ${words.join(" ")}\n`, { mode: 0o700 });
    return file;
  };
  return {
    stop: await executable("stop"),
    start: await executable("start"),
    get problem() {
      return problem;
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
      await turn;
      await folder[Symbol.asyncDispose]();
    },
  };
}
