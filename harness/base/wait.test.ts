import { describe, expect, it } from "vitest";
import { DrillError } from "./errors.ts";
import { systemClock } from "./clock.ts";
import { FatalProbeError, waitFor } from "./wait.ts";

const fast = { what: "the thing", timeoutMs: 30, intervalMs: 1 };

describe("waitFor", () => {
  it("gives what the probe finds", async () => {
    let calls = 0;
    expect(await waitFor(() => (++calls === 3 ? "found" : undefined), { ...fast, timeoutMs: 60_000 })).toBe("found");
  });
  it("asks ever more rarely where that is wanted", async () => {
    const calls: number[] = [];
    const clock = { nowMs: () => 0, monotonicMs: () => calls.length * 1000 };
    const startedMs = systemClock.monotonicMs();
    await waitFor(() => (calls.push(systemClock.monotonicMs() - startedMs) === 4 ? true : undefined), {
      what: "x",
      timeoutMs: 60_000,
      intervalMs: 1,
      intervalMaxMs: 30,
      clock,
    });
    expect(calls[3]).toBeGreaterThan(55);
  });
  it("names what it waited for, and the last error", async () => {
    const wait = waitFor(() => Promise.reject(new Error("refused")), fast);
    await expect(wait).rejects.toThrow(/waited \d+ ms for the thing, in vain \(last error: refused\)/);
    await expect(wait).rejects.toBeInstanceOf(DrillError);
  });
  it("ends at once when the probe says that it is hopeless", async () => {
    const dead = new Error("the process has died");
    await expect(waitFor(() => Promise.reject(new FatalProbeError(dead)), { ...fast, timeoutMs: 60_000 })).rejects.toBe(
      dead,
    );
  });
  it("ends at once when it is aborted", async () => {
    const signal = AbortSignal.abort(new Error("stop"));
    await expect(waitFor(() => undefined, { ...fast, timeoutMs: 60_000, signal })).rejects.toThrow("stop");
  });
});
