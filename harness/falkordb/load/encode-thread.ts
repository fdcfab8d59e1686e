// The worker of encode-graph.ts: rebuilds the plan from its source, and generates and encodes it into shared memory.
import { parentPort, workerData } from "node:worker_threads";
import { errorMessage } from "../../base/errors.ts";
import { planOf } from "../../../generators/dataset.ts";
import type { PlanSource } from "../../../generators/model.ts";
import { encodeHere } from "./bulk-load.ts";
import type { FromThread, ToThread } from "./encode-graph.ts";

const port = parentPort;
const waiting = new Map<number, () => void>();
let lastId = 0;

function say(message: FromThread): void {
  port?.postMessage(message);
}

/** Resolves when the other side has answered. */
function ask(message: (id: number) => FromThread): Promise<void> {
  const id = ++lastId;
  const { promise, resolve } = Promise.withResolvers<void>();
  waiting.set(id, resolve);
  say(message(id));
  return promise;
}

port?.on("message", ({ id }: ToThread) => {
  waiting.get(id)?.();
  waiting.delete(id);
});

try {
  const encoded = await encodeHere(
    planOf(workerData as PlanSource),
    (batch) => ask((id) => ({ type: "batch", id, batch })),
    {
      vectors: (pending) => ask((id) => ({ type: "vectors", id, pending })),
      allocate: (bytes) => Buffer.from(new SharedArrayBuffer(bytes)),
    },
  );
  say({ type: "done", encoded });
} catch (error) {
  say({ type: "failed", message: errorMessage(error) });
}
