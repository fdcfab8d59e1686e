import { expect, test } from "vitest";
import type { WriteOutcome, WriteRecord } from "./history.ts";
import { summarize } from "./summary.ts";

function line(
  writer: string,
  sequence: number,
  attempt: number,
  [invokedMs, completedMs]: readonly [number, number],
  outcome: WriteOutcome = "ok",
): WriteRecord {
  return {
    writer,
    sequence,
    attempt,
    kind: "episode",
    invokedMs,
    completedMs,
    outcome,
    graph: "g",
    uuid: `${writer}-${sequence}`,
  };
}

test("nothing written is all zeros", async () => {
  expect(await summarize([])).toMatchObject({ acked: 0, maxHeldMs: 0, p99Ms: 0, elapsedMs: 0, ackedPerSecond: 0 });
});

test("a held write counts from its first attempt to its acknowledgement", async () => {
  const summary = await summarize([
    line("a", 0, 0, [0, 10]),
    line("b", 0, 0, [0, 30]),
    line("a", 1, 0, [10, 11], "refused"),
    line("a", 1, 1, [40, 41], "refused"),
    line("b", 1, 0, [30, 31], "unknown"),
    line("a", 1, 2, [70, 90]),
    line("b", 2, 0, [90, 100]),
  ]);
  expect(summary).toEqual({
    acked: 4,
    refused: 2,
    failed: 0,
    unknown: 1,
    maxHeldMs: 80,
    holdsMs: [80],
    pausesMs: [60],
    p50Ms: expect.closeTo(30, 0) as number,
    p99Ms: 80,
    elapsedMs: 100,
    ackedPerSecond: 40,
  });
});

test("a write given up while it was held does not count as held", async () => {
  const summary = await summarize([line("a", 0, 0, [0, 1], "refused"), line("a", 1, 0, [500, 505])]);
  expect(summary.holdsMs).toEqual([]);
  expect(summary.maxHeldMs).toBe(5);
});
