// What a monitor says of drills, from their run directories alone.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { judgeDrill, schemaVersion, type ScenarioResult } from "../record/result.ts";
import { scrape, type Scraped } from "./testing/scrape.ts";
import { addTestRun, passedResult } from "./testing/test-runs.ts";

const runs = await mkdtemp(join(tmpdir(), "falkordrill-monitor-runs-"));
afterAll(() => rm(runs, { recursive: true }));

const { id } = passedResult;
const difference = { code: "property-differs", severity: "error", subject: "s", message: "m", evidence: {} } as const;
const failed: ScenarioResult = {
  ...passedResult,
  verdict: "fail",
  exit: "dataWrong",
  findings: [difference],
  metrics: {},
};

const look = (): Promise<Scraped> => scrape({ runs: [runs] });
const at = (hour: number): string => `2026-11-29T0${hour}:00:00.000Z`;
const labels = `runs="${runs}",scenario="${id}"`;

it("says when a scenario last passed, what became of it since, and never takes an unfinished run for a verdict", async () => {
  const first = await addTestRun(runs, "1", at(1), passedResult);
  await addTestRun(runs, "2", at(2), failed);
  await addTestRun(runs, "3", at(3), undefined);
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
    JSON.stringify({ schemaVersion, seed: 1, replay: "r", scenarios: [passedResult], ...judgeDrill([passedResult]) }),
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
