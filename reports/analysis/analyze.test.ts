import { describe, expect, it } from "vitest";
import { errorMessage } from "../../harness/base/errors.ts";
import { programFor } from "../../harness/cli/main.ts";
import { type Analysis, analysisSchema } from "./analysis.ts";
import { analyze, type Asked } from "./analyze.ts";
import { dayLengthMs } from "./forecast/measured.ts";
import { analysisLines } from "./text.ts";
import { sampleHistory, sampleNowMs } from "./testing/sample-history.ts";

const analyzed = (asked: Partial<Asked> = {}): Analysis =>
  analyze({ history: sampleHistory(), limits: {}, changes: [], journal: [], ...asked }).analysis;
const of = ({ forecasts }: Analysis, objective: string): Analysis["forecasts"][number] | undefined =>
  forecasts.find((forecast) => forecast.objective === objective);
const lines = (analysis: Analysis): string =>
  analysisLines(analysis, { paint: (_, text) => text, paste: (text) => text }).join("\n");

// The commands of all rooms are loaded for the first time in here.
describe("an analysis", { timeout: 120_000 }, () => {
  it("is what its schema says, also where there is nothing", () => {
    const history = { nowMs: sampleNowMs, vaults: [], drills: [] };
    for (const analysis of [analyzed({ limits: { rtoSeconds: 900, windowSeconds: 7200 } }), analyzed({ history })])
      expect(analysisSchema.parse(JSON.parse(JSON.stringify(analysis)))).toEqual(JSON.parse(JSON.stringify(analysis)));
  });

  it("foresees that backups outgrow their window, and when", () => {
    // 20 minutes on the first day, 1 % of that more each day: 44 minutes now, 47 minutes in 15 days.
    const window = of(analyzed({ limits: { windowSeconds: 47 * 60 } }), "window");
    expect(window?.state).toBe("soon");
    const days = (Date.parse(window?.breaksAt ?? "") - sampleNowMs) / dayLengthMs;
    expect(days).toBeGreaterThan(5);
    expect(days).toBeLessThan(21);
    expect(window?.earliest?.localeCompare(window.breaksAt ?? "")).toBeLessThanOrEqual(0);
    expect(window?.checks).toHaveLength(4);
  });

  it("sees no break where there is none, and one that is there already", () => {
    expect(of(analyzed({ limits: { windowSeconds: 40_000 } }), "window")?.state).toBe("holds");
    expect(of(analyzed({ limits: { windowSeconds: 1800 } }), "window")?.state).toBe("broken");
  });

  it("knows a jump of the recovery time, and says what it is without it", () => {
    const recovery = analyzed().trends.find(({ measure }) => measure === "recovery time");
    expect(recovery?.changes).toHaveLength(1);
    expect(recovery?.changes[0]?.ratio).toBeCloseTo(1.4, 1);
    expect(recovery?.changes[0]?.at.slice(0, 10)).toBe("2026-11-02");
  });

  it("says how often backups succeed, with an interval", () => {
    const history = sampleHistory({ failsEvery: 10 });
    const rate = analyzed({ history }).rates.find(({ of: what }) => what === "backups");
    expect(rate).toMatchObject({ succeeded: 108, tries: 120 });
    expect(rate?.low).toBeCloseTo(0.833, 2);
    expect(lines(analyzed({ history }))).toContain(
      "Backups of near succeed in 90 % (108 of 120; 95 %: 83.3 % to 94.2 %).",
    );
  });

  it("says of a tiny history that it is too short, and invents nothing", () => {
    const analysis = analyzed({
      history: sampleHistory({ days: 6 }),
      limits: { windowSeconds: 3600, rtoSeconds: 900 },
    });
    expect(analysis.forecasts.filter(({ objective }) => objective !== "key").map(({ state }) => state)).toEqual(
      Array.from({ length: 3 }, () => "too short"),
    );
    expect(analysis.tooShort.join()).toContain("window of near: the history is too short, 6 of at least 10 days");
    expect(analysis.trends.every(({ growth }) => growth === undefined)).toBe(true);
    expect(analysis.forecasts.some(({ breaksAt }) => breaksAt !== undefined)).toBe(false);
  });

  it("warns of a lock that is not extended as usual, and of a key that ends", () => {
    const day = (number: number): number => sampleNowMs + number * dayLengthMs;
    const journal = [-24, -23, -22, -21].map((at) => ({
      schemaVersion: 1 as const,
      at: new Date(day(at)).toISOString(),
      measured: [
        { objective: "lock" as const, subject: "near", points: [[day(at), day(at + 30)]] as [number, number][] },
      ],
      forecasts: [],
    }));
    const history = sampleHistory({
      vault: { lockEndMs: day(9), ringKeys: [{ role: "recipient", name: "r", expiresMs: day(12) }] },
    });
    const analysis = analyzed({ history, journal });
    expect([of(analysis, "lock")?.state, of(analysis, "key")?.state]).toEqual(["soon", "soon"]);
    const renewed = sampleHistory({ vault: { lockEndMs: day(29) } });
    expect(of(analyzed({ history: renewed, journal }), "lock")?.state).toBe("holds");
  });

  it("gives a number and a command that the program takes in each sentence", async () => {
    const history = sampleHistory({
      failsEvery: 5,
      vault: { place: "/srv/my backups", lockEndMs: sampleNowMs + dayLengthMs, lastRemovedMs: 0 },
    });
    const prices = { currency: "EUR", classes: { hot: { gibMonth: 0.02 } }, vaults: { default: { class: "hot" } } };
    const limits = { rtoSeconds: 900, windowSeconds: 1800, costPerMonth: 0.1 };
    const { insights } = analyzed({ history, limits, prices, changes: ["every=1h"] });
    expect(insights.length).toBeGreaterThan(7);
    expect(new Set(insights.map(({ tone }) => tone)).size).toBe(3);
    for (const { says, command } of insights) {
      expect(says).toMatch(/\d/);
      const args = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, a, b]) => a ?? b ?? "").slice(1);
      const program = await programFor(args);
      const idle = (one: typeof program): void => {
        one.exitOverride().configureOutput({ writeErr: () => {} });
        if (one.commands.length === 0) one.action(() => {});
        one.commands.forEach(idle);
      };
      idle(program);
      const refused = await program.parseAsync(args, { from: "user" }).then(() => undefined, errorMessage);
      expect([command, refused]).toEqual([command, undefined]);
    }
  });
});

describe("stored forecasts", { timeout: 120_000 }, () => {
  const limits = { windowSeconds: 37 * 60 };

  /** An analysis each day, as a timer would make it. */
  function journalOf(perDay: number, days: number): Asked["journal"] {
    const whole = sampleHistory({ perDay, days: 100, vault: { backups: [], points: [], judged: [] } });
    const journal: Asked["journal"][number][] = [];
    for (let back = days; back >= 0; back -= 1) {
      const nowMs = sampleNowMs - back * dayLengthMs;
      const [vault] = whole.vaults;
      if (vault === undefined) return [];
      const attempts = vault.attempts.filter(({ endedMs }) => endedMs !== undefined && endedMs <= nowMs);
      const vaults = [{ ...vault, attempts }];
      journal.push(analyze({ history: { nowMs, vaults, drills: [] }, limits, changes: [], journal }).line);
    }
    return journal;
  }

  it("are graded when the time has come", () => {
    const history = { nowMs: sampleNowMs, vaults: [], drills: [] };
    // 1 % a day: 37 minutes are reached after 85 of 100 days.
    const { score } = analyzed({ history, journal: journalOf(0.01, 45) });
    expect(score).toMatchObject({ hits: 1, missed: 0, falseWarnings: 0 });
    expect(score.noticeDays[0]).toBeGreaterThanOrEqual(7);
    expect(score.intervals).toBeGreaterThan(80);
    expect(score.covered / score.intervals).toBeGreaterThan(0.8);
    const quiet = analyzed({ history, journal: journalOf(0, 45) }).score;
    expect(quiet).toMatchObject({ hits: 0, missed: 0, falseWarnings: 0 });
  });

  it("that were wrong lose", () => {
    const journal = journalOf(0, 50).map(({ at, measured, forecasts }) => ({
      schemaVersion: 1 as const,
      at,
      measured,
      forecasts: forecasts.map(({ objective, subject, limit, checks }) => ({
        objective,
        subject,
        limit,
        breaksAt: new Date(Date.parse(at) + 10 * dayLengthMs).toISOString(),
        checks: checks.map((check) => ({ at: check.at, low: 0, high: 1 })),
      })),
    }));
    const history = { nowMs: sampleNowMs, vaults: [], drills: [] };
    const { score } = analyzed({ history, journal });
    expect(score).toMatchObject({ covered: 0, hits: 0 });
    expect(score.falseWarnings + score.open).toBeGreaterThan(0);
    expect(score.falseWarnings).toBeGreaterThan(0);
  });

  it("are remembered once, and a measurement too", () => {
    const [first, second] = journalOf(0.01, 1);
    expect(first?.measured.find(({ objective }) => objective === "window")?.points.length).toBeGreaterThan(90);
    expect(second?.measured.find(({ objective }) => objective === "window")?.points).toHaveLength(1);
  });
});
