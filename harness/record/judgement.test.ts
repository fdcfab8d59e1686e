// Which witnesses of a judgement count for a scenario: those of the target, and one of the source.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { madeObservation, sampleExpectation as expectation } from "../check/testing/sample-observation.ts";
import { judgeAndStore, judgementSchema, judgementsFile, judgeStored } from "./judgement.ts";
import { ScenarioRecord } from "./record.ts";
import { readJsonLines, RunDirectory } from "./run-directory.ts";

const folder = mkdtempSync(join(tmpdir(), "falkordrill-judgement-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function judged(subject: string, name: string): { record: ScenarioRecord; directory: RunDirectory } {
  const directory = RunDirectory.create(join(folder, name));
  const record = new ScenarioRecord("cycle/full", directory);
  const before = madeObservation((_, all) => Object.assign(all, { role: "source" }));
  record.observation("before", before);
  const observation = madeObservation((graph, all) => {
    Object.assign(graph.counted, { nodes: 1 });
    Object.assign(all, { role: subject === "target" ? "target" : "source" });
  });
  judgeAndStore(
    { directory, record },
    { subject, expectation, observation, baseline: { name: "before", observation: before } },
  );
  return { record, directory };
}

it("of a target all count", () => {
  expect(judged("target", "target").record.result().witnesses).toMatchObject({ nodesCompared: expect.any(Number) });
});

it("of a source only that its graphs were compared", () => {
  expect(Object.keys(judged("source-after", "source").record.result().witnesses)).toEqual(["sourceGraphsCompared"]);
  expect(Object.keys(judged("at-target", "named").record.result().witnesses)).toEqual(["sourceGraphsCompared"]);
});

it("is judged again to the same findings, which name it", async () => {
  const { record, directory } = judged("target", "again");
  const { findings } = record.result();
  expect(findings.map(({ judgement }) => judgement)).toEqual(findings.map(() => "target"));
  expect(findings).not.toEqual([]);
  const [stored] = await readJsonLines(join(folder, "again", judgementsFile), judgementSchema);
  if (stored === undefined) throw new Error("nothing was stored");
  expect(await judgeStored(directory, stored)).toEqual(findings);
});
