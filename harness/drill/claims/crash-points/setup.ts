// The common setup of the drills that kill commands: a small graph on a server, and the reference system's vault.
import { cp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { serverUrl } from "../../../base/endpoint.ts";
import { silentProgress } from "../../../base/progress.ts";
import { privateFolder } from "../../../base/process/reaper.ts";
import type { Engine } from "../../../engine/engine.ts";
import { connect } from "../../../falkordb/client/connection.ts";
import { keyringFolder } from "../../../system/reference/reference.ts";
import type { BackupRequest, BackupSystem } from "../../../system/system.ts";
import type { Drill } from "../../drill.ts";
import { prepareIdle } from "../../setup/idle-setup.ts";
import { type OpenVault, openFolder } from "./vault-state.ts";

export interface CrashSetup {
  readonly drill: Drill;
  readonly source: Engine;
  readonly system: BackupSystem;
  /** What every attempt begins with. */
  readonly vault: OpenVault;
  /** Folder for files of the drill. */
  readonly folder: string;
  readonly request: BackupRequest;
}

/** Otherwise a fast change is replicated as query text, and an increment becomes a full backup. */
const moduleArgs = { EFFECTS_THRESHOLD: "0" };

export async function prepareCrashes(drill: Drill, resources: AsyncDisposableStack): Promise<CrashSetup> {
  const { source, system, vault } = await prepareIdle(drill, resources, { start: { moduleArgs } });
  const { path: folder } = resources.use(await privateFolder("crash-points"));
  const request = { source, coordinator: undefined, progress: silentProgress, signal: drill.signal };
  return { drill, source, system, vault: await openFolder(vault), folder, request };
}

/** Flags that name a server, whose password is in a file. */
export async function serverFlags(
  { folder }: CrashSetup,
  flag: "--url" | "--to",
  { name, endpoint }: Engine,
): Promise<readonly string[]> {
  const file = join(folder, `password-${name}`);
  await writeFile(file, endpoint.password ?? "", { mode: 0o600 });
  return [flag, serverUrl(endpoint), "--password-file", file];
}

/** One more node on the source. */
export async function writeNode({ source }: Pick<CrashSetup, "source">): Promise<void> {
  await using connection = await connect(source.endpoint);
  await connection.query("crash-points", "CREATE (:Crash {at: timestamp()})");
}

/** One more full backup, of a source that has changed. */
export async function backUpNow(setup: CrashSetup): Promise<string> {
  await writeNode(setup);
  return (await setup.system.backup(setup.request)).point.id;
}

/** One more increment, of a source that has changed. */
export async function incrementNow(setup: CrashSetup): Promise<void> {
  await writeNode(setup);
  if (setup.system.backupIncrement === undefined) throw new Error("the reference system makes increments");
  await setup.system.backupIncrement(setup.request);
}

/** A copy of the vault and its keys for one attempt, in place of that of the attempt before. */
export async function copyOf({ vault, folder }: CrashSetup): Promise<OpenVault> {
  const copy = join(folder, "vault");
  for (const [from, to] of [
    [vault.folder, copy],
    [keyringFolder(vault.folder), keyringFolder(copy)],
  ] as const) {
    await rm(to, { recursive: true, force: true });
    await cp(from, to, { recursive: true });
  }
  return await openFolder(copy);
}
