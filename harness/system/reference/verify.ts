// Verify: a backup is unproven until a server has loaded it. Restores into an isolated engine, runs the proof that the
// caller brings, and leaves a signed record of what was found beside the manifest.
import type { Engine, EngineProvider } from "../../engine/engine.ts";
import { messageOf } from "../../base/errors.ts";
import { silentProgress } from "../../base/progress.ts";
import { systemClock } from "../../base/clock.ts";
import type { Phase, VerifyOutcome } from "../system.ts";
import { type ProofFailure, proofFailure } from "./proof-outcome.ts";
import { restore, type RestoreContext } from "./restore.ts";
import { readValidation, writeValidation } from "./validation.ts";
import { compareContent } from "./compare-content.ts";
import { backupFolder, readManifest } from "./vault.ts";
import { awaitLock } from "./vault-lock.ts";

const lockTimeoutMs = 600_000;

/** Looks at a restored engine; what it finds wrong are plain sentences. */
export type Prove = (target: Engine) => Promise<{ readonly problems: readonly string[] }>;

export async function verify(
  context: RestoreContext,
  prove: Prove | undefined,
  point: string,
  engines: EngineProvider,
  signal: AbortSignal,
): Promise<VerifyOutcome> {
  const clock = context.clock ?? systemClock;
  const problems: string[] = [];
  let phases: readonly Phase[] = [];
  let failure: ProofFailure | undefined;
  let looked: string | undefined;
  try {
    const outcome = await restore(context, { point, way: "file", engines, progress: silentProgress, signal });
    await using target = outcome.target;
    phases = outcome.phases;
    const compared = await compareContent(
      target.endpoint,
      await readManifest(context.store, point, context.keyring),
      signal,
    );
    looked = compared.looked;
    problems.push(...compared.problems);
    if (prove !== undefined) problems.push(...(await prove(target)).problems);
    if (problems.length > 0) failure = "dataWrong";
  } catch (error) {
    failure = signal.aborted ? undefined : proofFailure(error);
    if (failure === undefined) throw error;
    problems.push(messageOf(error));
  }
  const ok = failure === undefined;
  const at = new Date(clock.nowMs()).toISOString();
  const signer = await context.keyring.signer();
  await using _lock = await awaitLock(context.store, "the record of a verify", { timeoutMs: lockTimeoutMs, signal });
  // A proof found it to be something else than its source held. That it loads, as is found here, says nothing against it.
  const before = await readValidation(context.store, backupFolder(point), context.keyring);
  if (before?.offset === undefined || before.ok || !ok)
    await writeValidation(context.store, backupFolder(point), { at, ok, problems, phases }, signer);
  return {
    ok,
    problems,
    phases,
    ...(looked === undefined ? {} : { looked }),
    ...(failure === undefined ? {} : { failure }),
  };
}
