// Parses and formats sizes, counts and durations in human-readable form.
import { usageError } from "./errors.ts";

const countUnits: Record<string, number> = { "": 1, k: 1e3, m: 1e6, g: 1e9 };
const byteUnits: Record<string, number> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};
const durationUnits: Record<string, number> = { ms: 1, s: 1e3, m: 60e3, h: 3600e3, d: 86_400e3 };

/** "10k" -> 10000. */
export function parseCount(text: string): number {
  return parseWith(text, countUnits, "a count such as 500, 10k or 1m");
}

/** "512MiB" -> 536870912. */
export function parseBytes(text: string): number {
  return parseWith(text, byteUnits, "a size such as 64KiB, 512MiB or 1GB");
}

/** "5MiB" -> 5242880 (bytes a second). */
export function parseRate(text: string): number {
  const bytes = parseBytes(text);
  if (bytes < 1) throw usageError(`a rate of ${text} a second would never end`, "Give at least 1KiB.");
  return bytes;
}

/** "30s" -> 30000 (milliseconds). */
export function parseDuration(text: string): number {
  return parseWith(text, durationUnits, "a duration such as 250ms, 30s or 5m");
}

function parseWith(text: string, units: Record<string, number>, expected: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  const factor = match?.[2] === undefined ? undefined : units[match[2].toLowerCase()];
  const value = Number(match?.[1]) * (factor ?? Number.NaN);
  if (!Number.isSafeInteger(value)) throw usageError(`"${text}" is not ${expected}`);
  return value;
}

export function formatBytes(bytes: number): string {
  if (bytes < 2 ** 10) return `${bytes} B`;
  if (bytes < 2 ** 20) return `${(bytes / 2 ** 10).toFixed(1)} KiB`;
  if (bytes < 2 ** 30) return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  return `${(bytes / 2 ** 30).toFixed(2)} GiB`;
}

export function formatDuration(ms: number): string {
  // A time that would be rounded to 1000 ms is shown as a second.
  if (ms < 999.5) return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
  if (ms < 120e3) return `${(ms / 1000).toFixed(2)} s`;
  if (ms < 120 * 60e3) return `${(ms / 60e3).toFixed(1)} min`;
  if (ms < 48 * 3600e3) return `${(ms / 3600e3).toFixed(1)} h`;
  return `${(ms / 86_400e3).toFixed(1)} days`;
}

/** 65000 (milliseconds) -> "1:05". */
export function formatMinutes(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** Made when it is first needed: loading its tables takes longer than loading all of a small program. */
let counts: Intl.NumberFormat | undefined;

export function formatCount(count: number): string {
  counts ??= new Intl.NumberFormat("en-US");
  return counts.format(count);
}
