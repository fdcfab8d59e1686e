// `bench --against <version>`: is this version slower than that one? Exit 12 only where that is confirmed.
import { type ComparisonPlan, defaultPlan } from "../../../reports/regression/compare-in-rounds.ts";
import { type VersionComparison, versionLines } from "../../../reports/regression/version-comparison.ts";
import { usageError } from "../../base/errors.ts";
import type { BenchContext } from "../../bench/benchmark.ts";
import { allowedShare } from "./allowed-share.ts";
import { compareVersions } from "../../bench/versions/compare-versions.ts";
import { otherVersion, thisVersion } from "../../bench/versions/other-version.ts";
import { provenanceOf } from "../../bench/versions/provenance.ts";

/** A sample of a graph of a million nodes takes minutes. */
const sampleTimeoutMs = 1_800_000;
const namesDefault = ["counts", "cycle"] as const;

export async function runAgainst(
  label: string,
  names: readonly string[],
  plan: ComparisonPlan,
  context: BenchContext,
): Promise<VersionComparison> {
  await using base = await otherVersion(label, context);
  const chosen = names.length === 0 ? namesDefault : names;
  const { nodes, dims, seed } = context;
  const provenance = await provenanceOf(context, { benchmarks: chosen.join("+"), nodes, dims, seed });
  const versions = { base, head: thisVersion(), names: chosen, plan, provenance, sampleTimeoutMs };
  return await compareVersions(versions, context);
}

export function planOf(flags: { readonly allow: string; readonly rounds: string }, seed: number): ComparisonPlan {
  const roundsMax = Number(flags.rounds);
  if (!Number.isInteger(roundsMax) || roundsMax < defaultPlan.roundsMin)
    throw usageError(`--rounds ${flags.rounds} is not a whole number from ${defaultPlan.roundsMin} on`);
  return { ...defaultPlan, seed, roundsMax, allowed: allowedShare(flags.allow) };
}

export function printComparison(comparison: VersionComparison, json: boolean): void {
  process.stdout.write(json ? `${JSON.stringify(comparison)}\n` : `${versionLines(comparison).join("\n")}\n`);
  process.exitCode = comparison.exitCode;
}
