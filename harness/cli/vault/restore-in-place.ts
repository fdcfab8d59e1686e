// `vault restore --in-place`: into a server that holds data, with its application paused.
import { resolve } from "node:path";
import { exitCodes, usageError } from "../../base/errors.ts";
import { shellWord } from "../../base/invocation.ts";
import type { Progress } from "../../base/progress.ts";
import type { Engine } from "../../engine/engine.ts";
import { serviceProblem } from "../../service/service-health.ts";
import type { BackupContext } from "../../vault/backup/backup.ts";
import type { RecoveryTarget } from "../../vault/chain/find-moment.ts";
import type { InPlaceRequest } from "../../vault/in-place/in-place-run.ts";
import { rollBackInPlace } from "../../vault/in-place/restore-in-place.ts";
import { coordinatorOf, type ServiceFlags } from "./backup.ts";
import type { ServerFlags } from "../server-flags.ts";
import { isolatedEngines } from "./server.ts";

export interface InPlaceFlags extends ServiceFlags, ServerFlags {
  readonly trustWayBack?: boolean;
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
    flags: flagsAgain(flags, target),
    progress,
    signal,
  };
}

/** What a later command needs besides the vault and the URL: files of secrets, never secrets. */
function flagsAgain(flags: InPlaceFlags, { endpoint }: Engine): readonly string[] {
  const { service, serviceTokenFile, passwordFile, trustWayBack, refuseWrites } = flags;
  const file = (path: string): string => shellWord(resolve(path));
  const inUrl = endpoint.password === undefined ? [] : ["--password-file", "<file>"];
  return [
    ...(passwordFile === undefined ? inUrl : ["--password-file", file(passwordFile)]),
    ...(trustWayBack === true ? ["--trust-way-back"] : []),
    ...(service === undefined ? [] : ["--service", shellWord(service)]),
    ...(serviceTokenFile === undefined ? [] : ["--service-token-file", file(serviceTokenFile)]),
    ...(refuseWrites === true ? ["--refuse-writes"] : []),
  ];
}

/** Returns what to say. */
export async function rolledBack(context: BackupContext, request: InPlaceRequest): Promise<string> {
  const { isBack, words } = await rollBackInPlace(context, request);
  if (!isBack) process.exitCode = exitCodes.notRecovered;
  return words;
}
