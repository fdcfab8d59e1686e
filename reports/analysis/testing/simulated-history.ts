// Histories of measurements as they grow in the field, drawn from a seed: some break their limit, others never do.
import { Draw } from "../../../generators/random.ts";
import { normalQuantile } from "../../statistics/student.ts";
import type { Measured } from "../forecast/measured.ts";

const growthKinds = ["linear", "exponential", "step", "seasonal", "noise", "none"] as const;
type GrowthKind = (typeof growthKinds)[number];

export interface SimulatedHistory {
  readonly kind: GrowthKind;
  /** One a day, some days missing, from day 0 to `daysKnown`, and on to `daysTrue` to grade by. */
  readonly measured: readonly Measured[];
  readonly limit: number;
}

const dayMs = 86_400_000;
export const daysKnown = 180;
const daysTrue = 240;

export function simulatedHistory(seed: number, index: number): SimulatedHistory {
  const draw = new Draw(seed, "simulated-history").at(index);
  const between = (low: number, high: number): number => low + (high - low) * draw.unit();
  const normal = (): number => normalQuantile(Math.min(0.9999, Math.max(0.0001, draw.unit())));
  const kind = growthKinds[index % growthKinds.length] as GrowthKind;
  const start = Math.exp(between(0, 12));
  const noise = between(0.01, 0.12);
  const grows = kind !== "noise" && kind !== "none";
  const daily = between(0.001, kind === "exponential" ? 0.01 : 0.015);
  const weekend = kind === "seasonal" ? between(0.1, 0.3) : 0;
  const steps = kind === "step" ? [1, 2].map(() => ({ day: between(15, 200), by: between(-0.25, 0.5) })) : [];
  const keeps = between(0.6, 0.9);
  const level = (day: number): number => {
    if (!grows) return start;
    if (kind === "exponential") return start * Math.exp(daily * day);
    const jumps = steps.reduce((product, { day: at, by }) => product * (day >= at ? 1 + by : 1), 1);
    const share = kind === "step" ? daily / 2 : daily;
    return start * (1 + share * day) * jumps;
  };
  const limit = Math.max(grows ? level(between(40, 260)) : start * between(1.3, 3), start * (1.15 + 2 * noise));
  const measured: Measured[] = [];
  let slow = 0;
  for (let day = 0; day < daysTrue; day += 1) {
    slow = kind === "noise" ? keeps * slow + Math.sqrt(1 - keeps * keeps) * normal() : normal();
    const wild = draw.chance(0.015) ? between(1.5, 3) : 1;
    const season = weekend > 0 && day % 7 >= 5 ? 1 - weekend : 1;
    const value = level(day) * season * Math.exp(noise * slow) * wild;
    if (!draw.chance(0.05)) measured.push({ atMs: day * dayMs, value });
  }
  return { kind, measured, limit };
}
