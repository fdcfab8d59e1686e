// Verify: a backup is unproven until a server has loaded it. Restores into an isolated engine, runs the caller's proof,
// and stores a signed record of the result next to the manifest. The increments on it are checked as well, but are not
// part of that record: the backup can be restored without them.
import { passPoint } from "../../base/process/crash-point.ts";
import type { Engine, EngineProvider } from "../../engine/engine.ts";
import { errorMessage } from "../../base/errors.ts";
import { silentProgress } from "../../base/progress.ts";
import { systemClock } from "../../base/clock.ts";
import { type VerifiedPoint, withIncrements } from "../chain/chain-check.ts";
import { type Phase, PhaseTimer } from "../../base/phases.ts";
import { type ProofFailure, proofFailure, type VerifyResult } from "../chain/proof-outcome.ts";
import { discardUntrusted } from "../chain/proofs.ts";
import { partsOf, readParts } from "../parts/read-parts.ts";
import { openBackup, restoreBackup, type RestoreContext } from "./restore.ts";
import { readValidation, setAside, type Validation, writeValidation } from "../store/validation.ts";
import { compareContent } from "./compare-content.ts";
import { tryAppend } from "../catalogue/append.ts";
import { StoreError } from "../store/store.ts";
import { backupFolder, readManifest } from "../store/vault.ts";
import { awaitLock, useBackups } from "../locks/vault-lock.ts";

const lockTimeoutMs = 600_000;

/** Checks a restored engine; returns one sentence for each problem. */
export type Prove = (target: Engine) => Promise<{ readonly problems: readonly string[] }>;

export async function verify(
  context: RestoreContext,
  prove: Prove | undefined,
  point: string,
  engines: EngineProvider,
  signal: AbortSignal,
): Promise<VerifiedPoint> {
  const outcome = await verifyBackup(context, prove, point, engines, signal);
  return await withIncrements({ ...context, signal }, point, outcome, async (base) => {
    if (!outcome.ok || outcome.isUnrecorded === true) return [];
    await using _lock = await awaitLock(context.store, "the record of a verify", { timeoutMs: lockTimeoutMs, signal });
    return await discardUntrusted(context.store, base, context.keyring);
  });
}

async function verifyBackup(
  context: RestoreContext,
  prove: Prove | undefined,
  point: string,
  engines: EngineProvider,
  signal: AbortSignal,
): Promise<VerifyResult> {
  const clock = context.clock ?? systemClock;
  const problems: string[] = [];
  let phases: readonly Phase[] = [];
  let failure: ProofFailure | undefined;
  let looked: string | undefined;
  try {
    const outcome = await restoreBackup(context, { point, way: "file", engines, progress: silentProgress, signal });
    await using target = outcome.target;
    phases = outcome.phases;
    const compared = await compareContent(
      target.endpoint,
      await readManifest(context.store, point, context.keyring),
      signal,
    );
    looked = compared.looked;
    problems.push(...compared.problems);
    passPoint("verify/compared");
    if (prove !== undefined) problems.push(...(await prove(target)).problems);
    if (problems.length > 0) failure = "dataWrong";
  } catch (error) {
    failure = signal.aborted ? undefined : proofFailure(error);
    if (failure === undefined) throw error;
    problems.push(errorMessage(error));
  }
  const ok = failure === undefined;
  const at = new Date(clock.nowMs()).toISOString();
  const record = await remember(context, point, { at, ok, problems, phases }, signal).then(
    (notes) => ({ notes }),
    (error: unknown) => {
      // A vault that cannot be written to, or is full: what was found in minutes of work is still the result.
      if (!(error instanceof StoreError) || error.code === "broken") throw error;
      return { notes: [`what was found is not on record: ${error.message}`], isUnrecorded: true };
    },
  );
  return {
    ok,
    problems,
    phases,
    ...record,
    ...(looked === undefined ? {} : { looked }),
    ...(failure === undefined ? {} : { failure }),
  };
}

/** Checks everything that needs no engine; nothing is recorded, as nothing has been loaded. */
export async function verifyOffline(
  context: RestoreContext,
  point: string,
  signal: AbortSignal,
): Promise<VerifiedPoint> {
  const timer = new PhaseTimer();
  const outcome = async (): Promise<VerifyResult> => {
    await using _lease = await useBackups(context.store, "verify", [point]);
    try {
      const { manifest, keys } = await openBackup(context, point, { progress: silentProgress, signal }, timer);
      const readAll = async (): Promise<void> => {
        for await (const _part of readParts(context.store, partsOf(manifest), keys, signal));
      };
      await timer.during("decrypt + decompress", readAll, () => manifest.rawBytes);
      return { ok: true, problems: [], phases: timer.all() };
    } catch (error) {
      const failure = signal.aborted ? undefined : proofFailure(error);
      if (failure === undefined) throw error;
      return { ok: false, failure, problems: [errorMessage(error)], phases: timer.all() };
    }
  };
  return await withIncrements({ ...context, signal }, point, await outcome());
}

/** Stores the record; returns notes about the previous one. */
export async function remember(
  { store, keyring }: RestoreContext,
  point: string,
  found: Omit<Validation, "point" | "manifestSha256">,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const folder = backupFolder(point);
  const signer = await keyring.signer();
  await using _lock = await awaitLock(store, "the record of a verify", { timeoutMs: lockTimeoutMs, signal });
  const before = await readValidation(store, folder, keyring);
  const notes: string[] = [];
  if (before?.untrusted === true) {
    const copy = await setAside(store, folder);
    notes.push(`what is found now counts in place of a record that cannot be trusted, which is kept as ${copy}`);
  } else if (before?.offset !== undefined && (found.ok || !before.ok)) {
    // A proof compared it with its source. That it loads, as is found here, does not disprove that.
    if (!before.ok)
      notes.push(`a proof at ${before.at} found that it differs from its source, and that stays on record`);
    return notes;
  }
  const write = (): Promise<void> => writeValidation(store, folder, found, signer);
  const why = found.ok ? "a verify found it good" : `a verify found it faulty: ${found.problems.join("; ")}`;
  // A fault stays on record until its withdrawal is: the audit takes one that only vanished for one that was removed.
  if (!found.ok) await write();
  const note = await tryAppend({ store, keyring, signer }, () => [{ does: "judged", point, ok: found.ok, why }]);
  if (found.ok) await write();
  return note === undefined ? notes : [...notes, note];
}
