// What holds for any points, any rules and any calendar.
import fc from "fast-check";
import { describe, it } from "vitest";
import { Calendar } from "./calendar.ts";
import { decideRetention, type RetentionPoint, type RetentionRules } from "./retention.ts";

const nowMs = Date.parse("2026-11-24T12:00:00Z");
const zones = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "Australia/Lord_Howe"].map(
  (zone) => new Calendar(zone),
);
const chance = (of: number): fc.Arbitrary<boolean> => fc.nat(of - 1).map((value) => value === 0);

/** Chains of points whose times mostly go on, and sometimes back. */
const points = fc
  .array(
    fc.record({
      hours: fc.integer({ min: -3, max: 60 }),
      isBase: chance(4),
      asked: fc.boolean(),
      verified: fc.constantFrom("good", "bad", "unknown", "unknown"),
      pinned: chance(12),
      inUse: chance(20),
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
      });
    }
    return made;
  });
const count = fc.nat(6);
const age = fc.nat(90).map((days) => ({ days, ms: 0, text: `${days}d` }));
const rules: fc.Arbitrary<RetentionRules> = fc.record(
  { last: count, daily: count, weekly: count, monthly: count, yearly: count, within: age },
  { requiredKeys: [] },
);
const calendar = fc.constantFrom(...zones);

const keptOf = (given: readonly RetentionPoint[], by: RetentionRules, on: Calendar): RetentionPoint[] =>
  decideRetention(given, by, nowMs, on)
    .filter(({ keep }) => keep)
    .map(({ point }) => point);

/** The greater of each number, so that the result asks for at least what both ask for. */
function both(a: RetentionRules, b: RetentionRules): RetentionRules {
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
        const kept = new Set(keptOf(given, by, on));
        const newestMs = Math.max(...given.map(({ atMs }) => atMs));
        const goodMs = Math.max(...given.filter(({ verified }) => verified === "good").map(({ atMs }) => atMs));
        if (given.length > 0 && ![...kept].some(({ atMs }) => atMs === newestMs)) return false;
        if (goodMs > 0 && ![...kept].some(({ atMs, verified }) => atMs === goodMs && verified === "good")) return false;
        return given.every((point) => kept.has(point) || (point.pinned ?? point.inUse) === undefined);
      }),
    );
  });

  it("never breaks a chain", () => {
    fc.assert(
      fc.property(points, rules, calendar, (given, by, on) => {
        const kept = new Set(keptOf(given, by, on).map(({ id }) => id));
        return given.every(({ id, parent }) => !kept.has(id) || parent === undefined || kept.has(parent));
      }),
    );
  });

  it("keeps no less by more rules", () => {
    fc.assert(
      fc.property(points, rules, rules, calendar, (given, by, more, on) => {
        const kept = new Set(keptOf(given, both(by, more), on));
        return keptOf(given, by, on).every((point) => kept.has(point));
      }),
    );
  });

  it("does nothing more the second time", () => {
    fc.assert(
      fc.property(points, rules, calendar, (given, by, on) => {
        const once = keptOf(given, by, on);
        return keptOf(once, by, on).length === once.length;
      }),
    );
  });

  it("gives every point that stays a reason, and decides on every point once", () => {
    fc.assert(
      fc.property(points, rules, calendar, (given, by, on) => {
        const decisions = decideRetention(given, by, nowMs, on);
        return (
          new Set(decisions.map(({ point }) => point)).size === given.length &&
          decisions.every(({ keep, reasons }) => keep === reasons.length > 0)
        );
      }),
    );
  });
});
