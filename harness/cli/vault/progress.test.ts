// The lines of a command, from which the log of a monitor shows how far it is.
import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { linePrinter } from "./progress.ts";

it("says how far a step is, every ten seconds, in percent where the whole is known", () => {
  let nowMs = 0;
  const to = new PassThrough();
  const progress = linePrinter(to, { nowMs: () => nowMs, monotonicMs: () => nowMs });
  progress.step("stream");
  for (const second of [1, 9, 10, 15, 20]) {
    nowMs = 1000 * second;
    progress.advance(second * 2 ** 20, undefined, "bytes");
  }
  progress.step("replay");
  for (const second of [29, 30, 31, 45]) {
    nowMs = 1000 * second;
    progress.advance(second, 60, "items");
  }
  expect(String(to.read())).toBe(
    "stream ...\nstream ... 10.0 MiB\nstream ... 20.0 MiB\nreplay ...\nreplay ... 50 %\nreplay ... 75 %\n",
  );
});
