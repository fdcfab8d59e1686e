// `vault restore --in-place`: into a server that holds data, with its application paused.
import { exitCodes, usageError } from "../../base/errors.ts";
import type { Progress } from "../../base/progress.ts";
import type { Engine } from "../../engine/engine.ts";
import { serviceProblem } from "../../service/service-health.ts";
import type { BackupContext } from "../../vault/backup/backup.ts";
import type { RecoveryTarget } from "../../vault/chain/find-moment.ts";
import type { InPlaceRequest } from "../../vault/in-place/in-place-run.ts";
import { rollBackInPlace } from "../../vault/in-place/restore-in-place.ts";
import { coordinatorOf, type ServiceFlags } from "./backup.ts";
import { isolatedEngines } from "./server.ts";

export interface InPlaceFlags extends ServiceFlags {
  readonly inPlace?: boolean;
  readonly refuseWrites?: boolean;
  readonly rollBack?: boolean;
  readonly yes?: boolean;
  readonly allowFaulty?: boolean;
  readonly keepIndexes?: boolean;
}

const onlyInPlace = ["service", "serviceTokenFile", "refuseWrites", "rollBack", "yes"] as const;

/** Refuses flags that mean nothing without --in-place. */
export function refuseStrayFlags(flags: InPlaceFlags & { readonly rdbOut?: string }): void {
  if (flags.inPlace === true && flags.rdbOut === undefined) return;
  if (flags.inPlace === true) throw usageError("--in-place goes with --to, and not with --rdb-out");
  const stray = onlyInPlace.find((name) => flags[name] !== undefined);
  if (stray === undefined) return;
  const flag = stray.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw usageError(`--${flag} goes with --in-place`);
}

export async function inPlaceRequest(
  flags: InPlaceFlags,
  asked: { readonly point: string; readonly at: RecoveryTarget | undefined; readonly target: Engine },
  progress: Progress,
  signal: AbortSignal,
): Promise<InPlaceRequest> {
  const { service, allowFaulty = false, keepIndexes = false } = flags;
  const application = await coordinatorOf(flags, "falkordrill vault restore");
  const { point, at, target } = asked;
  return {
    point,
    target,
    engines: isolatedEngines("auto"),
    application,
    ...(service === undefined ? {} : { applicationHealth: (ended: AbortSignal) => serviceProblem(service, ended) }),
    confirmed: flags.yes === true,
    refuseWrites: flags.refuseWrites === true,
    allowFaulty,
    keepIndexes,
    ...(at === undefined ? {} : { at }),
    progress,
    signal,
  };
}

/** Returns what to say. */
export async function rolledBack(context: BackupContext, request: InPlaceRequest): Promise<string> {
  const { isBack, words } = await rollBackInPlace(context, request);
  if (!isBack) process.exitCode = exitCodes.notRecovered;
  return words;
}
