import { connect } from "../../falkordb/client/connection.ts";
import { errorMessage } from "../../base/errors.ts";
import { defineFault, type FaultKind } from "../fault.ts";
import { notOwned } from "./engine-process.ts";

const silentMs = 100;

export const stopEngine: FaultKind = defineFault({
  name: "stop-engine",
  about: "stops the server (SIGSTOP), which keeps its connections and answers nothing until it goes on (SIGCONT)",
  needs: ["server"],
  injected: "while-running",
  strengthOf: () => ({}),
  unavailable: ({ server }) => notOwned(server),
  inject: async ({ server }, _, undo) => {
    if (server === undefined) return () => ({ fired: false });
    undo.defer(() => server.resume());
    await server.pause();
    const options = { timeoutMs: silentMs, commandTimeoutMs: silentMs };
    const answer = await connect(server.endpoint, options).then(
      async (connection) => {
        await connection[Symbol.asyncDispose]();
        return undefined;
      },
      (error: unknown) => errorMessage(error),
    );
    return () => ({ fired: answer !== undefined, detail: { answer: answer ?? "it answers" } });
  },
});
