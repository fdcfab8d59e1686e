// What a backup changes on the server, and how it is put back. The server reads these settings when it forks, so they
// are changed right before the cut and put back right after it:
//
//   repl-diskless-sync        yes   no RDB file on the server's disk
//   repl-diskless-sync-delay  0     fork at once instead of waiting for more replicas, so that the pause stays short
//   rdbcompression            no    the snapshot comes uncompressed; the vault compresses it better and faster
//
// What they were is written into the vault before anything is changed, so that the next run puts them back after a
// crash. They are put back only on the same run of the server and only where they still have our value: a server that
// was restarted has its own file, and a setting that somebody else has changed is theirs.
import { createHash } from "node:crypto";
import { z } from "zod";
import { environmentError, messageOf } from "../../base/errors.ts";
import { address, type Connection } from "../../falkordb/connection.ts";
import type { Store } from "./store.ts";

const wanted: Readonly<Record<string, string>> = {
  "repl-diskless-sync": "yes",
  "repl-diskless-sync-delay": "0",
  rdbcompression: "no",
};
/** Without these the cut cannot be had quickly; without the others it is only bigger. */
const needed: ReadonlySet<string> = new Set(["repl-diskless-sync", "repl-diskless-sync-delay"]);

const journalFolder = "guest/";
const journalSchema = z.strictObject({ server: z.string(), runId: z.string(), was: z.record(z.string(), z.string()) });

export interface BorrowedSettings extends AsyncDisposable {
  /** Sentences about what could not be changed. */
  readonly notes: readonly string[];
  /** Puts everything back; calling it again is harmless. */
  giveBack(): Promise<void>;
}

export async function borrowSettings(connection: Connection, store: Store): Promise<BorrowedSettings> {
  await giveBackAfterCrash(connection, store);
  const was = await read(connection, Object.keys(wanted));
  const changes = Object.fromEntries(Object.entries(was).filter(([name, value]) => value !== wanted[name]));
  const journal = journalPath(connection);
  if (Object.keys(changes).length > 0) {
    const entry = { server: address(connection.endpoint), runId: await runId(connection), was: changes };
    await store.put(journal, Buffer.from(JSON.stringify(entry)));
  }
  const notes: string[] = [];
  let returned: Promise<void> | undefined;
  const giveBack = (): Promise<void> => (returned ??= restore(connection, store, journal, changes));
  try {
    for (const name of Object.keys(changes)) await set(connection, name, notes);
  } catch (error) {
    await giveBack();
    throw error;
  }
  return { notes, giveBack, [Symbol.asyncDispose]: giveBack };
}

/** Puts back what a run that did not end well has left on this server; gives the names of the settings. */
async function giveBackAfterCrash(connection: Connection, store: Store): Promise<readonly string[]> {
  const path = journalPath(connection);
  const bytes = await store.get(path);
  if (bytes === undefined) return [];
  const journal = journalSchema.safeParse(JSON.parse(bytes.toString("utf8")));
  if (!journal.success || journal.data.runId !== (await runId(connection))) {
    await store.delete(path);
    return [];
  }
  await restore(connection, store, path, journal.data.was);
  return Object.keys(journal.data.was);
}

async function restore(
  connection: Connection,
  store: Store,
  journal: string,
  was: Readonly<Record<string, string>>,
): Promise<void> {
  const now = await read(connection, Object.keys(was));
  for (const [name, value] of Object.entries(was)) {
    if (now[name] === wanted[name]) await connection.command("CONFIG", "SET", name, value);
  }
  await store.delete(journal);
}

async function read(connection: Connection, names: readonly string[]): Promise<Record<string, string>> {
  if (names.length === 0) return {};
  const flat = (await connection.command("CONFIG", "GET", ...names)) as string[];
  const pairs = flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? ""] as const] : []));
  return Object.fromEntries(pairs);
}

async function set(connection: Connection, name: string, notes: string[]): Promise<void> {
  try {
    await connection.command("CONFIG", "SET", name, wanted[name] ?? "");
  } catch (error) {
    const what = `${address(connection.endpoint)} refused CONFIG SET ${name}: ${messageOf(error)}`;
    if (needed.has(name)) throw environmentError(what, "The backup user must be allowed to run CONFIG SET.", error);
    notes.push(what);
  }
}

async function runId(connection: Connection): Promise<string> {
  return (await connection.info("server"))["run_id"] ?? "";
}

function journalPath(connection: Connection): string {
  const server = createHash("sha256").update(address(connection.endpoint)).digest("hex").slice(0, 16);
  return `${journalFolder}${server}.json`;
}
