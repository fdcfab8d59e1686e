import { describe, expect, it, vi } from "vitest";
import { EngineEndedError } from "./load-failure.ts";
import { EngineStalledError, loadDespiteStall, stallWatch } from "./stall-watch.ts";

interface Watched {
  readonly server: { usedMs: number | undefined; seen: string[] };
  readonly clock: { ms: number };
  readonly look: () => Promise<EngineStalledError | undefined>;
}

function watched(stallMs: number): Watched {
  const server: Watched["server"] = { usedMs: 10, seen: ["7 redis-server S futex_wait_queue"] };
  const clock = { ms: 0 };
  const look = stallWatch({
    name: "engine",
    server: { cpuMs: () => server.usedMs, threads: () => Promise.resolve(server.seen) },
    stallMs,
    clock: { nowMs: () => clock.ms, monotonicMs: () => clock.ms },
  });
  return { server, clock, look };
}

describe("the stall watch", () => {
  it("is silent as long as processor time is used", async () => {
    const { server, clock, look } = watched(100);
    for (clock.ms = 0; clock.ms < 1000; clock.ms += 90) {
      server.usedMs = clock.ms;
      expect(await look()).toBeUndefined();
    }
  });
  it("speaks when hardly any is used for long enough, and says for how long", async () => {
    const { server, clock, look } = watched(20_000);
    clock.ms = 19_999;
    // A clock in the server ticks on.
    server.usedMs = 20;
    expect(await look()).toBeUndefined();
    clock.ms = 21_000;
    expect((await look())?.message).toBe(
      "engine stalled before it was ready: it has used no processor time for 21 s; its threads: 7 redis-server S futex_wait_queue",
    );
  });
  it("never reports a stall where the processor time is unknown", async () => {
    const { server, clock, look } = watched(10);
    server.usedMs = undefined;
    clock.ms = 1000;
    expect(await look()).toBeUndefined();
  });
  it.each([
    ["a processor", "7 redis-server R 0"],
    ["a disk", "7 redis-server D folio_wait_bit_common"],
    ["its snapshot, from a pipe", "7 redis-server S anon_pipe_read"],
    ["somebody to open its pipe", "7 redis-server S wait_for_partner"],
  ])("is silent as long as a thread waits for %s", async (_, thread) => {
    const { server, clock, look } = watched(100);
    clock.ms = 1000;
    server.seen.push(thread);
    expect(await look()).toBeUndefined();
    server.seen.pop();
    expect(await look()).toBeInstanceOf(EngineStalledError);
  });
});

describe("a load despite a stall", () => {
  const stalled = new EngineStalledError("the engine stalled", { exit: "notRecovered" });

  it("is made once more, and says so", async () => {
    const load = vi.fn<() => Promise<string>>().mockRejectedValueOnce(stalled).mockResolvedValueOnce("loaded");
    const notes: string[] = [];
    expect(await loadDespiteStall(load, (line) => notes.push(line))).toBe("loaded");
    expect(notes).toEqual(["the engine stalled; loading once more"]);
  });
  it("fails with a second stall, and at once with everything else", async () => {
    const load = vi.fn<() => Promise<string>>().mockRejectedValue(stalled);
    await expect(loadDespiteStall(load, () => {})).rejects.toBe(stalled);
    expect(load).toHaveBeenCalledTimes(2);
    const ended = new EngineEndedError("the engine ended", "The dump is damaged.", "data");
    const other = vi.fn<() => Promise<string>>().mockRejectedValue(ended);
    await expect(loadDespiteStall(other, () => {})).rejects.toBe(ended);
    expect(other).toHaveBeenCalledTimes(1);
  });
});
