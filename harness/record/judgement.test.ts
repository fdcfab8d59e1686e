// Which witnesses of a judgement count for a scenario (those of the target, and one of the source), and that every kind of
// judgement is stored whole: judged again, it says the same.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { madeObservation, sampleExpectation as expectation } from "../check/testing/sample-observation.ts";
import { judgeMomentOf } from "../check/history/moments.ts";
import type { WriteRecord } from "../workload/history/history.ts";
import { openDrillHistory, readDrillHistoryInBatches } from "./drill-history.ts";
import {
  judgeAndStore,
  judgeMomentAndStore,
  judgementSchema,
  judgementsFile,
  judgePauseAndStore,
  judgeStored,
  judgeStoredAndRecord,
} from "./judgement.ts";
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
  expect(await judgedAgain(directory)).toEqual(findings);
});

const backup = { fromMs: 90, toMs: 200 };
const acknowledged: WriteRecord = {
  writer: "w",
  sequence: 0,
  attempt: 0,
  kind: "counter",
  graph: "g",
  uuid: "u",
  invokedMs: 80,
  completedMs: 85,
  outcome: "ok",
};

type Place = Parameters<typeof judgeMomentAndStore>[0];
const kinds: Record<string, [code: string, judge: (place: Place) => Promise<void> | void]> = {
  moment: [
    "counter-differs",
    async (place) => {
      const state = { kind: "counter", values: [[0, 7]] } as const;
      const graphs = [{ graph: "g", traces: { w: [[0, 0]] as const }, twice: [], state }];
      const evidence = { seed: 3, cut: backup, backup, disasterMs: null, graphs };
      const history = () => readDrillHistoryInBatches(place.directory, place.record.id);
      judgeMomentAndStore(place, "target", { evidence, judgement: await judgeMomentOf(history, evidence) });
    },
  ],
  pause: [
    "pause-missing",
    (place) =>
      judgePauseAndStore(place, "target", { backup, asked: [], logged: [], stateAfter: "open", groups: ["g"] }),
  ],
  stored: [
    "stored-nothing-encrypted",
    (place) => judgeStoredAndRecord(place, "target", { files: [], recipients: [], canaries: 0 }),
  ],
};

it.each(Object.entries(kinds))("of a %s is judged again by its own kind", async (kind, [code, judge]) => {
  const directory = RunDirectory.create(join(folder, kind));
  const record = new ScenarioRecord("cycle/full", directory);
  {
    using history = openDrillHistory(directory, record.id);
    history.record(acknowledged);
  }
  await judge({ directory, record });
  const { findings } = record.result();
  expect(findings.map((finding) => finding.code)).toContain(code);
  expect(await judgedAgain(directory)).toEqual(findings);
});

it("of another kind than its files is refused", async () => {
  const directory = RunDirectory.create(join(folder, "exchanged"));
  const record = new ScenarioRecord("cycle/full", directory);
  judgeStoredAndRecord({ directory, record }, "target", { files: [], recipients: [], canaries: 0 });
  const [stored] = await readJsonLines(directory.file(judgementsFile), judgementSchema);
  if (stored === undefined || stored.kind === "content") throw new Error("nothing was stored");
  await expect(judgeStored(directory, { ...stored, kind: "canaries" })).rejects.toThrow(
    "target of cycle/full is not what this version of falkordrill writes",
  );
});

/** Findings of every stored judgement. */
async function judgedAgain(directory: RunDirectory): Promise<readonly object[]> {
  const stored = await readJsonLines(directory.file(judgementsFile), judgementSchema);
  return (await Promise.all(stored.map((one) => judgeStored(directory, one)))).flat();
}
