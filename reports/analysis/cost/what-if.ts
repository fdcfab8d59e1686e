// What a vault would cost with another schedule, rules or class: both schedules are run until as much is removed as is
// added, with backups as large as they are now.
import { usageError } from "../../../harness/base/errors.ts";
import { formatDuration, parseCount, parseDuration } from "../../../harness/base/units.ts";
import { Calendar } from "../../../harness/vault/retention/calendar.ts";
import {
  decideRetention,
  parseAge,
  type RetentionPoint,
  type RetentionPolicy,
} from "../../../harness/vault/retention/retention.ts";
import { dayLengthMs } from "../forecast/measured.ts";
import type { VaultHistory } from "../history.ts";
import { bytesOf, costOfUse, isRecent, middle, monthDays, storageCost } from "./cost.ts";
import { classAt, type Prices, type VaultPrice, vaultPriceOf } from "./prices.ts";

export interface Plan {
  readonly everyMs: number;
  readonly keep: RetentionPolicy;
  /** Undefined where proofs stay as they are. */
  readonly proveEveryMs?: number | undefined;
  readonly class?: string | undefined;
}

export interface WhatIf {
  readonly vault: string;
  /** The text that asked for it. */
  readonly change: string;
  /** What changes, in words. */
  readonly says: string;
  readonly nowPerMonth: number;
  readonly thenPerMonth: number;
}

const counts = ["last", "daily", "weekly", "monthly", "yearly"] as const;
const hint =
  "It takes every=1h, keep-last=7 (-daily, -weekly, -monthly, -yearly), keep-within=7d, prove-every=1d and class=<name>, several with commas.";

/** Reads `every=1h,keep-daily=14`. The rules of `keep-...` replace all of those of now. */
export function parseChange(text: string): Partial<Plan> {
  const pairs = text.split(",").map((part) => {
    const [name = "", value] = part.split("=");
    if (value === undefined || value === "")
      throw usageError(`--what-if ${text}: "${part}" is not <name>=<value>`, hint);
    return [name.trim(), value.trim()] as const;
  });
  const keep: Partial<Record<(typeof counts)[number], number>> & { within?: RetentionPolicy["within"] } = {};
  const plan: { -readonly [name in keyof Plan]?: Plan[name] } = {};
  for (const [name, value] of pairs) {
    const rule = counts.find((count) => name === `keep-${count}`);
    if (rule !== undefined) keep[rule] = parseCount(value);
    else if (name === "keep-within") keep.within = parseAge(value);
    else if (name === "every") plan.everyMs = atLeastAMinute(value);
    else if (name === "prove-every") plan.proveEveryMs = atLeastAMinute(value);
    else if (name === "class") plan.class = value;
    else throw usageError(`--what-if ${text}: "${name}" is not known`, hint);
  }
  return Object.keys(keep).length === 0 ? plan : { ...plan, keep: keep as RetentionPolicy };
}

function atLeastAMinute(text: string): number {
  const ms = parseDuration(text);
  if (ms >= 60_000) return ms;
  throw usageError(`--what-if: ${text} is too often`, "Give at least 1m.");
}

/** Undefined where the vault has too few backups to know its schedule, or no price. */
export function whatIf(vault: VaultHistory, prices: Prices, change: string, nowMs: number): WhatIf | undefined {
  const asked = parseChange(change);
  const price = vaultPriceOf(prices, vault.name);
  const everyMs = usualEveryMs(vault);
  if (price === undefined || everyMs === undefined) return undefined;
  const keep = vault.keep ?? asked.keep;
  if (keep === undefined)
    throw usageError(
      `--what-if ${change}: it is not known which backups of ${vault.name} are removed, so it has no cost a month`,
      "Give its rules under monitor.vaults.keep in the configuration, or add keep-daily=7 and the like.",
    );
  if (asked.class !== undefined && !(asked.class in prices.classes))
    throw usageError(`--what-if ${change}: the prices have no class ${asked.class}`, hint);
  const now: Plan = { everyMs, keep };
  const then: Plan = { ...now, ...asked };
  return {
    vault: vault.name,
    change,
    says: wordsOf(now, then),
    nowPerMonth: costOfPlan(vault, prices, price, now, nowMs),
    thenPerMonth: costOfPlan(vault, prices, price, then, nowMs),
  };
}

/** The usual time between full backups. */
function usualEveryMs({ attempts }: VaultHistory): number | undefined {
  const ends = attempts.flatMap(({ endedMs }) => endedMs ?? []).toSorted((a, b) => a - b);
  const gaps = ends.slice(-31).flatMap((atMs, index, all) => (index === 0 ? [] : [atMs - (all[index - 1] as number)]));
  return gaps.length < 3 ? undefined : Math.max(60_000, middle(gaps));
}

function wordsOf(now: Plan, then: Plan): string {
  const said = [
    then.everyMs !== now.everyMs && `a backup every ${age(then.everyMs)} in place of every ${age(now.everyMs)}`,
    then.keep !== now.keep && "other rules of what is kept",
    then.class !== undefined && `the class ${then.class}`,
    then.proveEveryMs !== undefined && `a proof every ${age(then.proveEveryMs)}`,
  ];
  return said.filter((part) => part !== false).join(", ");
}

function age(ms: number): string {
  const hours = ms / 3_600_000;
  if (Math.abs(hours - 24) < 1) return "day";
  return Math.abs(hours - 1) < 0.05 ? "hour" : formatDuration(ms);
}

const spanDays = 400;
const incrementsADayMax = 24;

function costOfPlan(vault: VaultHistory, prices: Prices, given: VaultPrice, plan: Plan, nowMs: number): number {
  const price = plan.class === undefined ? given : { class: plan.class };
  const full = vault.points
    .filter(({ isFull }) => isFull)
    .toSorted((a, b) => b.atMs - a.atMs)
    .slice(0, 5);
  const fullBytes = middle(full.map(bytesOf));
  const fullObjects = Math.max(1, middle(full.map(({ objectBytes }) => objectBytes.length)));
  const young = vault.points.filter(({ isFull, atMs }) => !isFull && isRecent(atMs, nowMs));
  const days = Math.min(monthDays, Math.max(1, (nowMs - Math.min(...young.map(({ atMs }) => atMs))) / dayLengthMs));
  const aDay =
    young.length === 0
      ? { bytes: 0, objects: 0 }
      : perDay(
          young.map(({ objectBytes }) => objectBytes),
          days,
        );
  const perPiece = Math.min(incrementsADayMax, Math.ceil(young.length / days));
  const points = plannedPoints(plan.everyMs, perPiece, nowMs);
  const kept = decideRetention(points, plan.keep, nowMs, new Calendar(vault.zone)).filter(({ keep }) => keep);
  const storage = kept.reduce(
    (sum, { point }) => {
      const [bytes, objects] =
        point.parent === undefined ? [fullBytes, fullObjects] : [aDay.bytes / perPiece, aDay.objects / perPiece];
      const count = Math.max(1, Math.round(objects));
      const sizes = Array.from({ length: count }, () => bytes / count);
      return sum + storageCost(sizes, classAt(price, (nowMs - point.atMs) / dayLengthMs), prices);
    },
    storageCost(vault.otherBytes, price.class, prices),
  );
  const backups = (monthDays * dayLengthMs) / plan.everyMs;
  const proofs = proofsOf(vault, plan, nowMs);
  const use = {
    puts: backups * (fullObjects + entriesOfBackup) + aDay.objects * monthDays + proofs.count,
    putBytes: backups * fullBytes + aDay.bytes * monthDays,
    gets: proofs.count * fullObjects,
    getBytes: proofs.count * fullBytes,
    proofHours: proofs.hours,
  };
  const { requests, traffic, proofs: proofCost } = costOfUse(use, price, prices);
  return storage + requests + traffic + proofCost;
}

/** A backup is recorded when it begins, when it is complete, and when it is removed. */
const entriesOfBackup = 4;

function perDay(sizes: readonly (readonly number[])[], days: number): { bytes: number; objects: number } {
  return {
    bytes: sizes.flat().reduce((sum, size) => sum + size, 0) / days,
    objects: sizes.flat().length / days,
  };
}

function proofsOf({ judged }: VaultHistory, { proveEveryMs }: Plan, nowMs: number): { count: number; hours: number } {
  const recent = judged.filter(({ atMs }) => isRecent(atMs, nowMs)).length;
  const count = proveEveryMs === undefined ? recent : (monthDays * dayLengthMs) / proveEveryMs;
  return { count, hours: (count * middle(judged.flatMap(({ ms }) => ms ?? []))) / 3_600_000 };
}

/** Full backups of the last 400 days, and the increments between them. */
function plannedPoints(everyMs: number, incrementsADay: number, nowMs: number): readonly RetentionPoint[] {
  const points: RetentionPoint[] = [];
  const gapMs = incrementsADay === 0 ? Number.POSITIVE_INFINITY : dayLengthMs / incrementsADay;
  for (let back = Math.floor((spanDays * dayLengthMs) / everyMs); back >= 0; back -= 1) {
    const atMs = nowMs - back * everyMs;
    const id = `planned-${String(points.length).padStart(8, "0")}`;
    points.push({ id, atMs, asked: true, verified: "unknown" });
    for (let number = 1; number * gapMs < everyMs && atMs + number * gapMs <= nowMs; number += 1)
      points.push({
        id: `${id}/${number}`,
        atMs: atMs + number * gapMs,
        asked: false,
        verified: "unknown",
        parent: number === 1 ? id : `${id}/${number - 1}`,
      });
  }
  return points;
}
