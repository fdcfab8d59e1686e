// What a monitor says of drills, from their run directories alone.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { judgeDrill, schemaVersion, type ScenarioResult } from "../record/result.ts";
import { RunDirectory, runSchemaVersion } from "../record/run-directory.ts";
import { canariesSubject } from "../record/canaries.ts";
import { scrape, type Scraped } from "./testing/scrape.ts";

const runs = await mkdtemp(join(tmpdir(), "falkordrill-monitor-runs-"));
afterAll(() => rm(runs, { recursive: true }));

const id = "cycle/full";
const passed: ScenarioResult = {
  id,
  title: "t",
  verdict: "pass",
  exit: "pass",
  durationMs: 9000,
  findings: [],
  witnesses: {},
  metrics: { rtoMs: 656, rpoMs: 580 },
  phases: [],
  notCovered: [],
  judged: [canariesSubject],
  replay: "r",
};
const difference = { code: "property-differs", severity: "error", subject: "s", message: "m", evidence: {} } as const;
const failed: ScenarioResult = { ...passed, verdict: "fail", exit: "dataWrong", findings: [difference], metrics: {} };

async function addRun(name: string, startedAt: string, result: ScenarioResult | undefined): Promise<string> {
  const directory = RunDirectory.create(join(runs, name));
  const about = {
    schemaVersion: runSchemaVersion,
    seed: 1,
    replay: "r",
    startedAt,
    version: "1",
    options: {},
    machine: {},
  };
  directory.writeRun({ ...about, system: "reference", planned: [id] });
  if (result === undefined) return directory.path;
  directory.addResult(result);
  directory.writeResult({ schemaVersion, seed: 1, replay: "r", scenarios: [result], ...judgeDrill([result]) });
  await directory.seal();
  return directory.path;
}

const look = (): Promise<Scraped> => scrape({ runs: [runs] });
const at = (hour: number): string => `2026-11-29T0${hour}:00:00.000Z`;
const labels = `runs="${runs}",scenario="${id}"`;

it("says when a scenario last passed, what became of it since, and never takes an unfinished run for a verdict", async () => {
  const first = await addRun("1", at(1), passed);
  await addRun("2", at(2), failed);
  await addRun("3", at(3), undefined);
  const found = await look();
  expect(found.value(`falkordrill_drill_verdict{${labels},verdict="fail"}`)).toBe(1);
  expect(found.value(`falkordrill_drill_verdict{${labels},verdict="pass"}`)).toBe(0);
  expect(found.value(`falkordrill_drill_timestamp_seconds{${labels}}`)).toBe(Date.parse(at(2)) / 1000);
  expect(found.value(`falkordrill_drill_passed_timestamp_seconds{${labels}}`)).toBe(Date.parse(at(1)) / 1000);
  expect(found.value(`falkordrill_drill_rto_seconds{${labels}}`)).toBe(0.656);
  expect(found.value(`falkordrill_runs{runs="${runs}",state="unfinished"}`)).toBe(1);
  // A pass that somebody wrote into the files of a failed run is none.
  await writeFile(
    join(first, "result.json"),
    JSON.stringify({ schemaVersion, seed: 1, replay: "r", scenarios: [passed], ...judgeDrill([passed]) }),
  );
  expect((await look()).value(`falkordrill_drill_passed_timestamp_seconds{${labels}}`)).toBe(0);
});

it("says that a folder of runs is gone, and nothing else of it", async () => {
  const gone = join(runs, "none");
  const found = await scrape({ runs: [gone] });
  expect(found.value(`falkordrill_runs_up{runs="${gone}"}`)).toBe(0);
  expect([found.text.match(/none/g)?.length, found.log]).toEqual([
    1,
    [expect.stringContaining(`${gone} cannot be read`)],
  ]);
});
