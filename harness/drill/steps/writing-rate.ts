// Whether the writers of a drill still write: by what the machine showed in the same run.
import type { ScenarioRecord } from "../../record/record.ts";
import type { Reach } from "../../workload/write-profile.ts";

interface Reaching {
  reach(): Reach;
}

/** Minimum rate of all writers together: below it, a drill says nothing about a cut of milliseconds. */
const perSecondMin = 10;
/** Minimum share of the rate that the same writers had before the backup. */
const shareMin = 0.2;

/** Slow writers on a slow machine do not cast doubt on a result; writers that almost stopped do. */
export function mustBeFast(record: ScenarioRecord, all: readonly Reaching[], when: string): void {
  const reaches = all.map((running) => running.reach());
  const acked = reaches.reduce((sum, reach) => sum + reach.acked, 0);
  const perSecond = (acked * 1000) / Math.max(1, ...reaches.map(({ elapsedMs }) => elapsedMs));
  const before = record.getMetric("writersPerSecond");
  // The first window shows what this machine can do; each writer is known to have written.
  if (before === undefined) {
    record.metric("writersPerSecond", perSecond);
    return;
  }
  const needed = Math.min(perSecondMin, before * shareMin);
  if (perSecond >= needed) return;
  const message =
    `${when}, ${perSecond.toFixed(1)} writes a second were acknowledged; by what this machine showed in the same run, ` +
    `at least ${needed.toFixed(1)} are needed`;
  record.assumption("writers-too-slow", message, { acked, perSecond, needed });
}

/** Where the claim is about the rate: all writers together must reach this share of what their profiles ask for. */
export function mustReachShare(
  record: ScenarioRecord,
  all: readonly Reaching[],
  when: string,
  profileShareMin: number,
): void {
  const reaches = all.map((running) => running.reach());
  const due = reaches.reduce((sum, reach) => sum + (reach.due ?? 0), 0);
  const acked = reaches.reduce((sum, reach) => sum + reach.acked, 0);
  if (acked >= due * profileShareMin) return;
  const message =
    `${when}, ${acked} of the ${due} writes that the profiles ask for were acknowledged; ` +
    `the claim needs ${profileShareMin * 100} %`;
  record.assumption("profile-not-reached", message, { acked, due, profileShareMin });
}
