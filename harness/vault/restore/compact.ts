// Merges a full backup and its increments into a new full backup, without access to the source: they are restored into
// an isolated engine, and the snapshot is taken from there. It is at the same link of the chain as the last increment
// that was merged, so whatever follows that one follows the new backup as well.
import { passPoint } from "../../base/process/crash-point.ts";
import { usageError } from "../../base/errors.ts";
import type { Progress } from "../../base/progress.ts";
import type { EngineProvider } from "../../engine/engine.ts";
import { createBackup, type BackupContext } from "../backup/backup.ts";
import { chainStart } from "../chain/find-moment.ts";
import type { Manifest } from "../store/manifest.ts";
import type { Phase } from "../../base/phases.ts";
import type { BackupSummary } from "../store/restore-points.ts";
import { restoreMoment, type RestoredMoment } from "./restore.ts";
import { readChainAfter } from "../chain/segments.ts";
import { readManifest } from "../store/vault.ts";

export interface CompactOptions {
  /** The full backup on which the chain is based. */
  readonly point: string;
  readonly engines: EngineProvider;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface CompactResult {
  /** A full backup of the moment at which the chain ends. */
  readonly point: BackupSummary;
  /** Number of increments that were merged. */
  readonly increments: number;
  readonly phases: readonly Phase[];
}

export async function compact(context: BackupContext, request: CompactOptions): Promise<CompactResult> {
  const { progress, signal } = request;
  const base = await readManifest(context.store, request.point, context.keyring);
  await mustHaveIncrements(context, base);
  const restored = await restoreMoment(context, { ...request, at: "latest", way: "file" });
  await using target = restored.target;
  const moment = restored.moment as RestoredMoment;
  const { head } = moment.plan;
  passPoint("compact/restored");
  const { point, phases } = await createBackup(
    {
      ...context,
      origin: {
        cut: { replid: head.replid, offset: head.offset, at: head.at },
        parent: { base: head.base, segment: head.number, sha256: head.sha256, database: moment.replayed.database },
        graphConfig: base.source.graphConfig,
      },
    },
    { source: target, coordinator: undefined, progress, signal },
  );
  progress.note(`${point.id} holds what ${request.point} and ${moment.plan.segments.length} increments held`);
  return {
    point,
    increments: moment.plan.segments.length,
    phases: [...restored.phases, ...phases],
  };
}

/** Checked before anything is restored, which may take hours. */
async function mustHaveIncrements({ store, keyring }: BackupContext, base: Manifest): Promise<void> {
  const { done } = await readChainAfter(store, await chainStart(store, base, keyring), keyring).next();
  if (done === true)
    throw usageError(
      `${base.id} has no increments, so there is nothing to compact`,
      "Name the backup that has some: `falkordrill vault list` shows them.",
    );
}
