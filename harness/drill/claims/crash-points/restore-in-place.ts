// `vault restore --in-place`, killed or failed at every point: a server that takes writes holds what it held, or the backup. Then the
// same restore takes over, or, at every other point, a rollback brings back what was there; either way the settings of
// the server are what they were, and the application in front of it goes on.
import { silentProgress } from "../../../base/progress.ts";
import { embeddedEngines } from "../../../engine/embedded.ts";
import { connect, type Connection } from "../../../falkordb/client/connection.ts";
import { tryWrite } from "../../../observe/try-write.ts";
import type { AdminClient } from "../../../service/admin-client.ts";
import type { BackupContext } from "../../../vault/backup/backup.ts";
import { fingerprintOf, type InPlaceRequest } from "../../../vault/in-place/in-place-run.ts";
import { openJournals } from "../../../vault/in-place/journal.ts";
import { restoreInPlace, rollBackInPlace } from "../../../vault/in-place/restore-in-place.ts";
import { partBytesDefault } from "../../../vault/parts/write-parts.ts";
import type { Drill } from "../../drill.ts";
import { ownEngines } from "../../guard/own-engines.ts";
import { judgeOpen, startServiceBefore } from "./application.ts";
import { breakAtEveryPoint, type CrashAttempt, type Problem, type StepFault } from "./enumerate.ts";
import { emptyTarget, productionLimits, targetState } from "./restore.ts";
import { backUpNow, copyOf, type CrashSetup, prepareCrashes, serverFlags } from "./setup.ts";
import { judgeSettings, type OpenVault, settingsAndRights } from "./vault-state.ts";

const answerTimeoutMs = 30_000;
const groups = [
  "file",
  "store",
  "lock",
  "lease",
  "settings",
  "backup",
  "restore",
  "load",
  "target",
  "in-place",
] as const;

/** A target with an application in front of it, and what a restore or a rollback of it is asked. */
export interface InPlaceTarget {
  readonly setup: CrashSetup;
  readonly connection: Connection;
  readonly application: AdminClient;
  readonly request: Omit<InPlaceRequest, "confirmed">;
  /** Flags that name the target and the application. */
  readonly flags: readonly string[];
  /** Fingerprint of the backup. */
  readonly wanted: string;
  readonly settings: ReadonlyMap<string, string>;
}

export async function prepareInPlace(drill: Drill, resources: AsyncDisposableStack): Promise<InPlaceTarget> {
  const setup = await prepareCrashes(drill, resources);
  const { signal } = drill;
  const point = await backUpNow(setup);
  const start = { name: "target", moduleArgs: productionLimits, signal };
  const target = resources.use(await ownEngines(drill.engines).start(start));
  const connection = resources.use(await connect(target.endpoint));
  await emptyTarget(connection);
  const { application, flags } = await startServiceBefore(setup, target, resources);
  const asked = { point, target, engines: embeddedEngines(), application, refuseWrites: false };
  return {
    setup,
    connection,
    application,
    request: { ...asked, progress: silentProgress, signal },
    flags: [...(await serverFlags(setup, "--to", target)), ...flags],
    wanted: await fingerprintOf(setup.source, signal),
    settings: await settingsAndRights(target.endpoint),
  };
}

export async function breaksRestoresInPlace(drill: Drill, fault: StepFault): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const target = await prepareInPlace(drill, resources);
  const { setup, request, flags } = target;
  const prepare = async (kill: number): Promise<CrashAttempt> => {
    const copy = await copyOf(setup);
    const attempt = await attemptOn(target, copy, (kill + drill.seed) % 2 === 0);
    return { words: [...restoreWords(request), "--vault", copy.folder, ...flags], ...attempt };
  };
  const { nodeFlags } = setup.system;
  await breakAtEveryPoint(drill, { name: "restore --in-place", groups, prepare, nodeFlags, fault });
}

export function restoreWords({ point }: Pick<InPlaceRequest, "point">): readonly string[] {
  return ["vault", "restore", point, "--in-place", "--yes"];
}

/** The target holds something that a restore has to keep; returns its fingerprint. */
export async function fillTarget({ connection, request: { target, signal } }: InPlaceTarget): Promise<string> {
  await emptyTarget(connection);
  await connection.query("old", "UNWIND range(1, 100) AS i CREATE (:Old {at: timestamp() + i})");
  return await fingerprintOf(target, signal);
}

async function attemptOn(
  target: InPlaceTarget,
  copy: OpenVault,
  rollsBack: boolean,
): Promise<Omit<CrashAttempt, "words">> {
  const { connection, request, wanted } = target;
  const old = await fillTarget(target);
  const context = contextOf(copy);
  return {
    afterKill: async () => {
      const { isPrimary, isGated } = await targetState(request.target, connection);
      return isPrimary && !isGated ? await judgeServerHolds(target, { old, wanted }) : [];
    },
    afterFailure: (status) => judgeEnded(target, context, status === 0 ? { wanted } : { old, wanted }),
    again: async () => {
      const isRollBack = rollsBack && (await openJournals(context)).length > 0;
      const asked = { ...request, confirmed: true };
      if (isRollBack) await rollBackInPlace(context, asked);
      else await restoreInPlace(context, asked);
      return await judgeEnded(target, context, isRollBack ? { old } : { wanted });
    },
  };
}

export function contextOf(copy: OpenVault): BackupContext {
  return { ...copy, profile: "interop", partBytes: partBytesDefault };
}

/** Fingerprints of what the target may hold. */
interface Allowed {
  readonly old?: string;
  readonly wanted?: string;
}

export async function judgeServerHolds(
  { request: { target, signal } }: InPlaceTarget,
  { old, wanted }: Allowed,
): Promise<readonly Problem[]> {
  const found = await fingerprintOf(target, signal);
  if (found === old || found === wanted) return [];
  const names = [...(old === undefined ? [] : ["what it held"]), ...(wanted === undefined ? [] : ["the backup"])];
  return [{ code: "target-left", message: `the server holds something else than ${names.join(" or ")}` }];
}

/** Judges a target, its application and the vault after a restore or a rollback that ended. */
export async function judgeEnded(
  target: InPlaceTarget,
  context: BackupContext,
  allowed: Allowed,
): Promise<readonly Problem[]> {
  const { application, request, settings } = target;
  const { endpoint } = request.target;
  const write = await tryWrite(endpoint, answerTimeoutMs);
  return [
    ...(await judgeServerHolds(target, allowed)),
    ...(await judgeOpen(application)),
    ...(write.taken
      ? []
      : [{ code: "crash-not-resumed", message: `the server takes no writes: ${write.error}` } as const]),
    ...(await openJournals(context)).map(({ step }): Problem => ({
      code: "garbage-left",
      message: `a journal is left in the step "${step}"`,
    })),
    ...(await judgeSettings(endpoint, settings)),
  ];
}
