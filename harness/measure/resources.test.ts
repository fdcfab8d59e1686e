import { describe, expect, it, vi } from "vitest";
import type { Engine, EngineProvider } from "../engine/engine.ts";
import { type ResourceSample, watchResources } from "./resources.ts";

const clock = { nowMs: () => 0, monotonicMs: () => 7 };

/** Engines whose sizes a test sets; the engines' conformance suite tests reading real ones. */
function provider(sizes: Record<string, () => Promise<number>>): EngineProvider {
  return {
    kind: "embedded",
    unavailable: () => Promise.resolve(undefined),
    start: ({ name = "engine" } = {}) =>
      Promise.resolve({ name, rssBytes: sizes[name] ?? (() => Promise.resolve(1)) } as Engine),
  };
}

describe("the watch on resources", () => {
  it("records the harness and the engines that were started through it", async () => {
    const samples: ResourceSample[] = [];
    const sizes = { source: () => Promise.resolve(5), target: () => Promise.reject(new Error("it was killed")) };
    await using watch = watchResources(provider(sizes), (sample) => samples.push(sample), clock);
    await watch.sample();
    await watch.engines.start({ name: "source" });
    await watch.engines.start({ name: "target" });
    await watch.sample();
    expect(samples.map(({ atMs, rssBytes }) => [atMs, Object.keys(rssBytes)])).toEqual([
      [7, ["harness"]],
      [7, ["harness", "source"]],
    ]);
    expect(samples[1]?.rssBytes["source"]).toBe(5);
    expect(samples[1]?.rssBytes["harness"]).toBeGreaterThan(10 * 2 ** 20);
  });

  it("samples less and less often in a long run, never twice at once, and not after its end", async () => {
    vi.useFakeTimers();
    try {
      let looks = 0;
      {
        await using watch = watchResources(provider({}), () => (looks += 1), clock);
        await vi.advanceTimersByTimeAsync(24 * 3600_000);
        expect(watch.engines.kind).toBe("embedded");
      }
      expect(looks).toBeGreaterThan(600);
      expect(looks).toBeLessThan(6000);
      const before = looks;
      await vi.advanceTimersByTimeAsync(3600_000);
      expect(looks).toBe(before);
    } finally {
      vi.useRealTimers();
    }
  });
});
