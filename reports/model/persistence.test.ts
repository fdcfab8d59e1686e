import { expect, test } from "vitest";
import { alignedLines, markdownLines, persistenceTable } from "./persistence.ts";
import { sampleRun } from "../testing/sample-run.ts";

const [sample] = sampleRun.scenarios;
if (sample === undefined) throw new Error("the sample run has no scenario");
const scenario = (id: string, metrics: Record<string, number>): typeof sample => ({ ...sample, id, metrics });

const always = scenario("persistence/aof-always", {
  killedRpoWrites: 0,
  killedRpoMs: 0,
  killedRtoMs: 400,
  volumeGoneRpoWrites: 8762,
  volumeGoneRpoMs: 21_945,
  bareWritesPerSecond: 2000,
  protectedWritesPerSecond: 500,
});

test("one row a mode: what is lost, when it is back, what it costs; and what was not measured says so", () => {
  const table = persistenceTable([sample, always, scenario("persistence/rdb-save-points", { savePointSeconds: 60 })]);
  expect(table?.rows).toEqual([
    ["aof-always", "nothing; 400 ms", "not covered", "everything (8,762 writes, 21.95 s), never", "500 (25 %)"],
    ["rdb-save-points (every 60 s)", "not covered", "not covered", "not covered", "not measured"],
  ]);
});

test("a server that came back only after its files were mended says so", () => {
  const lost = { powerLossRpoWrites: 12, powerLossRpoMs: 700, powerLossRtoMs: 2000, aofTailCutBytes: 800 };
  const table = persistenceTable([scenario("persistence/aof-everysec", lost)]);
  expect(table?.rows[0]?.[2]).toBe("12 writes, 700 ms; 2.00 s, with redis-check-aof --fix");
});

test("a run without the group has no such table", () => {
  expect(persistenceTable([sample])).toBeUndefined();
});

test("it is aligned for a terminal, and a table in Markdown", () => {
  const table = persistenceTable([always]);
  if (table === undefined) throw new Error("there is a table");
  const [head, row] = alignedLines(table);
  expect(head?.indexOf("process killed")).toBe(row?.indexOf("nothing"));
  expect(markdownLines(table)[1]).toBe("| --- | --- | --- | --- | --- |");
});
