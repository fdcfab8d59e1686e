import { expect, test } from "vitest";
import type { WriteRecord } from "./history.ts";
import { throughput } from "./throughput.ts";

const write = (completedMs: number, outcome: WriteRecord["outcome"] = "ok"): WriteRecord => {
  const name = { writer: "w", sequence: 0, attempt: 0, kind: "counter", graph: "g", uuid: "u" };
  return { ...name, invokedMs: completedMs - 10, completedMs, outcome };
};

test("acknowledged writes are counted in the window in which they were acknowledged", () => {
  const history = [10, 20, 30, 40, 150, 160, 260, 270, 280, 290, 500].map((at) => write(at));
  const rates = throughput([...history, write(155, "refused")], { fromMs: 100, toMs: 200 }, 300);
  expect(rates).toEqual({ before: 40, during: 20, after: 40, whole: 10_000 / 300 });
});

test("no writes are no throughput", () => {
  expect(throughput([], { fromMs: 0, toMs: 100 })).toEqual({ before: 0, during: 0, after: 0, whole: 0 });
});
