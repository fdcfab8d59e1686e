import { describe, expect, it } from "vitest";
import { DrillError } from "./errors.ts";
import { systemClock } from "./clock.ts";
import { FatalProbeError, overOneConnection, waitFor } from "./wait.ts";

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
    await expect(wait).rejects.toThrow(/timed out after \d+ ms waiting for the thing \(last error: refused\)/);
    await expect(wait).rejects.toBeInstanceOf(DrillError);
  });
  it("ends at once when the probe says that it is hopeless", async () => {
    const dead = new Error("the process has crashed");
    await expect(waitFor(() => Promise.reject(new FatalProbeError(dead)), { ...fast, timeoutMs: 60_000 })).rejects.toBe(
      dead,
    );
  });
  it("ends at once when the only connection is lost", async () => {
    const lost = new Error("the connection is lost");
    const probe = overOneConnection(() => Promise.reject(lost));
    await expect(waitFor(probe, { ...fast, timeoutMs: 60_000 })).rejects.toBe(lost);
  });
  it("ends a probe that never answers, and says so", async () => {
    const wait = waitFor(() => new Promise<never>(() => {}), { ...fast, exit: "environment" });
    await expect(wait).rejects.toMatchObject({ exit: "environment", message: expect.stringMatching(/no answer/) });
  });
  it("throws a bug of the program at once; a wait without an exit reason fails as an internal error", async () => {
    const mistake = new TypeError("undefined is not a function");
    await expect(waitFor(() => Promise.reject(mistake), { ...fast, timeoutMs: 60_000 })).rejects.toBe(mistake);
    await expect(waitFor(() => undefined, fast)).rejects.toMatchObject({ exit: "internal" });
  });
  it("ends with the reason of an abort in the middle, not with a bare AbortError", async () => {
    const controller = new AbortController();
    const reason = new DrillError("the scenario did not end within 600 s", { exit: "inconclusive" });
    const wait = waitFor(
      () => {
        controller.abort(reason);
        return undefined;
      },
      { ...fast, timeoutMs: 60_000, intervalMs: 60_000, signal: controller.signal },
    );
    await expect(wait).rejects.toBe(reason);
  });
  it("ends at once when it is aborted", async () => {
    const signal = AbortSignal.abort(new Error("stop"));
    await expect(waitFor(() => undefined, { ...fast, timeoutMs: 60_000, signal })).rejects.toThrow("stop");
  });
});
