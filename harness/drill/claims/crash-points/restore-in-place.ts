// `vault restore --in-place`, killed at every point: a server that takes writes holds what it held, or the backup. Then the
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
import { type CrashAttempt, killAtEveryPoint, type Problem } from "./enumerate.ts";
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

interface Ground {
  readonly setup: CrashSetup;
  readonly connection: Connection;
  readonly application: AdminClient;
  readonly request: Omit<InPlaceRequest, "refuseWrites">;
  readonly wanted: string;
  readonly settings: ReadonlyMap<string, string>;
}

export async function killsRestoresInPlace(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const setup = await prepareCrashes(drill, resources);
  const { source, system } = setup;
  const { signal, seed } = drill;
  const point = await backUpNow(setup);
  const start = { name: "target", moduleArgs: productionLimits, signal };
  const target = resources.use(await ownEngines(drill.engines).start(start));
  const connection = resources.use(await connect(target.endpoint));
  const { application, flags } = await startServiceBefore(setup, target, resources);
  const ground: Ground = {
    setup,
    connection,
    application,
    request: {
      point,
      target,
      engines: embeddedEngines(),
      application,
      confirmed: true,
      progress: silentProgress,
      signal,
    },
    wanted: await fingerprintOf(source, signal),
    settings: await settingsAndRights(target.endpoint),
  };
  const words = ["vault", "restore", point, "--in-place", "--yes", ...(await serverFlags(setup, "--to", target))];
  const prepare = async (kill: number): Promise<CrashAttempt> => {
    const copy = await copyOf(setup);
    const attempt = await attemptOn(ground, copy, (kill + seed) % 2 === 0);
    return { words: [...words, "--vault", copy.folder, ...flags], ...attempt };
  };
  await killAtEveryPoint(drill, { name: "restore --in-place", groups, prepare, nodeFlags: system.nodeFlags });
}

/** What the target holds now is replaced by something that the restore has to keep. */
async function attemptOn(
  { connection, setup, application, request, wanted, settings }: Ground,
  copy: OpenVault,
  rollsBack: boolean,
): Promise<Omit<CrashAttempt, "words">> {
  const { signal } = setup.drill;
  const { target } = request;
  await emptyTarget(connection);
  await connection.query("old", "UNWIND range(1, 100) AS i CREATE (:Old {at: timestamp() + i})");
  const old = await fingerprintOf(target, signal);
  const context: BackupContext = { ...copy, profile: "interop", partBytes: partBytesDefault };
  const held = async (...allowed: readonly string[]): Promise<readonly Problem[]> => {
    if (allowed.includes(await fingerprintOf(target, signal))) return [];
    return [{ code: "target-left", message: `the server holds something else than ${nameOf(allowed)}` }];
  };
  const nameOf = (allowed: readonly string[]): string =>
    allowed.map((fingerprint) => (fingerprint === old ? "what it held" : "the backup")).join(" or ");
  return {
    afterKill: async () => {
      const { isPrimary, isGated } = await targetState(connection);
      return isPrimary && !isGated ? await held(old, wanted) : [];
    },
    again: async () => {
      const isRollBack = rollsBack && (await openJournals(context)).length > 0;
      const asked = { ...request, refuseWrites: false };
      if (isRollBack) await rollBackInPlace(context, asked);
      else await restoreInPlace(context, asked);
      return [
        ...(await held(isRollBack ? old : wanted)),
        ...(await judgeOpen(application)),
        ...(await judgeWrite(request)),
        ...(await openJournals(context)).map(({ step }): Problem => ({
          code: "garbage-left",
          message: `a journal is left in the step "${step}"`,
        })),
        ...(await judgeSettings(target.endpoint, settings)),
      ];
    },
  };
}

async function judgeWrite({ target }: Pick<InPlaceRequest, "target">): Promise<readonly Problem[]> {
  const write = await tryWrite(target.endpoint, answerTimeoutMs);
  return write.taken ? [] : [{ code: "crash-not-resumed", message: `the server takes no writes: ${write.error}` }];
}
