// How large the damage is: how many entities differ of how many that were compared, and what of it is missing.
import { formatCount } from "../../harness/base/units.ts";
import type { ScenarioResult, StoredFinding } from "../../harness/record/result.ts";
import { counted, countOf, kindOfFinding } from "./finding-groups.ts";

export interface Damage {
  /** Nodes and edges that differ; with `isAtLeast` there are more, which were not read one by one. */
  readonly differing: number;
  readonly isAtLeast: boolean;
  /** Nodes and edges that had to be there. */
  readonly compared: number;
  /** Number of differing items by code: "node-missing": 12, "index-missing": 1. */
  readonly counts: Readonly<Record<string, number>>;
  /** "355 of 11,593 entities differ (3.1 %): 12 nodes missing, 1 index missing". */
  readonly sentence: string;
}

type Scenario = Pick<ScenarioResult, "id" | "findings" | "witnesses">;

/** Undefined where no data differs. Of several restores in one scenario, the worst. */
export function damageOf(scenario: Scenario): Damage | undefined {
  const wrong = scenario.findings.filter((found) => found.severity === "error" && kindOfFinding(found) === "data");
  const counted = [...Map.groupBy(wrong, ({ judgement }) => judgement ?? "").values()].flatMap(
    (findings) => judged(findings, scenario.witnesses) ?? [],
  );
  return counted.toSorted(larger)[0];
}

/** The worst of all scenarios, and where it is. */
export function worstDamage(
  scenarios: readonly Scenario[],
): { readonly scenario: string; readonly damage: Damage } | undefined {
  return scenarios
    .flatMap((scenario) => {
      const damage = damageOf(scenario);
      return damage === undefined ? [] : [{ scenario: scenario.id, damage }];
    })
    .toSorted((a, b) => larger(a.damage, b.damage))[0];
}

function larger(a: Damage, b: Damage): number {
  return b.differing - a.differing || Object.keys(b.counts).length - Object.keys(a.counts).length;
}

const words: readonly (readonly [code: string, noun: string, what: string])[] = [
  ["graph-missing", "graph", "missing"],
  ["graph-unexpected", "graph", "too many"],
  ["node-missing", "node", "missing"],
  ["edge-missing", "edge", "missing"],
  ["node-extra", "node", "too many"],
  ["edge-extra", "edge", "too many"],
  ["node-changed", "node", "changed"],
  ["edge-changed", "edge", "changed"],
  ["index-missing", "index", "missing"],
  ["index-unexpected", "index", "too many"],
  ["constraint-missing", "constraint", "missing"],
  ["key-missing", "key", "missing"],
];

function judged(findings: readonly StoredFinding[], witnesses: Scenario["witnesses"]): Damage | undefined {
  const byCode = Map.groupBy(findings, ({ code }) => code);
  const counts = Object.fromEntries(
    words.flatMap(([code]) => {
      const found = byCode.get(code);
      return found === undefined ? [] : [[code, countOf(found)] as const];
    }),
  );
  const { differing, isAtLeast } = entities(findings);
  if (differing === 0 && Object.keys(counts).length === 0) return undefined;
  const stated = findings.flatMap(({ evidence: { compared } }) => (typeof compared === "number" ? [compared] : []));
  // Older runs record it in their witnesses instead of the findings.
  const compared = stated[0] ?? (witnesses["nodesCompared"] ?? 0) + (witnesses["edgesCompared"] ?? 0);
  const size = { differing, isAtLeast, compared, counts };
  return { ...size, sentence: sentenceOf(size) };
}

/** Differing entities, each graph once: those that were located, else the difference of the counts. */
function entities(findings: readonly StoredFinding[]): Pick<Damage, "differing" | "isAtLeast"> {
  const located = new Map<string, number>();
  const counted = new Map<string, number>();
  /** Graphs of which only a sum differs. */
  const unnamed = new Set<string>();
  let lost = 0;
  let isAtLeast = false;
  for (const { code, subject, evidence } of findings) {
    const graph = subject.split("/")[0] ?? "";
    const { differingEntities, differingBuckets, bucketsRead, entities: all, expected, found } = evidence;
    if (code === "graph-missing") lost += Number(all ?? 0);
    if (typeof differingEntities === "number") {
      located.set(graph, differingEntities);
      isAtLeast ||= typeof bucketsRead === "number" && bucketsRead < Number(differingBuckets);
    }
    if (/^(?:node|edge)-count-differs$/.test(code) && typeof expected === "number" && typeof found === "number")
      counted.set(graph, (counted.get(graph) ?? 0) + Math.abs(expected - found));
    if (/^(?:node|edge)-content-differs$/.test(code)) unnamed.add(graph);
  }
  isAtLeast ||= [...unnamed].some((graph) => !located.has(graph));
  for (const [graph, count] of counted) located.set(graph, Math.max(count, located.get(graph) ?? 0));
  const differing = lost + located.values().reduce((sum, count) => sum + count, 0);
  return { differing, isAtLeast };
}

function sentenceOf({ differing, isAtLeast, compared, counts }: Omit<Damage, "sentence">): string {
  const parts = words.flatMap(([code, noun, what]) => {
    const count = counts[code];
    return count === undefined ? [] : [`${counted(count, noun)} ${what}`];
  });
  if (differing === 0) return parts.join(", ");
  const share = compared === 0 ? "" : ` (${percent(Math.min(1, differing / compared))})`;
  const of = compared === 0 ? "" : ` of ${formatCount(compared)}`;
  const some = `${isAtLeast ? "at least " : ""}${formatCount(differing)}${of} entities differ${share}`;
  return [some, parts.join(", ")].filter((part) => part !== "").join(": ");
}

/** Never 0 % of something, nor 100 % of less than all. */
function percent(share: number): string {
  if (share === 1) return "100 %";
  const value = share * 100;
  if (value < 0.1) return "under 0.1 %";
  return `${Math.min(99.9, value).toFixed(1)} %`;
}
