import { expect, it } from "vitest";
import { judgeSourceHeld } from "./source-held.ts";

it("finds a graph that a backup removed or emptied, and lets writers empty a small one of theirs", () => {
  const before = new Map([
    ["team", 300],
    ["other", 300],
    ["churn", 7],
    ["same", 300],
  ]);
  const after = new Map([
    ["other", 0],
    ["churn", 0],
    ["same", 250],
    ["new", 1],
  ]);
  const findings = judgeSourceHeld(before, after);
  expect(findings.map(({ subject, code, message }) => [subject, code, message])).toEqual([
    ["team", "source-changed", "after the backup the graph is not there on the source; before it had 300 nodes"],
    ["other", "source-changed", "after the backup the graph is empty on the source; before it had 300 nodes"],
  ]);
});
