// A year of a vault whose locks are renewed: by the code that decides for real, on the simplest store that has locks.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isNightly } from "../../base/testing/nightly.ts";
import { Calendar } from "../retention/calendar.ts";
import { decideRetention, type RetentionPoint, type RetentionPolicy } from "../retention/retention.ts";
import { lockEndMs, type ObjectLock, type StoredVersion } from "../store/store.ts";
import { neededVersions } from "./needed-versions.ts";
import { checkTimes, planRenewal, type RenewalTimes } from "./renewal.ts";

const dayMs = 86_400_000;
const startMs = Date.parse("2026-01-01T00:00:00Z");
const calendar = new Calendar("Europe/Berlin");

/** What may happen in one period of renewals, besides the renewal. */
interface Period {
  readonly write: "base" | "increment" | undefined;
  readonly prunes: boolean;
  /** The renewal at its end does not take place, where so many in a row may be skipped. */
  readonly skips: boolean;
  readonly rules: RetentionPolicy | undefined;
}

const rules: fc.Arbitrary<RetentionPolicy> = fc.record({
  last: fc.integer({ min: 1, max: 5 }),
  daily: fc.nat(7),
  weekly: fc.nat(5),
  monthly: fc.nat(12),
});
const chance = (of: number): fc.Arbitrary<boolean> => fc.nat(of - 1).map((value) => value === 0);
const rarely = <T>(of: number, one: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.tuple(chance(of), one).map(([is, value]) => (is ? value : undefined));
const period: fc.Arbitrary<Period> = fc.record({
  write: rarely(6, fc.constantFrom("base", "increment", "increment")),
  prunes: chance(5),
  skips: chance(3),
  rules: rarely(60, rules),
});
const times: fc.Arbitrary<RenewalTimes> = fc
  .record({
    mode: fc.constantFrom("governance", "compliance"),
    everyMs: fc.constantFrom(dayMs, 2 * dayMs, 7 * dayMs),
    skippedMax: fc.nat(3),
    factor: fc.constantFrom(1, 1.5, 4),
  })
  .map(({ mode, everyMs, skippedMax, factor }) => ({
    rule: { mode, forMs: (skippedMax + 2) * everyMs * factor },
    everyMs,
    skippedMax,
  }));

interface Stored {
  readonly point: RetentionPoint;
  readonly versions: readonly StoredVersion[];
}

class LockedVault {
  readonly #times: RenewalTimes;
  rules: RetentionPolicy;
  readonly stored = new Map<string, Stored>();
  readonly locks = new Map<StoredVersion, ObjectLock>();
  #bases = 0;
  #chain: { readonly base: string; number: number } | undefined;

  constructor(renewed: RenewalTimes, first: RetentionPolicy) {
    this.#times = renewed;
    this.rules = first;
  }

  write(kind: "base" | "increment", nowMs: number): string {
    if (kind === "base" || this.#chain === undefined) this.#chain = { base: `b${++this.#bases}`, number: 0 };
    else this.#chain.number += 1;
    const { base, number } = this.#chain;
    const idOf = (of: number): string => (of === 0 ? base : `${base}/${String(of).padStart(8, "0")}`);
    const id = idOf(number);
    const folder = folderOfPoint(id);
    const names = ["manifest.json", "manifest.json.asc", "part-00000.zst.pgp"];
    const versions = names.map((name) => this.#put(`${folder}/${name}`, nowMs));
    const parent = number === 0 ? {} : { parent: idOf(number - 1) };
    const point: RetentionPoint = { id, atMs: nowMs, asked: number === 0, verified: "unknown", ...parent };
    this.stored.set(id, { point, versions });
    return id;
  }

  #put(path: string, nowMs: number): StoredVersion {
    const version = { path, versionId: "1", isLatest: true, isMarker: false, sizeBytes: 1 };
    const { mode, forMs } = this.#times.rule;
    this.locks.set(version, { mode, untilMs: lockEndMs(nowMs, forMs), isHeld: false });
    return version;
  }

  kept(nowMs: number): ReadonlySet<string> {
    const points = Array.from(this.stored.values(), ({ point }) => point);
    const decisions = decideRetention(points, this.rules, nowMs, calendar);
    return new Set(decisions.flatMap(({ keep, point }) => (keep ? [point.id] : [])));
  }

  firstEndMs(id: string): number {
    return Math.min(...(this.stored.get(id)?.versions ?? []).map((version) => this.locks.get(version)?.untilMs ?? 0));
  }

  renew(nowMs: number, kept: ReadonlySet<string>): void {
    const all = [...this.stored.values()].flatMap(({ versions }) => versions);
    const removable = new Set([...this.stored.keys()].filter((id) => !kept.has(id)).map(folderOfPoint));
    const { versions } = neededVersions(all, { removable, isRecorded: () => true });
    const seen = versions.map((version) => ({ version, lock: this.locks.get(version) as ObjectLock }));
    const { extend } = planRenewal(seen, this.#times, nowMs);
    for (const { version, mode, untilMs } of extend) this.locks.set(version, { mode, untilMs, isHeld: false });
  }

  prune(nowMs: number, kept: ReadonlySet<string>): void {
    const gone = [...this.stored.keys()].filter((id) => !kept.has(id) && this.lastEndMs(id) <= nowMs);
    for (const id of gone) this.stored.delete(id);
  }

  lastEndMs(id: string): number {
    return Math.max(...(this.stored.get(id)?.versions ?? []).map((version) => this.locks.get(version)?.untilMs ?? 0));
  }
}

function folderOfPoint(id: string): string {
  return `${id.includes("/") ? "segments" : "backups"}/${id}`;
}

/** Returns the least time that was left, in periods, of the lock of anything that was needed at that moment. */
function leastLeftInAYear(renewed: RenewalTimes, first: RetentionPolicy, periods: readonly Period[]): number {
  const vault = new LockedVault(renewed, first);
  const { everyMs, skippedMax } = renewed;
  vault.write("base", startMs);
  let neededSince = new Set(vault.kept(startMs));
  let skipped = 0;
  let leastMs = Number.POSITIVE_INFINITY;
  const unkeptSinceMs = new Map<string, number>();
  for (const [index, { write, prunes, skips, rules: changed }] of periods.entries()) {
    const nowMs = startMs + (index + 1) * everyMs;
    if (changed !== undefined) vault.rules = changed;
    if (write !== undefined) neededSince.add(vault.write(write, nowMs - everyMs / 2));
    // A prune changes nothing of what is kept.
    const kept = vault.kept(nowMs);
    if (prunes) vault.prune(nowMs, kept);
    // What rules that were changed want back was left to the end of its lock, up to the next renewal.
    for (const id of kept) if (neededSince.has(id)) leastMs = Math.min(leastMs, vault.firstEndMs(id) - nowMs);
    for (const id of vault.stored.keys()) {
      if (kept.has(id)) unkeptSinceMs.delete(id);
      else if (!unkeptSinceMs.has(id)) unkeptSinceMs.set(id, nowMs);
      // What is not needed is not locked for ever.
      expect(vault.lastEndMs(id)).toBeLessThanOrEqual((unkeptSinceMs.get(id) ?? nowMs) + renewed.rule.forMs + 1000);
    }
    if (skips && skipped < skippedMax) {
      skipped += 1;
      continue;
    }
    skipped = 0;
    vault.renew(nowMs, kept);
    neededSince = new Set(kept);
  }
  return leastMs / everyMs;
}

describe("object locks, renewed for a year", () => {
  it("never stand less than one period from their end while what they lock is needed", () => {
    const year = times.chain((renewed) => {
      const minLength = Math.ceil((365 * dayMs) / renewed.everyMs);
      return fc.tuple(fc.constant(renewed), rules, fc.array(period, { minLength, maxLength: minLength }));
    });
    fc.assert(
      fc.property(year, ([renewed, first, periods]) => {
        checkTimes(renewed);
        expect(leastLeftInAYear(renewed, first, periods)).toBeGreaterThanOrEqual(1);
      }),
      { numRuns: isNightly ? 300 : 10 },
    );
  });

  it("end while they are needed where one more run is skipped than the times allow for", () => {
    const renewed = { rule: { mode: "compliance", forMs: 3 * dayMs }, everyMs: dayMs, skippedMax: 2 } as const;
    const skips = Array.from({ length: 10 }, () => ({
      prunes: false,
      skips: true,
      write: undefined,
      rules: undefined,
    }));
    expect(() => checkTimes(renewed)).toThrow("too short for a renewal every");
    expect(leastLeftInAYear(renewed, { last: 1 }, skips)).toBeLessThan(1);
  });
});
