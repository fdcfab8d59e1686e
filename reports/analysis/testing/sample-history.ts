// A history of a vault and its drills over half a year, made without any server: daily full backups that grow, a proof a
// week, a drill a day. For tests.
import { Draw } from "../../../generators/random.ts";
import { dayLengthMs } from "../forecast/measured.ts";
import type { FullBackup, History, KeptPoint, VaultHistory } from "../history.ts";

export const sampleNowMs: number = Date.parse("2026-11-30T12:00:00.000Z");

export interface SampleOptions {
  readonly days?: number;
  /** Growth of durations and sizes, as a share of the first day's. */
  readonly perDay?: number;
  /** Every so many backups one fails. */
  readonly failsEvery?: number;
  readonly vault?: Partial<VaultHistory>;
}

const mib = 2 ** 20;
const objects = 4;

export function sampleHistory({ days = 120, perDay = 0.01, failsEvery, vault = {} }: SampleOptions = {}): History {
  const draw = new Draw(1, "sample-history");
  const at = (day: number): number => sampleNowMs - (days - 1 - day) * dayLengthMs - 9 * 3_600_000;
  const grown = (day: number, spread = 0.08): number => (1 + perDay * day) * (1 + spread * (draw.unit() - 0.5));
  const all = Array.from({ length: days }, (_, day) => day);
  const made = all.filter((day) => failsEvery === undefined || (day + 5) % failsEvery !== 0);
  const id = (day: number): string => `${new Date(at(day)).toISOString().replaceAll(/[-:]|\.\d+/g, "")}-0123abcd`;
  const backups = made.map((day): FullBackup => {
    const storedBytes = Math.round(300 * mib * grown(day));
    const graphs = [
      { name: "team_alpha", entities: 3000 },
      { name: "team_beta", entities: 1000 },
    ];
    return { id: id(day), atMs: at(day), storedBytes, rawBytes: Math.round(storedBytes * 2.6), graphs };
  });
  const points = backups.map(({ id: base, atMs, storedBytes }): KeptPoint => ({
    id: base,
    base,
    isFull: true,
    atMs,
    objectBytes: Array.from({ length: objects }, () => storedBytes / objects),
  }));
  const judged = backups.filter((_, index) => index % 7 === 3);
  return {
    nowMs: sampleNowMs,
    vaults: [
      {
        name: "near",
        place: "/srv/backups",
        keys: "/srv/backups-keys",
        attempts: all.map((day) => ({
          beganMs: at(day),
          endedMs: made.includes(day) ? at(day) + Math.round(1_200_000 * grown(day)) : undefined,
        })),
        points,
        backups,
        judged: judged.map(({ id: base, atMs }) => ({
          atMs: atMs + 3_600_000,
          ok: true,
          base,
          number: 0,
          ms: 300_000 * (1 + 0.1 * draw.unit()),
        })),
        entriesMs: made.flatMap((day) => [at(day), at(day) + 1_200_000]),
        lastRemovedMs: undefined,
        otherBytes: [70, 20_000, 20_000],
        lockEndMs: undefined,
        ringKeys: [{ role: "signer", name: "backup-host", expiresMs: sampleNowMs + 200 * dayLengthMs }],
        disk: { freeBytes: 20_000 * mib, sizeBytes: 200_000 * mib },
        keep: { daily: 7, weekly: 4, monthly: 12 },
        zone: "UTC",
        ...vault,
      },
    ],
    drills: all.map((day) => ({
      id: "cycle/full",
      verdict: day % 40 === 11 ? "inconclusive" : "pass",
      startedMs: at(day) + 7_200_000,
      rtoMs: 300_000 * grown(day) * (day > days - 30 ? 1.4 : 1),
    })),
  };
}
