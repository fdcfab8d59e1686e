import { expect, it, vi } from "vitest";
import { interruptible } from "./interrupt.ts";

it("a command that SIGTERM ends is interrupted, and not faulty", async () => {
  const work = interruptible((signal) => {
    process.emit("SIGTERM", "SIGTERM");
    return Promise.reject(new Error("the connection is closed", { cause: signal.reason }));
  });
  await expect(work).rejects.toMatchObject({ exit: "interrupted", message: "interrupted by SIGTERM" });
  await expect(interruptible(() => Promise.reject(new Error("a fault")))).rejects.toThrow(/^a fault$/);
});

it.each([
  ["a second signal", () => process.emit("SIGTERM", "SIGTERM"), "SIGTERM"],
  ["the end of its time", () => vi.advanceTimersByTime(60_000), "after 60.00 s"],
])("a command that is left at once, by %s, says what may be left", async (_, leave, why) => {
  vi.useFakeTimers();
  const exit = vi.spyOn(process, "exit").mockImplementation(() => undefined as never);
  const said = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  await interruptible(
    () => {
      process.emit("SIGINT", "SIGINT");
      vi.advanceTimersByTime(59_000);
      expect(exit).not.toHaveBeenCalled();
      leave();
      return Promise.resolve();
    },
    { graceMs: 60_000, onLeft: "The server may refuse writes." },
  );
  expect(exit).toHaveBeenCalledWith(130);
  expect(said).toHaveBeenCalledWith(`${why}: left before it had cleaned up. The server may refuse writes.\n`);
  vi.restoreAllMocks();
  vi.useRealTimers();
});
