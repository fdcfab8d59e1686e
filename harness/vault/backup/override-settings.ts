// What a backup changes on the server, and how it is restored. The server reads these settings when it forks, so they
// are changed right before the cut and restored right after it:
//
//   repl-diskless-sync        yes   no RDB file on the server's disk
//   repl-diskless-sync-delay  0     fork at once instead of waiting for more replicas, so that the pause stays short
//   rdbcompression            no    the snapshot comes uncompressed; the vault compresses it better and faster
//
// An archiver changes others for as long as it runs (archive-settings.ts).
//
// The old values are written into the vault before anything is changed, so that the next run restores them after a
// crash. They are restored only on the same run of the server and only where they still have our value: a restarted
// server has read its own file, and a setting that another client has changed is kept.
import { systemClock } from "../../base/clock.ts";
import { passPoint } from "../../base/process/crash-point.ts";
import { address } from "../../base/endpoint.ts";
import { environmentError, errorMessage } from "../../base/errors.ts";
import { waitFor } from "../../base/wait.ts";
import { connect, type Connection } from "../../falkordb/client/connection.ts";
import { thisProcess } from "../locks/lock-owner.ts";
import { deleteOrEmpty, type Store } from "../store/store.ts";
import { type SettingsJournal, journalOfCrash, journalPath, serverRunId, writeJournal } from "./settings-journal.ts";

interface Setting {
  /** Whose setting it is: Redis's (CONFIG) or the graph module's (GRAPH.CONFIG). */
  readonly of: "redis" | "graph";
  /** The required value, given the current one; returns the current value where that is good already. */
  readonly want: (now: string) => string;
  /** Whether the work is impossible without this setting. */
  readonly isNeeded: boolean;
}

export type Settings = Readonly<Record<string, Setting>>;

const cutSettings: Settings = {
  "repl-diskless-sync": { of: "redis", want: () => "yes", isNeeded: true },
  "repl-diskless-sync-delay": { of: "redis", want: () => "0", isNeeded: true },
  rdbcompression: { of: "redis", want: () => "no", isNeeded: false },
};

const mayNot =
  "The backup user must be allowed to run CONFIG GET, CONFIG SET and GRAPH.CONFIG, and the server must not have renamed them.";
/** Connection resets are over at once; a server that is gone has no settings left to restore. */
const restoreTimeoutMs = 3000;

export interface SettingsOverride extends AsyncDisposable {
  /** Sentences about what could not be changed. */
  readonly notes: readonly string[];
  /** Sets again what another client has changed meanwhile; returns the names. */
  renew(): Promise<readonly string[]>;
  /** Restores all settings; calling it again is harmless. */
  restore(): Promise<void>;
}

const noOverride: SettingsOverride = {
  notes: [],
  renew: () => Promise.resolve([]),
  restore: () => Promise.resolve(),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

/** `purpose` names the work, as several may override settings at the same time. */
export async function overrideSettings(
  connection: Connection,
  store: Store,
  settings: Settings = cutSettings,
  purpose = "",
): Promise<SettingsOverride> {
  const path = journalPath(connection.endpoint, purpose);
  // Without settings to override there is nothing to restore either, not even what another run has left.
  if (Object.keys(settings).length === 0) return noOverride;
  const notes: string[] = [];
  const left = await journalOfCrash(connection, store, purpose, { names: Object.keys(settings), notes });
  const now = await read(connection, settings);
  const was: Record<string, string> = {};
  const ours: Record<string, string> = {};
  for (const [name, value] of Object.entries(now)) {
    const wanted = settings[name]?.want(value) ?? value;
    // An unclean run may have left it changed; the value from before that run is the original one.
    const before = left?.journal.ours[name] === value ? left.journal.was[name] : undefined;
    if (wanted === value && before === undefined) continue;
    was[name] = before ?? value;
    ours[name] = wanted;
  }
  if (Object.keys(was).length === 0) {
    if (left !== undefined) await deleteOrEmpty(store, left.path);
    return { ...noOverride, notes };
  }
  const facts = {
    server: address(connection.endpoint),
    runId: await serverRunId(connection),
    owner: await thisProcess(),
  };
  const journal: SettingsJournal = { ...facts, since: new Date(systemClock.nowMs()).toISOString(), was, ours };
  await writeJournal(store, path, journal);
  if (left !== undefined && left.path !== path) await deleteOrEmpty(store, left.path);
  let returned: Promise<void> | undefined;
  const restore = (): Promise<void> =>
    (returned ??= restoreSettings(connection, settings, journal).then(() => {
      passPoint("settings/restored");
      return deleteOrEmpty(store, path);
    }));
  try {
    for (const [name, value] of Object.entries(ours)) {
      if (now[name] !== value) await set(connection, name, value, settings, notes);
      passPoint("settings/changed");
    }
  } catch (error) {
    await restore();
    throw error;
  }
  const renew = async (): Promise<readonly string[]> => {
    const found = await read(connection, settings);
    const lost = Object.keys(ours).filter((name) => found[name] !== ours[name]);
    for (const name of lost) await set(connection, name, ours[name] ?? "", settings, []);
    return lost;
  };
  return { notes, renew, restore, [Symbol.asyncDispose]: restore };
}

/** Restores the settings that a killed backup has left changed, where no other backup follows. */
export async function restoreLeftSettings(connection: Connection, store: Store): Promise<void> {
  const left = await journalOfCrash(connection, store, "", { names: [], notes: [] });
  if (left === undefined) return;
  await restoreSettings(connection, cutSettings, left.journal);
  await deleteOrEmpty(store, left.path);
}

/**
 * Restores the settings, over a new connection where the old one was lost; otherwise reports what is left, and how to
 * undo it.
 */
export async function restoreSettings(
  connection: Connection,
  settings: Settings,
  journal: SettingsJournal,
): Promise<void> {
  const { server, was, ours } = journal;
  try {
    await putBack(connection, settings, journal);
  } catch {
    const again = async (): Promise<true> => {
      await using fresh = await connect(connection.endpoint, {
        name: "falkordrill-settings",
        commandTimeoutMs: restoreTimeoutMs,
      });
      // A restarted server has the settings of its own file.
      if ((await serverRunId(fresh)) === journal.runId) await putBack(fresh, settings, journal);
      return true;
    };
    // Not abortable: whatever else has failed or was stopped, the server must not stay changed.
    const { signal } = new AbortController();
    const what = `the settings of ${server} to be restored`;
    await waitFor(again, { what, timeoutMs: restoreTimeoutMs, intervalMs: 100, signal, exit: "environment" }).catch(
      (error: unknown) => {
        // The server lists them in any order.
        const names = Object.keys(was)
          .filter((name) => was[name] !== ours[name])
          .toSorted();
        if (names.length === 0) return true;
        throw environmentError(
          `the settings of ${server} could not be restored, and may still be ` +
            `${names.map((name) => `${name} ${ours[name] ?? ""}`).join(", ")}: ${errorMessage(error)}`,
          `The next run with this vault restores them. By hand: ${names.map((name) => commandFor(settings, name, was[name])).join("; ")}`,
          error,
        );
      },
    );
  }
}

function commandFor(settings: Settings, name: string, value = ""): string {
  return `${settings[name]?.of === "graph" ? "GRAPH.CONFIG" : "CONFIG"} SET ${name} ${value === "" ? '""' : value}`;
}

async function putBack(connection: Connection, settings: Settings, { was, ours }: SettingsJournal): Promise<void> {
  const now = await read(connection, settings);
  for (const [name, value] of Object.entries(was)) {
    if (now[name] === ours[name] && value !== ours[name]) await write(connection, name, value, settings);
  }
}

async function read(connection: Connection, settings: Settings): Promise<Record<string, string>> {
  const names = Object.keys(settings).filter((name) => settings[name]?.of === "redis");
  const found: Record<string, string> = {};
  const flat = (await askSettings(connection, "CONFIG", ...names)) as string[];
  for (let index = 0; index + 1 < flat.length; index += 2) found[flat[index] ?? ""] = flat[index + 1] ?? "";
  for (const name of Object.keys(settings).filter((each) => settings[each]?.of === "graph")) {
    const [, value] = (await askSettings(connection, "GRAPH.CONFIG", name)) as [string, unknown];
    found[name] = String(value);
  }
  return found;
}

/** Runs CONFIG GET or GRAPH.CONFIG GET, which the server may deny to the user. */
export function askSettings(connection: Connection, command: string, ...names: string[]): Promise<unknown> {
  return connection.command(command, "GET", ...names).catch((error: unknown) => {
    throw environmentError(
      `${address(connection.endpoint)} refused ${command} GET: ${errorMessage(error)}`,
      mayNot,
      error,
    );
  });
}

async function write(connection: Connection, name: string, value: string, settings: Settings): Promise<void> {
  await connection.command(settings[name]?.of === "graph" ? "GRAPH.CONFIG" : "CONFIG", "SET", name, value);
}

async function set(
  connection: Connection,
  name: string,
  value: string,
  settings: Settings,
  notes: string[],
): Promise<void> {
  try {
    await write(connection, name, value, settings);
  } catch (error) {
    const what = `${address(connection.endpoint)} refused to set ${name}: ${errorMessage(error)}`;
    if (settings[name]?.isNeeded === true) throw environmentError(what, mayNot, error);
    notes.push(what);
  }
}
