// What holds for any points, any rules and any calendar.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Calendar } from "./calendar.ts";
import { decideRetention, type RetentionPoint, type RetentionPolicy } from "./retention.ts";

const nowMs = Date.parse("2026-11-24T12:00:00Z");
const zones = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "Australia/Lord_Howe"].map(
  (zone) => new Calendar(zone),
);
const chance = (of: number): fc.Arbitrary<boolean> => fc.nat(of - 1).map((value) => value === 0);

/** Chains of points whose times usually go forward, and sometimes back. */
const points = fc
  .array(
    fc.record({
      hours: fc.integer({ min: -3, max: 60 }),
      isBase: chance(4),
      asked: fc.boolean(),
      verified: fc.constantFrom("good", "bad", "unknown", "unknown"),
      pinned: chance(12),
      inUse: chance(20),
      shrunk: chance(6),
    }),
    { maxLength: 40 },
  )
  .map((steps) => {
    let atMs = nowMs - 400 * 86_400_000;
    const made: RetentionPoint[] = [];
    for (const [index, step] of steps.entries()) {
      atMs += step.hours * 3_600_000;
      const parent = step.isBase ? undefined : made.at(-1)?.id;
      made.push({
        id: `p${String(index).padStart(3, "0")}`,
        atMs,
        asked: parent === undefined || step.asked,
        verified: step.verified,
        ...(parent === undefined ? {} : { parent }),
        ...(step.pinned ? { pinned: "why" } : {}),
        ...(step.inUse ? { inUse: "restore" } : {}),
        ...(step.shrunk ? { doubt: "9,000 nodes in p000, now 0" } : {}),
      });
    }
    return made;
  });
const count = fc.nat(6);
const age = fc.nat(90).map((days) => ({ days, ms: 0, text: `${days}d` }));
const rules: fc.Arbitrary<RetentionPolicy> = fc.record(
  { last: count, daily: count, weekly: count, monthly: count, yearly: count, within: age },
  { requiredKeys: [] },
);
const calendar = fc.constantFrom(...zones);

const keptOf = (given: readonly RetentionPoint[], by: RetentionPolicy, on: Calendar): RetentionPoint[] =>
  decideRetention(given, by, nowMs, on)
    .filter(({ keep }) => keep)
    .map(({ point }) => point);

/** The greater of each number, so that the result asks for at least what both ask for. */
function both(a: RetentionPolicy, b: RetentionPolicy): RetentionPolicy {
  const most = (name: "last" | "daily" | "weekly" | "monthly" | "yearly"): number =>
    Math.max(a[name] ?? 0, b[name] ?? 0);
  const within = [a.within, b.within].filter((one) => one !== undefined).toSorted((x, y) => y.days - x.days)[0];
  return {
    last: most("last"),
    daily: most("daily"),
    weekly: most("weekly"),
    monthly: most("monthly"),
    yearly: most("yearly"),
    ...(within === undefined ? {} : { within }),
  };
}

describe("retention, for any points and rules", () => {
  it("keeps the newest point, the last verified one, and what is pinned or in use", () => {
    fc.assert(
      fc.property(points, rules, calendar, (given, by, on) => {
        const kept = keptOf(given, by, on);
        const latest = (of: readonly RetentionPoint[]): number => Math.max(...of.map(({ atMs }) => atMs));
        const good = (of: readonly RetentionPoint[]): RetentionPoint[] =>
          of.filter(({ verified }) => verified === "good");
        expect(latest(kept)).toBe(latest(given));
        expect(latest(good(kept))).toBe(latest(good(given)));
        expect(kept).toEqual(
          expect.arrayContaining(given.filter(({ pinned, inUse }) => (pinned ?? inUse) !== undefined)),
        );
      }),
    );
  });

  it("keeps what it would keep if those that shrank were not there", () => {
    fc.assert(
      fc.property(points, rules, calendar, (given, by, on) => {
        const sound = given.filter(({ doubt }) => doubt === undefined);
        expect(keptOf(given, by, on)).toEqual(expect.arrayContaining(keptOf(sound, by, on)));
      }),
    );
  });

  it("never breaks a chain", () => {
    fc.assert(
      fc.property(points, rules, calendar, (given, by, on) => {
        const kept = keptOf(given, by, on);
        const ids = new Set<string | undefined>(kept.map(({ id }) => id));
        expect(kept.filter(({ parent }) => parent !== undefined && !ids.has(parent))).toEqual([]);
      }),
    );
  });

  it("keeps no less by more rules", () => {
    fc.assert(
      fc.property(points, rules, rules, calendar, (given, by, more, on) => {
        expect(keptOf(given, both(by, more), on)).toEqual(expect.arrayContaining(keptOf(given, by, on)));
      }),
    );
  });

  it("does nothing more the second time", () => {
    fc.assert(
      fc.property(points, rules, calendar, (given, by, on) => {
        const once = keptOf(given, by, on);
        expect(keptOf(once, by, on)).toEqual(once);
      }),
    );
  });

  it("gives every point that stays a reason, and decides on every point once", () => {
    fc.assert(
      fc.property(points, rules, calendar, (given, by, on) => {
        const decisions = decideRetention(given, by, nowMs, on);
        expect(new Set(decisions.map(({ point }) => point))).toEqual(new Set(given));
        expect(decisions).toHaveLength(given.length);
        expect(decisions.filter(({ keep, reasons }) => keep !== reasons.length > 0)).toEqual([]);
      }),
    );
  });
});
