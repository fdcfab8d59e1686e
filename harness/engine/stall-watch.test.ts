import { describe, expect, it } from "vitest";
import { stallWatch } from "./stall-watch.ts";

function watched(stallMs: number): {
  server: { cpuMs: number | undefined };
  clock: { ms: number };
  look: () => unknown;
} {
  const server: { cpuMs: number | undefined } = { cpuMs: 10 };
  const clock = { ms: 0 };
  const look = stallWatch({
    name: "engine",
    cpuMs: () => server.cpuMs,
    stallMs,
    clock: { nowMs: () => clock.ms, monotonicMs: () => clock.ms },
  });
  return { server, clock, look };
}

describe("the stall watch", () => {
  it("is silent as long as processor time is used", () => {
    const { server, clock, look } = watched(100);
    for (clock.ms = 0; clock.ms < 1000; clock.ms += 90) {
      server.cpuMs = clock.ms;
      expect(look()).toBeUndefined();
    }
  });
  it("speaks when none is used for long enough, and says for how long", () => {
    const { clock, look } = watched(20_000);
    clock.ms = 19_999;
    expect(look()).toBeUndefined();
    clock.ms = 21_000;
    expect(look()).toMatchObject({
      message: "engine stalled before it was ready: it has used no processor time for 21 s",
    });
  });
  it("never speaks where nobody can tell", () => {
    const { server, clock, look } = watched(10);
    server.cpuMs = undefined;
    clock.ms = 1000;
    expect(look()).toBeUndefined();
  });
});
