// Verify: a backup is unproven until a server has loaded it. Restores into an isolated engine, runs the proof that the
// caller brings, and leaves a signed record of what was found beside the manifest.
import type { Engine, EngineProvider } from "../../engine/engine.ts";
import { messageOf } from "../../base/errors.ts";
import { silentProgress } from "../../base/progress.ts";
import { systemClock } from "../../base/clock.ts";
import type { Phase, VerifyOutcome } from "../system.ts";
import { restore, type RestoreContext } from "./restore.ts";
import { backupPath, writeSigned } from "./vault.ts";
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
  try {
    const outcome = await restore(context, { point, way: "file", engines, progress: silentProgress, signal });
    await using target = outcome.target;
    phases = outcome.phases;
    if (prove !== undefined) problems.push(...(await prove(target)).problems);
  } catch (error) {
    if (signal.aborted) throw error;
    problems.push(messageOf(error));
  }
  const ok = problems.length === 0;
  const record = { point, at: new Date(clock.nowMs()).toISOString(), ok, problems, phases };
  await using _lock = await awaitLock(context.store, lockTimeoutMs, signal);
  const bytes = Buffer.from(`${JSON.stringify(record, undefined, 2)}\n`);
  await writeSigned(context.store, backupPath(point, "validation.json"), bytes, await context.keyring.signer());
  return { ok, problems, phases };
}
