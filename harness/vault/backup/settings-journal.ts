// The record in the vault of what a run has changed on a server. It is written before anything is changed, so that a
// later run can restore it after a crash.
import { createHash } from "node:crypto";
import { z } from "zod";
import type { Clock } from "../../base/clock.ts";
import { address, type Endpoint } from "../../base/endpoint.ts";
import type { Connection } from "../../falkordb/client/connection.ts";
import { isArchiveLease, readLocks } from "../locks/lock-entries.ts";
import { ownerStateOf, type LockOwner, lockOwnerSchema } from "../locks/lock-owner.ts";
import { isLive } from "../locks/vault-lock.ts";
import { deleteOrEmpty, type Store } from "../store/store.ts";

const journalFolder = "guest/";
/** An archiver waits for up to an hour for the lock of its first backup, before it has a lease that others see. */
const unseenMaxMs = 2 * 3_600_000;

export interface SettingsJournal {
  readonly server: string;
  /** The run of the server: after a restart it has the settings of its own file. */
  readonly runId: string;
  /** Who changed them, and when. Earlier versions recorded neither. */
  readonly owner?: LockOwner;
  readonly since?: string;
  readonly was: Readonly<Record<string, string>>;
  readonly ours: Readonly<Record<string, string>>;
}

const values = z.record(z.string(), z.string());
const journalSchema: z.ZodType<SettingsJournal> = z.strictObject({
  server: z.string(),
  runId: z.string(),
  owner: lockOwnerSchema.exactOptional(),
  since: z.iso.datetime().exactOptional(),
  was: values,
  ours: values,
});

/** A server of our own is gone after a crash, and no run would ever read its journal. */
export function withoutJournal(store: Store): Store {
  const nothing = (): Promise<undefined> => Promise.resolve(undefined);
  return { ...store, get: nothing, put: nothing, delete: nothing, list: () => Promise.resolve([]) };
}

/** The server's own values of settings that are currently overridden, by name, as they will be restored. */
export async function overriddenSettings(
  connection: Connection,
  store: Store,
  purpose: string,
): Promise<Readonly<Record<string, string>>> {
  return (await journalOfRun(store, purpose, await serverRunId(connection)))?.journal.was ?? {};
}

interface StoredJournal {
  readonly path: string;
  readonly journal: SettingsJournal;
}

/** The journal of an unclean run on this same run of the server; one of an earlier run of the server is removed. */
export async function journalOfCrash(
  connection: Connection,
  store: Store,
  purpose: string,
  { names, notes }: { readonly names: readonly string[]; readonly notes: string[] },
): Promise<StoredJournal | undefined> {
  const found = await journalOfRun(store, purpose, await serverRunId(connection));
  if (found !== undefined) return found;
  const path = journalPath(connection.endpoint, purpose);
  const bytes = await store.get(path);
  if (bytes === undefined || bytes.length === 0) return undefined;
  await deleteOrEmpty(store, path);
  if (parseJournal(bytes) === undefined)
    notes.push(
      `${path} in the vault cannot be read: an earlier run may have left settings of ${address(connection.endpoint)} ` +
        `changed. Look at ${names.join(", ")} there (CONFIG GET).`,
    );
  return undefined;
}

/** Whatever address that run reached the server at: a name, a number, a tunnel. */
export async function journalOfRun(store: Store, purpose: string, run: string): Promise<StoredJournal | undefined> {
  const name = new RegExp(`^${journalFolder}[0-9a-f]{16}${purpose === "" ? "" : `-${purpose}`}\\.json$`);
  for (const { path } of await store.list(journalFolder)) {
    const bytes = name.test(path) ? await store.get(path) : undefined;
    const journal = bytes === undefined ? undefined : parseJournal(bytes);
    if (journal?.runId === run) return { path, journal };
  }
  return undefined;
}

function parseJournal(bytes: Buffer): SettingsJournal | undefined {
  try {
    return journalSchema.parse(JSON.parse(bytes.toString("utf8")));
  } catch {
    return undefined;
  }
}

/** Whether nobody works with these settings any more, as far as can be seen from here. */
export async function isAbandoned(store: Store, { owner, since }: SettingsJournal, clock: Clock): Promise<boolean> {
  const ownerState = owner === undefined ? "unknown" : await ownerStateOf(owner);
  if (ownerState !== "unknown") return ownerState === "dead";
  if (since !== undefined && clock.nowMs() - Date.parse(since) < unseenMaxMs) return false;
  const locks = await readLocks(store, clock);
  return !locks.some((lock) => isLive(lock.ownerState) && isArchiveLease(lock.entry));
}

export async function writeJournal(store: Store, path: string, journal: SettingsJournal): Promise<void> {
  await store.put(path, Buffer.from(JSON.stringify(journal)));
}

export async function serverRunId(connection: Connection): Promise<string> {
  return (await connection.info("server"))["run_id"] ?? "";
}

export function journalPath(endpoint: Endpoint, purpose: string): string {
  const server = createHash("sha256").update(address(endpoint)).digest("hex").slice(0, 16);
  return `${journalFolder}${server}${purpose === "" ? "" : `-${purpose}`}.json`;
}
