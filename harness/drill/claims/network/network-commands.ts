// Backup, archive and restore, each through a proxy that may break its connections: how it is run, and what must hold
// afterwards.
import { errorMessage } from "../../../base/errors.ts";
import { embeddedEngines } from "../../../engine/embedded.ts";
import type { Engine } from "../../../engine/engine.ts";
import { connect } from "../../../falkordb/client/connection.ts";
import { streamOffset } from "../../../falkordb/client/stream-offset.ts";
import { compareDigests } from "../../../observe/digest/compare-digests.ts";
import { digestServer } from "../../../observe/digest/server-digest.ts";
import { ReferenceArchiver } from "../../../vault/archive/archiver.ts";
import { createBackup } from "../../../vault/backup/backup.ts";
import { restoreBackup } from "../../../vault/restore/restore.ts";
import { ownEngines } from "../../guard/own-engines.ts";
import type { Problem } from "../crash-points/enumerate.ts";
import { emptyTarget, productionLimits, targetState } from "../crash-points/restore.ts";
import { type CrashSetup, writeNode } from "../crash-points/setup.ts";
import {
  judgeAdded,
  judgeLeft,
  judgeSettings,
  readListedState,
  settingsAndRights,
} from "../crash-points/vault-state.ts";

export interface NetworkCommand {
  readonly name: string;
  /** The server at the other end. */
  readonly server: Engine;
  /** Prepares a run; `server` is reached through the proxy. */
  readonly prepare: () => Promise<void>;
  readonly run: (server: Engine, signal: AbortSignal) => Promise<void>;
  /** Judges what is there after a run that met a fault, and after one that met none. */
  readonly afterFault: (error: unknown) => Promise<readonly Problem[]>;
  readonly afterSuccess: () => Promise<readonly Problem[]>;
}

/** How long the other side may say nothing. */
const silenceMs = 3000;
/** Small, so that a backup has several parts. */
const partBytes = 2 ** 14;

/** A command that adds restore points to the vault. */
async function growing(
  setup: CrashSetup,
  name: string,
  run: NetworkCommand["run"],
  addedMax: number,
): Promise<NetworkCommand> {
  const { source, vault, drill } = setup;
  const settings = await settingsAndRights(source.endpoint);
  let before: ReadonlySet<string> = new Set();
  const judge = async (): Promise<readonly Problem[]> => {
    const state = await readListedState(vault, before, drill.signal);
    const problems = judgeAdded(before, state, addedMax);
    before = state.points;
    return problems;
  };
  return {
    name,
    server: source,
    prepare: async () => {
      before = (await readListedState(vault, before, drill.signal)).points;
      await writeNode(setup);
    },
    run,
    afterFault: judge,
    afterSuccess: async () => [
      ...(await judge()),
      ...(await judgeLeft(vault, before)),
      ...(await judgeSettings(source.endpoint, settings)),
    ],
  };
}

export function backupOverNetwork(setup: CrashSetup): Promise<NetworkCommand> {
  const context = { ...setup.vault, profile: "interop", partBytes, silenceMs } as const;
  const run: NetworkCommand["run"] = async (source, signal) =>
    void (await createBackup(context, { ...setup.request, source, signal }));
  return growing(setup, "backup", run, 1);
}

export function archiveOverNetwork(setup: CrashSetup): Promise<NetworkCommand> {
  const context = { ...setup.vault, profile: "interop", partBytes, silenceMs } as const;
  const run: NetworkCommand["run"] = async (source, signal) => {
    await using connection = await connect(setup.source.endpoint);
    const offset = await streamOffset(connection);
    const options = { ...setup.request, source, signal, segmentBytes: 2 ** 23, segmentAgeMs: 10_000, giveUpMs: 20_000 };
    await using archiver = await ReferenceArchiver.start(context, options);
    await archiver.stop();
    const reached = archiver.sealed?.offset ?? 0;
    if (reached < offset) throw new Error(`it reports success at offset ${reached}, and the source was at ${offset}`);
  };
  // Where the stream was lost, a new full backup begins a chain.
  return growing(setup, "archive", run, 2);
}

export async function restoreOverNetwork(
  setup: CrashSetup,
  point: string,
  resources: AsyncDisposableStack,
): Promise<NetworkCommand> {
  const { drill, source, vault } = setup;
  const { signal } = drill;
  const start = { name: "target", moduleArgs: productionLimits, signal };
  const target = resources.use(await ownEngines(drill.engines).start(start));
  const connection = resources.use(await connect(target.endpoint));
  await emptyTarget(connection);
  const settings = await settingsAndRights(target.endpoint);
  const isComplete = async (): Promise<boolean> =>
    compareDigests(await digestServer(source.endpoint, signal), await digestServer(target.endpoint, signal)).length ===
    0;
  return {
    name: "restore",
    server: target,
    prepare: () => emptyTarget(connection),
    run: async (through, within) => {
      const request = { point, at: "latest", way: "wire", engines: embeddedEngines(), target: through } as const;
      await restoreBackup({ ...vault, silenceMs }, { ...request, progress: setup.request.progress, signal: within });
    },
    afterFault: async (error) => {
      const { isPrimary, isGated, graphs, isMarked } = await targetState(target, connection);
      if (isPrimary && (graphs === 0 || isGated || isMarked)) return [];
      if (isPrimary && (await isComplete())) return [];
      if (!isPrimary && String((error as { hint?: string }).hint).includes("REPLICAOF NO ONE")) return [];
      const state = isPrimary
        ? `takes writes and holds ${graphs} graphs`
        : "is a replica, and nobody was told how to end that";
      return [{ code: "target-left", message: `the target ${state}, after: ${errorMessage(error)}` }];
    },
    afterSuccess: async () => [
      ...((await isComplete())
        ? []
        : [{ code: "target-left", message: "the target does not hold what the source holds" } as const]),
      ...(await judgeSettings(target.endpoint, settings)),
    ],
  };
}
