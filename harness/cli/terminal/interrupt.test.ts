import { expect, it } from "vitest";
import { interruptible } from "./interrupt.ts";

it("a command that SIGTERM ends is interrupted, and not faulty", async () => {
  const work = interruptible((signal) => {
    process.emit("SIGTERM", "SIGTERM");
    return Promise.reject(new Error("the connection is closed", { cause: signal.reason }));
  });
  await expect(work).rejects.toMatchObject({ exit: "interrupted", message: "interrupted by SIGTERM" });
  await expect(interruptible(() => Promise.reject(new Error("a fault")))).rejects.toThrow(/^a fault$/);
});
