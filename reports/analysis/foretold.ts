// How long a recovery of a server will take, and when that breaks an objective at the growth of its backups: from the
// restores that verifies and proofs of its vault measured. What a restore takes is in proportion to the snapshot, as long
// as graphs of one vault have the same indexes and kinds of content.
import { studentQuantile } from "../statistics/student.ts";
import type { ObjectiveForecast } from "./analysis.ts";
import { forecastOf } from "./forecasts.ts";
import type { VaultHistory } from "./history.ts";

const coverage = 0.9;

export interface ForetoldRecovery {
  readonly vault: string;
  /** Restores that were measured. */
  readonly restores: number;
  /** Largest snapshot among them; beyond it the estimate is an extrapolation. */
  readonly largestBytes: number;
  readonly seconds: number;
  /** Where a single restore lies in nine of ten cases; undefined from fewer than three measured ones. */
  readonly interval?: readonly [low: number, high: number];
  /** When it breaks the limit, where one is given. */
  readonly forecast?: ObjectiveForecast;
}

const restoresMin = 3;

/** `rawBytes`: size of the snapshot of the server as it is now. Undefined where the vault has no measured restore. */
export function foretellRecovery(
  { name, backups, judged }: Pick<VaultHistory, "name" | "backups" | "judged">,
  {
    rawBytes,
    nowMs,
    limitSeconds,
  }: { readonly rawBytes: number; readonly nowMs: number; readonly limitSeconds?: number | undefined },
): ForetoldRecovery | undefined {
  const sizes = new Map(backups.map((backup) => [backup.id, backup.rawBytes]));
  const measured = judged.flatMap(({ ok, base, number, restoredMs }) => {
    const size = sizes.get(base) ?? 0;
    return ok && number === 0 && restoredMs !== undefined && size > 0
      ? [{ size, log: Math.log(restoredMs / 1000 / size) }]
      : [];
  });
  const count = measured.length;
  if (count === 0) return undefined;
  const rate = measured.reduce((sum, { log }) => sum + log, 0) / count;
  const variance = measured.reduce((sum, { log }) => sum + (log - rate) ** 2, 0) / Math.max(1, count - 1);
  const secondsOf = (bytes: number): number => bytes * Math.exp(rate);
  const seconds = secondsOf(rawBytes);
  const spread = Math.exp(
    studentQuantile((1 + coverage) / 2, Math.max(1, count - 1)) * Math.sqrt(variance * (1 + 1 / count)),
  );
  const series = [
    ...backups.map((backup) => ({ atMs: backup.atMs, value: secondsOf(backup.rawBytes) })),
    { atMs: nowMs, value: seconds },
  ].toSorted((a, b) => a.atMs - b.atMs);
  return {
    vault: name,
    restores: count,
    largestBytes: Math.max(...measured.map(({ size }) => size)),
    seconds,
    ...(count < restoresMin ? {} : { interval: [seconds / spread, seconds * spread] as const }),
    ...(limitSeconds === undefined
      ? {}
      : { forecast: forecastOf({ objective: "rto", subject: name, limit: limitSeconds, measured: series }, nowMs) }),
  };
}
