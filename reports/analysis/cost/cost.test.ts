// Costs against an inventory that is priced object by object, and what another schedule would cost against that schedule
// played day by day.
import { describe, expect, it } from "vitest";
import { Calendar } from "../../../harness/vault/retention/calendar.ts";
import {
  decideRetention,
  type RetentionPoint,
  type RetentionPolicy,
} from "../../../harness/vault/retention/retention.ts";
import { dayLengthMs } from "../forecast/measured.ts";
import type { VaultHistory } from "../history.ts";
import { sampleHistory, sampleNowMs } from "../testing/sample-history.ts";
import { costOf } from "./cost.ts";
import { type Prices, pricesSchema } from "./prices.ts";
import { whatIf } from "./what-if.ts";

const gib = 2 ** 30;
const prices: Prices = {
  currency: "EUR",
  classes: {
    hot: { gibMonth: 0.025, put1000: 0.006, get1000: 0.0005 },
    cold: { gibMonth: 0.004, readGib: 0.02, objectBytesMin: 131_072 },
  },
  vaults: { near: { class: "hot", move: [{ afterDays: 30, to: "cold" }] } },
  traffic: { outGib: 0.08 },
  proofHour: 0.12,
};

const vaultOf = (options: Parameters<typeof sampleHistory>[0] = {}): VaultHistory =>
  sampleHistory(options).vaults[0] as VaultHistory;

describe("the cost of a vault", () => {
  it("is within 5 % of an inventory that is priced object by object", () => {
    const vault = vaultOf();
    const found = costOf(vault, prices, sampleNowMs);
    let [storage, requests, traffic] = [0, 0, 0];
    for (const { atMs, objectBytes } of vault.points) {
      const days = (sampleNowMs - atMs) / 86_400_000;
      for (const bytes of objectBytes) {
        storage += days < 30 ? (bytes / gib) * 0.025 : (Math.max(131_072, bytes) / gib) * 0.004;
        if (days < 30) requests += 0.006 / 1000;
      }
    }
    for (const bytes of vault.otherBytes) storage += (bytes / gib) * 0.025;
    requests += (vault.entriesMs.filter((atMs) => sampleNowMs - atMs < 30 * 86_400_000).length * 0.006) / 1000;
    let hours = 0;
    for (const { atMs, base, ms } of vault.judged) {
      if (sampleNowMs - atMs >= 30 * 86_400_000) continue;
      const read = vault.points.find(({ id }) => id === base)?.objectBytes ?? [];
      requests += (read.length * 0.0005) / 1000;
      traffic += (read.reduce((sum, bytes) => sum + bytes, 0) / gib) * 0.08;
      hours += (ms ?? 0) / 3_600_000;
    }
    const total = storage + requests + traffic + hours * 0.12;
    expect(Math.abs((found?.total ?? 0) / total - 1)).toBeLessThan(0.05);
    expect(Math.abs((found?.storage ?? 0) / storage - 1)).toBeLessThan(0.05);
    expect(Math.abs((found?.traffic ?? 0) / traffic - 1)).toBeLessThan(0.05);
    expect(Math.abs((found?.requests ?? 0) / requests - 1)).toBeLessThan(0.05);
  });

  it("is shared among classes, graphs and proven restores", () => {
    const found = costOf(vaultOf(), prices, sampleNowMs);
    expect(Object.keys(found?.classes ?? {})).toEqual(["cold", "hot"]);
    expect((found?.graphs["team_alpha"] ?? 0) / (found?.graphs["team_beta"] ?? 0)).toBeCloseTo(3, 6);
    const shared = Object.values(found?.graphs ?? {}).reduce((sum, value) => sum + value, 0);
    expect(shared).toBeCloseTo(found?.total ?? 0, 9);
    expect(found?.provenRestores).toBe(4);
    expect(found?.perProvenRestore).toBeCloseTo((found?.total ?? 0) / 4, 9);
    expect(costOf(vaultOf({ vault: { judged: [] } }), prices, sampleNowMs)?.perProvenRestore).toBeUndefined();
  });

  it("is not said of a vault without a price, and a class that is not priced is refused", () => {
    expect(costOf(vaultOf({ vault: { name: "far" } }), prices, sampleNowMs)).toBeUndefined();
    const wrong = pricesSchema.safeParse({ ...prices, vaults: { near: { class: "warm" } } });
    expect(wrong.error?.issues[0]?.message).toBe("warm is not one of the classes");
  });
});

/** Storage and requests of a month of that schedule, played from its first backup on with a prune after each day. */
function played(everyMs: number, keep: RetentionPolicy, bytes: number, objects: number): number {
  let points: RetentionPoint[] = [];
  const calendar = new Calendar("UTC");
  const beganMs = sampleNowMs - 250 * dayLengthMs;
  let written = 0;
  for (let atMs = beganMs; atMs <= sampleNowMs; atMs += everyMs) {
    points.push({ id: `p-${String(atMs).padStart(16, "0")}`, atMs, asked: true, verified: "unknown" });
    if (atMs > sampleNowMs - 30 * dayLengthMs) written += objects;
    if ((atMs - beganMs) % dayLengthMs < everyMs)
      points = decideRetention(points, keep, atMs, calendar).flatMap(({ keep: stays, point }) =>
        stays ? [point] : [],
      );
  }
  const stored = points.reduce(
    (sum, { atMs }) => sum + (bytes / gib) * (sampleNowMs - atMs < 45 * dayLengthMs ? 0.025 : 0.004),
    0,
  );
  return stored + (written * 0.006) / 1000;
}

describe("what if", { timeout: 120_000 }, () => {
  // No backup that is kept is about as old as that.
  const later = { ...prices, vaults: { near: { class: "hot", move: [{ afterDays: 45, to: "cold" }] } } };
  const keep: RetentionPolicy = { within: { days: 3, ms: 0, text: "3d" }, daily: 14, monthly: 6 };
  const vault = vaultOf({ perDay: 0, vault: { keep, judged: [], otherBytes: [], entriesMs: [] } });
  // The usual size of the last five backups.
  const bytes =
    vault.backups
      .slice(-5)
      .map(({ storedBytes }) => storedBytes)
      .toSorted((a, b) => a - b)[2] ?? 0;

  it.each([
    ["every=1h", 3_600_000],
    ["every=6h", 6 * 3_600_000],
    ["every=2d", 2 * dayLengthMs],
  ])("%s costs what that schedule costs when it is played", (change, everyMs) => {
    const found = whatIf(vault, later, change, sampleNowMs);
    expect(Math.abs((found?.thenPerMonth ?? 0) / played(everyMs, keep, bytes, 4) - 1)).toBeLessThan(0.05);
    expect(Math.abs((found?.nowPerMonth ?? 0) / played(dayLengthMs, keep, bytes, 4) - 1)).toBeLessThan(0.05);
  });

  it("says it in words", () => {
    const found = whatIf(vault, later, "every=1h,keep-daily=7,class=cold", sampleNowMs);
    expect(found?.says).toBe("a backup every hour in place of every day, other rules of what is kept, the class cold");
  });

  it("needs rules by which backups are removed, and changes that it knows", () => {
    const without = vaultOf({ vault: { keep: undefined } });
    expect(() => whatIf(without, later, "every=1h", sampleNowMs)).toThrow("it is not known which backups");
    expect(() => whatIf(vault, later, "evry=1h", sampleNowMs)).toThrow('"evry" is not known');
    expect(() => whatIf(vault, later, "every", sampleNowMs)).toThrow("is not <name>=<value>");
    expect(() => whatIf(vault, later, "class=warm", sampleNowMs)).toThrow("no class warm");
  });
});
