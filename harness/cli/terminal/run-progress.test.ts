import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import type { ScenarioResult } from "../../record/result.ts";
import { RunProgress } from "./run-progress.ts";

function printed(
  isTTY: boolean,
  columns = 100,
): { lines: () => string[]; last: () => string; progress: RunProgress; clock: { ms: number } } {
  const clock = { ms: 0 };
  let text = "";
  const output = { isTTY, columns, write: (more: string) => (text += more) };
  const planned = ["cycle/full", "cycle/wire", "cycle/verify", "cycle/dirty"].map((id) => ({ id, expectedMs: 10_000 }));
  const progress = new RunProgress(planned, output, { nowMs: () => clock.ms, monotonicMs: () => clock.ms });
  const plain = (): string => stripVTControlCharacters(text);
  const lines = (): string[] => plain().trimEnd().split("\n");
  return { lines, last: () => plain().split("\r").at(-1) ?? "", progress, clock };
}

function result(id: string, durationMs: number, change: Partial<ScenarioResult> = {}): ScenarioResult {
  const empty = { findings: [], witnesses: {}, phases: [], notCovered: [] };
  const metrics = { rtoMs: 368 };
  return { id, title: id, verdict: "pass", exit: "pass", durationMs, metrics, replay: "", ...empty, ...change };
}

describe("the progress of a run", () => {
  it("is a line a scenario where it is piped: verdict, how many of all, time, RTO, and about how much is left", () => {
    const { lines, progress, clock } = printed(false);
    using _progress = progress;
    progress.scenario("cycle/full").step("load");
    clock.ms = 10_000;
    progress.ended(result("cycle/full", 10_000));
    progress.scenario("cycle/wire");
    clock.ms = 30_000;
    const finding = {
      code: "node-missing",
      severity: "error",
      subject: "g/A/1",
      message: "gone",
      evidence: {},
    } as const;
    const failed = { verdict: "fail", exit: "dataWrong", findings: [finding] } as const;
    progress.ended(result("cycle/wire", 20_000, failed));
    expect(lines()).toEqual([
      "pass 1/4 cycle/full 10.00 s RTO 368 ms (0:10, about 0:30 left)",
      "fail 2/4 cycle/wire 20.00 s 1 node missing (0:30, about 0:28 left)",
    ]);
  });

  it("says now and then what a long scenario is at where it is piped", () => {
    const { lines, progress, clock } = printed(false);
    using _progress = progress;
    progress.scenario("cycle/full").step("load");
    clock.ms = 31_000;
    progress.tick();
    expect(lines()).toEqual(['running: cycle/full for 31.00 s, now at "load" (0:31, about 0:31 left)']);
  });

  it("is one live line for all that run side by side on a terminal, which share the time that is left", () => {
    const { last, progress, clock } = printed(true, 120);
    using _progress = progress;
    progress.scenario("cycle/full").step("load");
    const wire = progress.scenario("cycle/wire");
    wire.step("stream");
    wire.advance(50, 200);
    clock.ms = 5000;
    progress.tick();
    expect(last()).toMatch(
      /^. 0\/4 {2}0:05, about 0:15 left {2}cycle\/full: load 5.00 s \| cycle\/wire: stream 5.00 s 25 % /,
    );
    // The other one goes on when one has ended.
    progress.ended(result("cycle/full", 5000));
    progress.tick();
    expect(last()).toMatch(/^. 1\/4 .* left {2}cycle\/wire: stream/);
  });

  it("is never wider than the terminal, and sends nothing of a graph to it", () => {
    const { last, progress } = printed(true, 60);
    using _progress = progress;
    progress.scenario("cycle/full").step(`::add-mask::\u001B[2J\n${"x".repeat(200)}`);
    progress.tick();
    expect(last().length).toBeLessThanOrEqual(59);
    expect(last()).toBe(stripVTControlCharacters(last()));
    expect(last()).not.toContain("\n");
  });
});
