import { describe, expect, it } from "vitest";
import { Calendar } from "./calendar.ts";
import { decideRetention, parseAge, type RetentionPoint, type RetentionPolicy } from "./retention.ts";

const utc = new Calendar("UTC");
const full = (id: string, at: string, more: Partial<RetentionPoint> = {}): RetentionPoint => ({
  id,
  atMs: Date.parse(at),
  asked: true,
  verified: "unknown",
  ...more,
});
const nowMs = Date.parse("2026-11-24T12:00:00Z");
const kept = (points: readonly RetentionPoint[], rules: RetentionPolicy, calendar = utc): Record<string, string> =>
  Object.fromEntries(
    decideRetention(points, rules, nowMs, calendar)
      .filter(({ keep }) => keep)
      .map(({ point, reasons }) => [point.id, reasons.join(", ")]),
  );

describe("the rules, each by itself", () => {
  const days = Array.from({ length: 60 }, (_, day) => {
    const at = new Date(nowMs - day * 86_400_000).toISOString();
    return full(at.slice(0, 10), at);
  });

  it("last", () => {
    expect(kept(days, { last: 2 })).toEqual({
      "2026-11-24": "newest, one of the last 2",
      "2026-11-23": "one of the last 2",
    });
  });

  it("daily, weekly, monthly and yearly take the newest of each", () => {
    expect(Object.keys(kept(days, { daily: 3 }))).toEqual(["2026-11-24", "2026-11-23", "2026-11-22"]);
    // 22 November 2026 is a Sunday, the last day of week 47.
    expect(kept(days, { weekly: 2 })).toMatchObject({ "2026-11-22": "week 2026-W47" });
    expect(kept(days, { monthly: 3 })).toMatchObject({ "2026-10-31": "month 2026-10", "2026-09-30": "month 2026-09" });
    expect(Object.keys(kept(days, { yearly: 5 }))).toEqual(["2026-11-24"]);
  });

  it("days without a backup do not count: an outage must not empty the vault", () => {
    const gap = [
      full("new", "2026-11-24T01:00:00Z"),
      full("old", "2026-03-01T01:00:00Z"),
      full("older", "2026-02-28T01:00:00Z"),
    ];
    expect(Object.keys(kept(gap, { daily: 2 }))).toEqual(["new", "old"]);
  });

  it("within", () => {
    const points = [
      full("a", "2026-11-24T11:00:00Z"),
      full("b", "2026-11-17T12:00:00Z"),
      full("c", "2026-11-17T11:59:59Z"),
    ];
    expect(Object.keys(kept(points, { within: parseAge("7d") }))).toEqual(["a", "b"]);
    expect(Object.keys(kept(points, { within: parseAge("90m") }))).toEqual(["a"]);
    expect(() => parseAge("7 days")).toThrow('"7 days" is not an age such as 90m, 12h, 7d or 4w');
  });
});

describe("whatever the rules", () => {
  it("the last verified point stays, and a faulty one displaces no other", () => {
    const points = [
      full("faulty", "2026-11-24T00:00:00Z", { verified: "bad" }),
      full("unseen", "2026-11-23T00:00:00Z"),
      full("good", "2026-11-01T00:00:00Z", { verified: "good" }),
      full("older", "2026-10-01T00:00:00Z", { verified: "good" }),
    ];
    expect(kept(points, { last: 1 })).toEqual({
      faulty: "newest",
      unseen: "newest without a fault that verify found, one of the last 1",
      good: "last verified",
    });
  });

  it("one whose source had shrunk displaces no other, neither as the newest nor as the last verified", () => {
    const shrunk = "12,000 nodes in full, now 0";
    const points = [
      full("wiped", "2026-11-24T00:00:00Z", { doubt: shrunk, verified: "good" }),
      full("wiped-before", "2026-11-23T00:00:00Z", { doubt: shrunk }),
      full("full", "2026-11-22T00:00:00Z", { verified: "good" }),
      full("older", "2026-11-21T00:00:00Z"),
      full("oldest", "2026-11-20T00:00:00Z"),
    ];
    expect(kept(points, { last: 1 })).toEqual({
      wiped: `newest, last verified, one of the last 1, displaces no other backup: ${shrunk}`,
      full: "newest (doubtful ones aside), last verified (doubtful ones aside), one of the last 1 (doubtful ones aside)",
    });
    expect(Object.keys(kept(points, { last: 1, daily: 3 }))).toEqual(points.map(({ id }) => id));
  });

  it("what is pinned or in use stays", () => {
    const points = [
      full("new", "2026-11-24T00:00:00Z"),
      full("used", "2026-11-03T00:00:00Z", { inUse: "restore" }),
      full("old", "2026-11-02T00:00:00Z"),
      full("older", "2026-11-01T00:00:00Z", { pinned: "before the migration" }),
    ];
    expect(kept(points, { last: 1 })).toEqual({
      new: "newest, one of the last 1",
      used: "in use: restore",
      older: "pinned: before the migration",
    });
  });
});

describe("chains", () => {
  const piece = (id: string, parent: string, at: string): RetentionPoint => full(id, at, { parent, asked: false });
  const chain = [
    full("base", "2026-11-23T00:00:00Z"),
    piece("s1", "base", "2026-11-23T06:00:00Z"),
    piece("s2", "s1", "2026-11-23T12:00:00Z"),
    piece("s3", "s2", "2026-11-23T18:00:00Z"),
    full("next", "2026-11-24T00:00:00Z"),
    piece("t1", "next", "2026-11-24T06:00:00Z"),
    piece("t2", "t1", "2026-11-24T11:00:00Z"),
  ];

  it("a day is kept as its backup alone where it has one, and a span as every moment of it", () => {
    expect(Object.keys(kept(chain, { daily: 2 })).toSorted()).toEqual(["base", "next", "t1", "t2"]);
    expect(kept(chain, { within: parseAge("20h") })).toMatchObject({
      s3: "within 20h",
      s2: "needed by s3",
      s1: "needed by s3",
      base: "needed by s3",
    });
  });

  it("the end of the newest chain stays, though its clock was set back", () => {
    const back = [...chain, piece("t3", "t2", "2026-11-23T23:59:00Z")];
    expect(kept(back, { last: 1 })).toMatchObject({ t2: "newest, needed by t3", t3: "end of the newest chain" });
  });

  it("a chain in use stays whole", () => {
    const used = chain.map((point) =>
      point.id === "base" ? full("base", "2026-11-23T00:00:00Z", { inUse: "archive" }) : point,
    );
    expect(Object.keys(kept(used, { last: 1 }))).toHaveLength(chain.length);
  });
});

describe("time zones", () => {
  it("a day is that of the zone", () => {
    const points = [full("b", "2026-11-23T23:30:00Z"), full("a", "2026-11-23T09:59:00Z")];
    expect(Object.keys(kept(points, { daily: 2 }))).toEqual(["b"]);
    expect(Object.keys(kept(points, { daily: 2 }, new Calendar("Europe/Berlin")))).toEqual(["b", "a"]);
    expect(Object.keys(kept(points, { daily: 2 }, new Calendar("Pacific/Kiritimati")))).toEqual(["b", "a"]);
  });

  it("a day of 25 hours and one of 23 are one day each", () => {
    const berlin = new Calendar("Europe/Berlin");
    // From 00:30 to 23:30 local time on the day on which summer time ended, and began.
    expect(berlin.periodOf(Date.parse("2026-10-24T22:30:00Z"), "day")).toBe("2026-10-25");
    expect(berlin.periodOf(Date.parse("2026-10-25T22:30:00Z"), "day")).toBe("2026-10-25");
    expect(berlin.periodOf(Date.parse("2026-03-28T23:30:00Z"), "day")).toBe("2026-03-29");
    expect(berlin.periodOf(Date.parse("2026-03-29T21:30:00Z"), "day")).toBe("2026-03-29");
    const hoursOf = (noon: string): number => (Date.parse(noon) - berlin.daysBefore(Date.parse(noon), 1)) / 3_600_000;
    expect([hoursOf("2026-10-25T11:00:00Z"), hoursOf("2026-03-29T10:00:00Z"), hoursOf("2026-06-01T10:00:00Z")]).toEqual(
      [25, 23, 24],
    );
  });

  it("a local time that comes twice is the first of both, and one that is left out the instant before", () => {
    const berlin = new Calendar("Europe/Berlin");
    expect(new Date(berlin.daysBefore(Date.parse("2026-10-26T01:30:00Z"), 1)).toISOString()).toBe(
      "2026-10-25T00:30:00.000Z",
    );
    expect(new Date(berlin.daysBefore(Date.parse("2026-03-30T00:30:00Z"), 1)).toISOString()).toBe(
      "2026-03-29T00:30:00.000Z",
    );
  });

  it("weeks are those of ISO 8601", () => {
    const weekOf = (at: string): string => utc.periodOf(Date.parse(at), "week");
    expect([weekOf("2027-01-03T00:00:00Z"), weekOf("2027-01-04T00:00:00Z"), weekOf("2024-12-30T00:00:00Z")]).toEqual([
      "2026-W53",
      "2027-W01",
      "2025-W01",
    ]);
  });

  it("an unknown zone is refused", () => {
    expect(() => new Calendar("Europe/Atlantis")).toThrow('"Europe/Atlantis" is not a time zone');
  });
});
