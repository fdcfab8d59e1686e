// `falkordrill prove`: the machine is looked at, the mutants run, and the matrix made of what they gave.
import { systemClock } from "../base/clock.ts";
import { environmentError } from "../base/errors.ts";
import { describeRun } from "../drill/run/describe-run.ts";
import { resolveOptions } from "../drill/run/options.ts";
import { engineProvider } from "../engine/engines.ts";
import { engineIdentity } from "../engine/identity.ts";
import type { RunRecord } from "../record/run-directory.ts";
import { type KillMatrix, killMatrix } from "./kill-matrix.ts";
import type { Mutant } from "./mutant.ts";
import { noPeers, readyPeers } from "./peers/peers.ts";
import { type ProofRun, proveMutants } from "./prove-mutants.ts";

/** Throws a `DrillError` (`environment`, exit code 14) where no engine can run. */
export async function runProof(
  mutants: readonly Mutant[],
  { withPeers = false, ...run }: Omit<ProofRun, "peers"> & { readonly withPeers?: boolean },
): Promise<KillMatrix> {
  const about = await aboutProof(run.seed);
  const startedMs = systemClock.monotonicMs();
  const peers = withPeers ? await readyPeers() : noPeers;
  const proof = await proveMutants(mutants, { ...run, peers: peers.ready });
  const durationMs = systemClock.monotonicMs() - startedMs;
  const interrupted = run.signal.aborted;
  return killMatrix({ ...proof, about, peers, seed: run.seed, planned: mutants.length, durationMs, interrupted });
}

/** When, where and from which commit a proof ran. */
export async function aboutProof(seed: number): Promise<RunRecord> {
  const why = await engineProvider("auto").unavailable();
  if (why !== undefined) throw environmentError(why, "`falkordrill doctor` shows which engines this machine can run.");
  return describeRun(resolveOptions({ profile: "pr", seed }), [], await engineIdentity("embedded"));
}
