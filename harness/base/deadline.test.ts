import { expect, it } from "vitest";
import { endedBy } from "./deadline.ts";

const never = new Promise<never>(() => {});

it("gives what the work gives, also when it ends within the grace after an abort", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const controller = new AbortController();
  const ended = endedBy(promise, controller.signal, 60_000);
  controller.abort(new Error("too late"));
  resolve("done");
  await expect(ended).resolves.toBe("done");
});

it("rejects with the reason when the work ignores the abort, however it was aborted", async () => {
  const reason = new Error("the restore did not end within 5 s");
  const controller = new AbortController();
  const running = endedBy(never, controller.signal, 1);
  controller.abort(reason);
  await expect(running).rejects.toBe(reason);
  await expect(endedBy(never, AbortSignal.abort(reason), 1)).rejects.toBe(reason);
});
