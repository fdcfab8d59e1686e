// How changes and figures are written.
import { formatBytes, formatCount } from "../../harness/base/units.ts";
import type { Change } from "./judge-rounds.ts";

/** 1.031 -> "+3.1 %". */
export function percent(ratio: number): string {
  if (!Number.isFinite(ratio)) return "any";
  const share = (ratio - 1) * 100;
  return `${share < 0 ? "" : "+"}${share.toFixed(1)} %`;
}

/** "+3.1 % (+1.0 % to +5.2 %)" */
export function changeText({ estimate, low, high }: Change): string {
  if (low === 0 && !Number.isFinite(high)) return `${percent(estimate)} (too few runs for an interval)`;
  return `${percent(estimate)} (${percent(low)} to ${percent(high)})`;
}

export function exactText(figure: { unit: string; base: number; head: number; spread: number }): string {
  const { unit, base, head, spread } = figure;
  const [from, to] = [figureText(unit, base), figureText(unit, head)];
  return `${base === head ? to : `${from} -> ${to}`}, runs of one version differ by ${(spread * 100).toFixed(2)} %`;
}

export function figureText(unit: string, value: number): string {
  if (unit === "bytes") return formatBytes(Math.round(value));
  return unit === "count" ? formatCount(value) : `${Number(value.toPrecision(4))}${unit === "x" ? "x" : ` ${unit}`}`;
}
