// `vault restore --to` and `--rdb-out`, killed at every point: the target is as it was, or complete, or carries the mark
// by which the next restore knows what became of it, and cleans it up.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { errorMessage } from "../../../base/errors.ts";
import { silentProgress } from "../../../base/progress.ts";
import { embeddedEngines } from "../../../engine/embedded.ts";
import type { Engine } from "../../../engine/engine.ts";
import { connect, type Connection } from "../../../falkordb/client/connection.ts";
import { compareDigests } from "../../../observe/digest/compare-digests.ts";
import { digestServer } from "../../../observe/digest/server-digest.ts";
import { restoreBackup } from "../../../vault/restore/restore.ts";
import { writeRdb } from "../../../vault/restore/write-rdb.ts";
import { gateCommand, markOf, openGateSettings } from "../../../vault/restore/write-gate.ts";
import type { Drill } from "../../drill.ts";
import { ownEngines } from "../../guard/own-engines.ts";
import { type CrashAttempt, breakAtEveryPoint, type Problem } from "./enumerate.ts";
import { backUpNow, type CrashSetup, incrementNow, prepareCrashes, serverFlags } from "./setup.ts";
import { judgeSettings, settingsAndRights } from "./vault-state.ts";

/** Limits of a server in production; a restore lifts them for its own queries. */
export const productionLimits: Readonly<Record<string, string>> = {
  RESULTSET_SIZE: "10000",
  TIMEOUT_DEFAULT: "60000",
  TIMEOUT_MAX: "60000",
};

export async function killsRestores(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const setup = await prepareCrashes(drill, resources);
  const point = await backUpNow(setup);
  await killWireRestores(setup, point, resources);
  await killRdbRestores(setup, point);
}

async function killWireRestores(setup: CrashSetup, point: string, resources: AsyncDisposableStack): Promise<void> {
  const { drill, source, vault, system } = setup;
  const { signal } = drill;
  await incrementNow(setup);
  const start = { name: "target", moduleArgs: productionLimits, signal };
  const target = resources.use(await ownEngines(drill.engines).start(start));
  const connection = resources.use(await connect(target.endpoint));
  await emptyTarget(connection);
  const settings = await settingsAndRights(target.endpoint);
  const to = await serverFlags(setup, "--to", target);
  const isComplete = async (): Promise<boolean> =>
    compareDigests(await digestServer(source.endpoint, signal), await digestServer(target.endpoint, signal)).length ===
    0;
  const again = async (): Promise<string> => {
    const request = { point, at: "latest", way: "wire", engines: embeddedEngines(), target, signal } as const;
    return await restoreBackup(vault, { ...request, progress: silentProgress }).then(
      () => "",
      (error: unknown) => errorMessage(error),
    );
  };
  const prepare = async (): Promise<CrashAttempt> => {
    await emptyTarget(connection);
    let isFilled = false;
    return {
      words: ["vault", "restore", point, "--at", "latest", "--vault", vault.folder, ...to],
      afterKill: async () => {
        const state = await targetState(target, connection);
        isFilled = state.isPrimary && !state.isGated && state.graphs > 0;
        if (!isFilled || state.isMarked) return [];
        if (await isComplete()) return await judgeSettings(target.endpoint, settings);
        return [
          { code: "target-left", message: "the target takes writes, holds a part of the backup, and has no mark" },
        ];
      },
      again: async () => {
        const outcome = await again();
        const problems: Problem[] = [];
        // What was handed over may have been written to since, and is not touched.
        if (isFilled ? !outcome.includes("is not empty") : outcome !== "")
          problems.push({ code: "crash-not-resumed", message: `the next restore said: ${outcome}` });
        if (!(await isComplete()))
          problems.push({ code: "target-left", message: "the target does not hold what the source holds" });
        return isFilled ? problems : [...problems, ...(await judgeSettings(target.endpoint, settings))];
      },
    };
  };
  const groups = ["file", "store", "lease", "restore", "replay", "target"] as const;
  await breakAtEveryPoint(drill, { name: "restore --to", groups, prepare, nodeFlags: system.nodeFlags });
}

export interface TargetState {
  readonly isPrimary: boolean;
  readonly graphs: number;
  /** Whether it refuses writes, by which the next restore knows that everything on it is from the killed one. */
  readonly isGated: boolean;
  readonly isMarked: boolean;
}

/** A killed restore may leave the server in the middle of loading, which it ends by itself. */
export async function targetState(target: Engine, connection: Connection): Promise<TargetState> {
  await target.ready("loaded");
  const [, auth = ""] = (await connection.command("CONFIG", "GET", "masterauth")) as string[];
  return {
    isPrimary: (await connection.info("replication"))["role"] === "master",
    graphs: (await connection.graphs()).length,
    isGated: (await markOf(connection)) !== undefined,
    isMarked: auth.startsWith("falkordrill-restore"),
  };
}

/** A setting of the target's own, which a restore replaces by its mark for as long as it is at work. */
const ownMasterauth = "the target's own";

export async function emptyTarget(connection: Connection): Promise<void> {
  await connection.command(...gateCommand(openGateSettings));
  await connection.command("REPLICAOF", "NO", "ONE");
  await connection.command("FLUSHALL");
  await connection.command("CONFIG", "SET", "masterauth", ownMasterauth);
  for (const [name, value] of Object.entries(productionLimits).toReversed())
    await connection.command("GRAPH.CONFIG", "SET", name, value);
}

async function killRdbRestores({ drill, vault, folder }: CrashSetup, point: string): Promise<void> {
  const { signal } = drill;
  const out = join(folder, "out");
  const file = join(out, "dump.rdb");
  const write = (path: string): Promise<unknown> => writeRdb(vault, { point, progress: silentProgress, signal }, path);
  const whole = join(folder, "whole.rdb");
  await write(whole);
  const wanted = await hashOf(whole);
  const prepare = async (): Promise<CrashAttempt> => {
    await rm(out, { recursive: true, force: true });
    await mkdir(out);
    let isThere = false;
    return {
      words: ["vault", "restore", point, "--vault", vault.folder, "--rdb-out", file],
      afterKill: async () => {
        isThere = (await readdir(out)).includes("dump.rdb");
        if (!isThere || (await hashOf(file)) === wanted) return [];
        return [{ code: "target-left", message: "a file that is not whole has the name of the snapshot" }];
      },
      again: async () => {
        const outcome = await write(file).then(
          () => "",
          (error: unknown) => errorMessage(error),
        );
        const isRight =
          (isThere ? outcome.includes("it is not overwritten") : outcome === "") && (await hashOf(file)) === wanted;
        const names = await readdir(out);
        return [
          ...(isRight ? [] : [{ code: "crash-not-resumed", message: `the next restore said: ${outcome}` } as const]),
          ...(names.length === 1 ? [] : [{ code: "garbage-left", message: `it left ${names.join(", ")}` } as const]),
        ];
      },
    };
  };
  const groups = ["file", "store", "lease", "rdb"] as const;
  await breakAtEveryPoint(drill, { name: "restore --rdb-out", groups, prepare });
}

async function hashOf(file: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(file))
    .digest("hex");
}
