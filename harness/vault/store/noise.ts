// Detects slow ransomware: of text that is replaced, a little from backup to backup, more and more looks like noise.
// What is usual is learned from the vault's own backups. Pure.
import type { Suspicion, TextSample } from "./manifest.ts";
import type { TrustedBackup } from "./trusted-backups.ts";

/** Fewer backups do not show what is usual. */
const backupsMin = 5;
/** Number of the last backups that a new one is compared with, so that a rise in small steps is seen as well. */
const comparedMax = 5;
/** Number of the last backups that show what is usual. */
const usualMax = 30;
const riseMin = 0.004;
/** Keys and hashes of an application look like noise too, and some days bring more of them than others. */
const riseOfUsualMin = 0.5;
/**
 * A rise counts from so many times the second-largest change between two backups on: the first step of an attack, if it
 * stays below that, must not make the second one usual.
 */
const timesUsual = 5;
/** A few keys or hashes would move the share of less. */
const textBytesMin = 256 * 1024;

export interface JudgedText {
  readonly id: string;
  readonly atMs: number;
  readonly text: TextSample | undefined;
  readonly suspicion: Suspicion | undefined;
  readonly isFaulty: boolean;
  /** The user accepted it: later backups are compared with it. */
  readonly isAllowed: boolean;
}

/** Undefined where the text is as usual, or nothing is known to compare it with. */
export function suspicionOf(text: TextSample | undefined, earlier: readonly JudgedText[]): Suspicion | undefined {
  const share = shareOf(text);
  if (share === undefined) return undefined;
  const inOrder = earlier.filter(({ isFaulty }) => !isFaulty).toSorted((a, b) => a.atMs - b.atMs);
  const before = inOrder.at(-1)?.suspicion;
  // Until the text is as before again, or the user accepts it: what it was compared with may be gone by then.
  if (before !== undefined) return share > before.limit ? { ...before, share } : undefined;
  const sound = inOrder.filter(({ suspicion }) => suspicion === undefined);
  const accepted = sound.findLastIndex(({ isAllowed }) => isAllowed);
  const compared = sharesOf(sound.slice(Math.max(accepted, sound.length - comparedMax, 0)));
  const usual = sharesOf(sound.slice(-usualMax));
  const since = sound.at(-1);
  if (since === undefined || usual.length < backupsMin) return undefined;
  const lowest = Math.min(...compared);
  const limit = lowest + Math.max(riseMin, riseOfUsualMin * lowest, timesUsual * usualChange(usual));
  return share > limit ? { since: since.id, share, limit } : undefined;
}

function shareOf(text: TextSample | undefined): number | undefined {
  return text === undefined || text.bytes < textBytesMin ? undefined : text.noiseBytes / text.bytes;
}

function sharesOf(backups: readonly JudgedText[]): readonly number[] {
  return backups.flatMap(({ text }) => shareOf(text) ?? []);
}

function usualChange(shares: readonly number[]): number {
  const changes = shares.slice(1).map((share, index) => Math.abs(share - (shares[index] ?? share)));
  return changes.toSorted((a, b) => b - a)[1] ?? 0;
}

/** "3.1 % of its text looks like noise, and at most 2.6 % was usual up to 20261129T030000Z-0a1b2c3d". */
export function suspicionWords({ since, share, limit }: Suspicion): string {
  const percent = (of: number): string => `${(100 * of).toFixed(1)} %`;
  return `${percent(share)} of its text looks like noise, and at most ${percent(limit)} was usual up to ${since}`;
}

export function judgedText({ manifest, isFaulty }: TrustedBackup): JudgedText {
  const { id, cut, text, suspicion, noiseAllowed } = manifest;
  return { id, atMs: Date.parse(cut.at), text, suspicion, isFaulty, isAllowed: noiseAllowed === true };
}
