// The series that objectives are about, from a history and from what earlier analyses remembered.
import type { Objective } from "./analysis.ts";
import { costOf } from "./cost/cost.ts";
import type { Prices } from "./cost/prices.ts";
import type { Measured } from "./forecast/measured.ts";
import type { History, Limits, VaultHistory } from "./history.ts";
import { type JournalLine, remembered, seriesKey, type StoredSeries } from "./journal.ts";

/** What has to stay free of a disk: a backup needs room before it is complete. */
const freeShareMin = 0.05;

export interface ObjectiveSeries {
  readonly objective: Objective;
  readonly subject: string;
  /** The vault concerned, where there is one. */
  readonly vault?: VaultHistory;
  readonly limit: number;
  readonly measured: readonly Measured[];
}

export function objectiveSeries(
  history: History,
  limits: Limits,
  prices: Prices | undefined,
  journal: readonly JournalLine[],
): readonly ObjectiveSeries[] {
  const before = remembered(journal);
  const joined = (series: ObjectiveSeries): ObjectiveSeries => {
    const known = new Map((before.get(seriesKey(series)) ?? []).map(({ atMs, value }) => [atMs, value]));
    for (const { atMs, value } of series.measured) known.set(atMs, value);
    const measured = [...known].map(([atMs, value]) => ({ atMs, value })).toSorted((a, b) => a.atMs - b.atMs);
    return { ...series, measured };
  };
  const vaults = history.vaults.flatMap((vault) => ofVault(vault, history.nowMs, limits, prices));
  return [...ofDrills(history, limits), ...vaults].map(joined);
}

function ofDrills({ drills }: History, { rtoSeconds: limit }: Limits): readonly ObjectiveSeries[] {
  if (limit === undefined) return [];
  const measured = drills.flatMap(({ id, startedMs, rtoMs }) =>
    rtoMs === undefined ? [] : [{ id, atMs: startedMs, value: rtoMs / 1000 }],
  );
  return [...Map.groupBy(measured, ({ id }) => id)].map(([subject, all]) => ({
    objective: "rto",
    subject,
    limit,
    measured: all.map(({ atMs, value }) => ({ atMs, value })),
  }));
}

function ofVault(
  vault: VaultHistory,
  nowMs: number,
  { windowSeconds, costPerMonth }: Limits,
  prices: Prices | undefined,
): readonly ObjectiveSeries[] {
  const { name: subject, disk, lockEndMs, ringKeys } = vault;
  const series: ObjectiveSeries[] = [];
  if (windowSeconds !== undefined)
    series.push({ objective: "window", subject, vault, limit: windowSeconds, measured: durationsOf(vault) });
  if (disk !== undefined) {
    const used = disk.sizeBytes - disk.freeBytes;
    const limit = (1 - freeShareMin) * disk.sizeBytes;
    series.push({ objective: "space", subject, vault, limit, measured: usedBefore(vault, used, nowMs) });
  }
  const cost = prices === undefined ? undefined : costOf(vault, prices, nowMs);
  if (cost !== undefined && costPerMonth !== undefined)
    series.push({
      objective: "cost",
      subject,
      vault,
      limit: costPerMonth,
      measured: [{ atMs: nowMs, value: cost.total }],
    });
  const ends = (objective: Objective, of: string, endMs: number): void => {
    series.push({ objective, subject: of, vault, limit: 0, measured: [{ atMs: nowMs, value: endMs }] });
  };
  if (lockEndMs !== undefined) ends("lock", subject, lockEndMs);
  for (const { role, name, expiresMs } of ringKeys)
    if (Number.isFinite(expiresMs)) ends("key", `${subject} ${role} ${name}`, expiresMs);
  return series;
}

export function durationsOf({ attempts }: VaultHistory): readonly Measured[] {
  return attempts.flatMap(({ beganMs, endedMs }) =>
    endedMs === undefined ? [] : [{ atMs: endedMs, value: Math.max(0.001, (endedMs - beganMs) / 1000) }],
  );
}

/**
 * Space used on the disk, back to the last removal: until then it grew by what was added to the vault, and by what is
 * not known of others.
 */
function usedBefore(
  { points, lastRemovedMs = 0 }: VaultHistory,
  usedBytes: number,
  nowMs: number,
): readonly Measured[] {
  const measured: Measured[] = [{ atMs: nowMs, value: usedBytes }];
  let used = usedBytes;
  for (const { atMs, objectBytes } of points.toSorted((a, b) => b.atMs - a.atMs)) {
    if (atMs <= lastRemovedMs) break;
    if (atMs < nowMs) measured.push({ atMs, value: used });
    used -= objectBytes.reduce((sum, size) => sum + size, 0);
  }
  return measured;
}

/** What no earlier line of the journal has. */
export function unremembered(
  series: readonly ObjectiveSeries[],
  journal: readonly JournalLine[],
): readonly StoredSeries[] {
  const before = remembered(journal);
  return series.flatMap(({ objective, subject, measured }) => {
    const known = new Set((before.get(seriesKey({ objective, subject })) ?? []).map(({ atMs }) => atMs));
    const points = measured.flatMap(({ atMs, value }) => (known.has(atMs) ? [] : [[atMs, value] as const]));
    return points.length === 0 ? [] : [{ objective, subject, points }];
  });
}
