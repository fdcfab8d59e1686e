// What a monitor says of forecasts that an analysis has stored next to the folder of runs.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import type { JournalLine } from "../../reports/analysis/journal.ts";
import { appendJournal, journalBeside } from "./journal-file.ts";
import { scrape } from "./testing/scrape.ts";

const root = await mkdtemp(join(tmpdir(), "falkordrill-forecasts-"));
afterAll(() => rm(root, { recursive: true }));
const dayMs = 86_400_000;
const firstMs = Date.parse("2026-09-01T00:00:00.000Z");

/** Forecasts of a break ten days ahead, and what was measured: the window is broken on the thirtieth day. */
function lineOf(day: number): JournalLine {
  const atMs = firstMs + day * dayMs;
  const iso = (ms: number): string => new Date(ms).toISOString();
  return {
    schemaVersion: 1,
    at: iso(atMs),
    measured: [{ objective: "window", subject: "near", points: [[atMs, day < 28 ? 50 : 70]] }],
    forecasts: [
      {
        objective: "window",
        subject: "near",
        limit: 60,
        ...(day > 15 ? { breaksAt: iso(atMs + 10 * dayMs) } : {}),
        checks: [{ at: iso(atMs + dayMs), low: 45, high: 55 }],
      },
    ],
  };
}

it("gives the newest forecasts and their score, and nothing where none was stored", async () => {
  const runs = join(root, "runs");
  await mkdir(runs);
  const series = `falkordrill_forecast_broken_timestamp_seconds{runs="${runs}",objective="window",subject="near"}`;
  expect((await scrape({ runs: [runs] })).value(series)).toBeUndefined();
  for (let day = 0; day < 35; day += 1) await appendJournal(journalBeside(runs), lineOf(day));
  const found = await scrape({ runs: [runs] });
  expect(found.log).toEqual([]);
  expect(found.value(series)).toBe((firstMs + 44 * dayMs) / 1000);
  expect(found.value(`falkordrill_forecast_timestamp_seconds{runs="${runs}"}`)).toBe((firstMs + 34 * dayMs) / 1000);
  const total = (name: string, result: string): number | undefined =>
    found.value(`falkordrill_forecast_${name}_total{runs="${runs}",result="${result}"}`);
  expect([total("breaks", "warned"), total("breaks", "missed")]).toEqual([1, 0]);
  expect([total("intervals", "held"), total("intervals", "missed")]).toEqual([27, 7]);
  expect(found.value(`falkordrill_forecast_false_warnings_total{runs="${runs}"}`)).toBe(0);
});
