// Locks and keys that end, over 200 simulated histories of 180 days: renewed in time, each time a little otherwise, until
// the renewal stops in every second of them.
import { expect, it } from "vitest";
import { Draw } from "../../../generators/random.ts";
import { deadlineOf, type SeenEnd } from "./deadline.ts";
import { gradeForecasts, joinedGrades, type Made } from "./grade.ts";
import { dayLengthMs } from "./measured.ts";

const days = 180;

/** Forecasts of each day, and how far the end was over (negative before it). */
function simulated(index: number): { readonly made: readonly Made[]; readonly over: SeenEnd[] } {
  const draw = new Draw(7, "deadlines").at(index);
  const lasts = 20 + 70 * draw.unit();
  // It is renewed with 10 days left or more, and checked once a day.
  const leftAtRenewal = 10 + (lasts - 12) * draw.unit();
  const stopsOn = index % 2 === 0 ? 60 + 60 * draw.unit() : Number.POSITIVE_INFINITY;
  const seen: SeenEnd[] = [];
  const made: Made[] = [];
  let end = lasts;
  for (let day = 0; day < days; day += 1) {
    const late = 1.5 * draw.unit();
    if (day < stopsOn && end - day <= leftAtRenewal - late) end = day + lasts;
    seen.push({ atMs: day * dayLengthMs, endMs: end * dayLengthMs });
    if (end <= day) continue;
    const deadline = deadlineOf(seen, day * dayLengthMs);
    made.push({
      atMs: day * dayLengthMs,
      breaksAtMs: deadline?.isLate === true ? deadline.endMs : undefined,
      checks: [],
    });
  }
  return { made, over: seen };
}

it("warns a week before what is not renewed ends, and seldom of what is", () => {
  let forecasts = 0;
  const grades = Array.from({ length: 200 }, (_, index) => {
    const { made, over } = simulated(index);
    forecasts += made.length;
    const measured = over.map(({ atMs, endMs }) => ({ atMs, value: atMs - endMs }));
    return gradeForecasts(made, measured, 0, Number.POSITIVE_INFINITY);
  });
  const { hits, missed, falseWarnings } = joinedGrades(grades);
  expect(hits + missed).toBeGreaterThan(60);
  expect(hits / (hits + missed)).toBeGreaterThanOrEqual(0.9);
  expect(falseWarnings / (forecasts / 365)).toBeLessThanOrEqual(1);
});
