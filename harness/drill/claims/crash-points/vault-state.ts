// What a vault and a server hold before and after a command was killed.
import { hash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { explanationOf } from "../../../base/errors.ts";
import type { Endpoint } from "../../../base/endpoint.ts";
import { connect } from "../../../falkordb/client/connection.ts";
import { observeServer } from "../../../observe/observe-server.ts";
import { keyringFolder } from "../../../system/reference/reference.ts";
import { readChain, checkSegment } from "../../../vault/chain/segments.ts";
import { Keyring } from "../../../vault/keys/keyring.ts";
import { checkParts, partsOf } from "../../../vault/parts/read-parts.ts";
import type { Store } from "../../../vault/store/store.ts";
import { listBackupIds, openVault, readManifest } from "../../../vault/store/vault.ts";
import { changedSettings } from "../coordination/left-behind.ts";
import type { Problem } from "./enumerate.ts";

export interface ListedState {
  /** Every restore point that is listed: `<id>` and `<id>/<number>`. */
  readonly points: ReadonlySet<string>;
  readonly problems: readonly Problem[];
}

export interface OpenVault {
  readonly folder: string;
  readonly store: Store;
  readonly keyring: Keyring;
}

export async function openFolder(folder: string): Promise<OpenVault> {
  return { folder, store: await openVault(folder), keyring: new Keyring(keyringFolder(folder)) };
}

/** Reads what is listed, and hashes all parts of what `known` does not hold. */
export async function readListedState(
  { store, keyring }: OpenVault,
  known: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<ListedState> {
  const points = new Set<string>();
  const problems: Problem[] = [];
  const must = async (subject: string, work: () => Promise<void>): Promise<void> => {
    await work().catch((error: unknown) => {
      signal.throwIfAborted();
      problems.push({
        code: "crash-torn-point",
        message: `${subject} is listed and not whole: ${explanationOf(error)}`,
      });
    });
  };
  for (const id of await listBackupIds(store)) {
    points.add(id);
    if (!known.has(id))
      await must(id, async () => checkParts(store, partsOf(await readManifest(store, id, keyring)), signal));
    await must(`the chain of ${id}`, async () => {
      for await (const { manifest } of readChain(store, id, keyring)) {
        const point = `${id}/${manifest.number}`;
        points.add(point);
        if (!known.has(point)) await checkSegment(store, manifest, signal);
      }
    });
  }
  return { points, problems };
}

/** Problems of a vault in which restore points may only have been added, at most `added` of them. */
export function judgeAdded(before: ReadonlySet<string>, { points, problems }: ListedState, added: number): Problem[] {
  const gone = [...before].filter((id) => !points.has(id));
  const made = [...points].filter((id) => !before.has(id));
  return [
    ...problems,
    ...gone.map((id): Problem => ({ code: "backup-lost", message: `${id} is not listed any more` })),
    ...(made.length > added
      ? [
          {
            code: "half-backup-listed",
            message: `${made.length} restore points were added: ${made.join(", ")}`,
          } as const,
        ]
      : []),
  ];
}

/**
 * Objects in the vault that belong to no restore point. Locks and settings journals are also written without a lock, so
 * a half-written one may be in use until it is old. `mayStay` are paths of others that harm nothing.
 */
export async function judgeLeft(
  { folder }: OpenVault,
  points: ReadonlySet<string>,
  mayStay: readonly string[] = [],
): Promise<Problem[]> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const left = names
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(folder.length + 1))
    .filter((name) => !mayStay.includes(name))
    .filter((name) => {
      const [room, id = "", number = ""] = name.split("/");
      if (room === "vault.json" || room === "catalogue" || room === "restores") return false;
      if (room === "locks" || room === "guest") return !name.endsWith(".tmp");
      const point = room === "segments" ? `${id}/${Number(number)}` : id;
      return !points.has(point) || name.endsWith(".tmp") || name.endsWith("/unfinished.json");
    });
  if (left.length === 0) return [];
  return [{ code: "garbage-left", message: `the next run left ${left.join(", ")}`, evidence: { left } }];
}

/** Settings of the server and the module, and the rights of users. */
export async function settingsAndRights(endpoint: Endpoint): Promise<ReadonlyMap<string, string>> {
  await using connection = await connect(endpoint);
  const { settings, moduleSettings, users } = await observeServer(connection);
  const [, masterauth = ""] = (await connection.command("CONFIG", "GET", "masterauth")) as string[];
  // A restore changes this one, and of secrets it is only observed whether they are set.
  const own = { masterauth: hash("sha256", masterauth) };
  return new Map([settings, moduleSettings, users, own].flatMap((found) => Object.entries(found ?? {})));
}

export async function judgeSettings(endpoint: Endpoint, before: ReadonlyMap<string, string>): Promise<Problem[]> {
  const changed = changedSettings(before, await settingsAndRights(endpoint));
  if (changed.length === 0) return [];
  return [{ code: "settings-not-put-back", message: `a setting is not what it was: ${changed.join("; ")}` }];
}
