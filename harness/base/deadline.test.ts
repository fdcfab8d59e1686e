import { expect, it } from "vitest";
import { endedBy, within } from "./deadline.ts";

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

it("names what has no answer in time, and leaves every other error as it is", async () => {
  await expect(within("the container to start", 5, never)).rejects.toMatchObject({
    message: "timed out after 5 ms waiting for the container to start",
    exit: "environment",
  });
  const refused = new Error("no such container");
  await expect(within("the container to start", 60_000, Promise.reject(refused))).rejects.toBe(refused);
});
