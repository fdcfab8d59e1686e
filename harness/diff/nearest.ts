// Entities without a uuid have no identity but their content, so a changed one looks like one that is missing and one
// that is new. Of those, the two that have most in common are paired.
import type { Captured } from "../check/locate/capture.ts";
import type { LocateReport } from "../check/locate/locate.ts";

/** Pairs at least half of whose features are equal; each entity is used once, the most similar first. */
export function pairNearest(missing: readonly Captured[], extra: readonly Captured[]): LocateReport[] {
  const byFeature = new Map<string, number[]>();
  for (const [at, entity] of extra.entries())
    for (const feature of featuresOf(entity)) {
      const found = byFeature.get(feature);
      if (found === undefined) byFeature.set(feature, [at]);
      else found.push(at);
    }
  const candidates = missing.flatMap((expected, from) => {
    const features = featuresOf(expected);
    const common = new Map<number, number>();
    for (const feature of features)
      for (const at of byFeature.get(feature) ?? []) common.set(at, (common.get(at) ?? 0) + 1);
    return [...common]
      .map(([to, count]) => ({ from, to, share: count / Math.max(features.length, featuresOf(extra[to]).length) }))
      .filter(({ share }) => share >= 0.5)
      .toSorted((one, other) => other.share - one.share)
      .slice(0, candidatesMax);
  });
  const [usedMissing, usedExtra] = [new Set<number>(), new Set<number>()];
  const pairs: LocateReport[] = [];
  for (const { from, to } of candidates.toSorted((one, other) => other.share - one.share)) {
    if (usedMissing.has(from) || usedExtra.has(to)) continue;
    usedMissing.add(from);
    usedExtra.add(to);
    pairs.push({ expected: missing[from], actual: extra[to] });
  }
  return pairs;
}

const candidatesMax = 20;

/** What two entities can have in common: a property with its value, the labels or the type, an end of an edge. */
function featuresOf(entity: Captured | undefined): string[] {
  if (entity === undefined) return [];
  const { entity: side, kind, ends, properties } = entity;
  return [
    `${side} kind ${kind}`,
    ...ends.map((end, at) => `${side} end ${at} ${end}`),
    ...[...properties].map(([name, { type, hash }]) => `${side} property ${name} ${type} ${hash}`),
  ];
}
