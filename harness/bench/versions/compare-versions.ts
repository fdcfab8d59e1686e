// `bench --against`: this version and another one, measured in turns on this machine in an order from the seed.
import { Draw } from "../../../generators/random.ts";
import { compareInRounds, type ComparisonPlan } from "../../../reports/regression/compare-in-rounds.ts";
import { judgeExact } from "../../../reports/regression/judge-exact.ts";
import type { Round } from "../../../reports/regression/judge-rounds.ts";
import { type VersionComparison, verdictOf } from "../../../reports/regression/version-comparison.ts";
import type { Provenance } from "../../../reports/regression/provenance.ts";
import { shuffled } from "../../../reports/statistics/shuffle.ts";
import type { BenchContext } from "../benchmark.ts";
import type { Version } from "./other-version.ts";
import { type SampleRow, takeSample } from "./sample.ts";

export interface VersionsToCompare {
  readonly base: Version;
  readonly head: Version;
  readonly names: readonly string[];
  readonly plan: ComparisonPlan;
  readonly provenance: Provenance;
  readonly sampleTimeoutMs: number;
}

type Side = "base" | "again" | "head";

export async function compareVersions(
  { base, head, names, plan, provenance, sampleTimeoutMs }: VersionsToCompare,
  context: Omit<BenchContext, "engines" | "runs">,
  sample: typeof takeSample = takeSample,
): Promise<VersionComparison> {
  const { nodes, dims, seed, progress, signal } = context;
  const args = [...names, "--nodes", String(nodes), "--dims", String(dims), "--seed", String(seed), "--runs", "1"];
  const draw = new Draw(plan.seed, "bench/order");
  const seen = new SeenRows();
  const compared = await compareInRounds(async (stage, number) => {
    const sides: Partial<Record<Side, readonly SampleRow[]>> = {};
    for (const side of shuffled(["base", "again", "head"] as const, draw)) {
      progress.step(
        `${stage === 1 ? "round" : "confirmation, round"} ${number + 1} of at most ${plan.roundsMax}: ${side}`,
      );
      const { root } = side === "head" ? head : base;
      sides[side] = await sample(root, { args, timeoutMs: sampleTimeoutMs, signal });
    }
    const { base: first = [], again = [], head: other = [] } = sides;
    seen.add("base", first);
    seen.add("base", again);
    seen.add("head", other);
    return roundsOf(first, again, other);
  }, plan);
  const comparison = {
    type: "comparison" as const,
    base: described(base),
    head: described(head),
    provenance,
    allowed: plan.allowed,
    times: compared,
    exact: seen.exact(),
    oneSided: seen.oneSided(),
  };
  return { ...comparison, ...verdictOf(comparison) };
}

function described({ label, version, commit }: Version): { label: string; version: string; commit?: string } {
  return { label, version, ...(commit === undefined ? {} : { commit }) };
}

const keyOf = (row: SampleRow): string => `${row.benchmark}: ${row.name}`;

/** Ratios are compared, and not the times that they are made of: their raw limit was measured in the same process. */
function roundsOf(
  base: readonly SampleRow[],
  again: readonly SampleRow[],
  head: readonly SampleRow[],
): Map<string, Round> {
  const rounds = new Map<string, Round>();
  for (const row of base) {
    if (row.unit !== "x" || row.exactWithin !== undefined) continue;
    const twin = (rows: readonly SampleRow[]): number => cost(rows.find((other) => keyOf(other) === keyOf(row)));
    const round = { base: cost(row), again: twin(again), head: twin(head) };
    // A ratio that is missing, or zero, is nothing that another one could be a multiple of.
    if (Object.values(round).every((value) => Number.isFinite(value) && value > 0)) rounds.set(keyOf(row), round);
  }
  return rounds;
}

/** So that less is better. */
function cost(row: SampleRow | undefined): number {
  if (row === undefined) return Number.NaN;
  return row.better === "less" ? row.value : 1 / row.value;
}

/** All rows of both sides, for the figures that are compared as they are, and for those that only one side has. */
class SeenRows {
  readonly #rows = { base: new Map<string, SampleRow[]>(), head: new Map<string, SampleRow[]>() };

  add(side: "base" | "head", rows: readonly SampleRow[]): void {
    for (const row of rows) {
      const known = this.#rows[side].get(keyOf(row));
      if (known === undefined) this.#rows[side].set(keyOf(row), [row]);
      else known.push(row);
    }
  }

  exact(): VersionComparison["exact"] {
    return [...this.#rows.head].flatMap(([name, head]) => {
      const [row] = head;
      const base = this.#rows.base.get(name);
      if (row?.exactWithin === undefined || base === undefined) return [];
      const values = (rows: readonly SampleRow[]): number[] => rows.map(({ value }) => value);
      const { unit, better, exactWithin: within } = row;
      return [{ name, unit, within, ...judgeExact(values(base), values(head), { within, better }) }];
    });
  }

  oneSided(): VersionComparison["oneSided"] {
    const oneSided = (side: "base" | "head", other: "base" | "head"): VersionComparison["oneSided"] =>
      [...this.#rows[side].keys()].filter((name) => !this.#rows[other].has(name)).map((name) => ({ name, only: side }));
    return [...oneSided("base", "head"), ...oneSided("head", "base")];
  }
}
