import { stripVTControlCharacters } from "node:util";
import { expect, it } from "vitest";
import { CountProgress } from "./count-progress.ts";

it("is one line for each piece that ended, which holds nothing of a graph that a terminal obeys", () => {
  let text = "";
  const clock = { ms: 0 };
  const output = { columns: 80, write: (more: string) => (text += more) };
  const progress = new CountProgress(4, output, { nowMs: () => clock.ms, monotonicMs: () => clock.ms });
  clock.ms = 35_000;
  progress.ended({ word: "killed", isGood: true, name: "values/null", ms: 2900, about: "node-changed a\n\u001B[2J" });
  clock.ms = 70_000;
  progress.ended({ word: "survived", isGood: false, name: "x".repeat(90), ms: 1000 });
  const lines = stripVTControlCharacters(text).trimEnd().split("\n");
  expect(lines[0]).toMatch(/^killed 1\/4 values\/null 2\.90 s node-changed a\\n\S* \(0:35, about 1:45 left\)$/);
  expect(lines[1]).toMatch(/^survived 2\/4 x+ \(1:10, about 1:10 left\)$/);
  expect(lines.every((line) => line.length < 80)).toBe(true);
});
