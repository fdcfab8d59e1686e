// The commands of the vault as an attack meets them: the same calls as the command line makes, up to the moment at which
// an engine would be started. What would be loaded is read instead, and hashed.
import { createHash, hash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { explanationOf } from "../../base/errors.ts";
import { silentProgress } from "../../base/progress.ts";
import type { EngineProvider } from "../../engine/engine.ts";
import { serverAt } from "../../engine/server-at.ts";
import { createBackup, type BackupContext } from "../../vault/backup/backup.ts";
import { checkVault } from "../../vault/catalogue/check-vault.ts";
import { findChain, schemasAt } from "../../vault/chain/chain-head.ts";
import { findMoment, segmentStream } from "../../vault/chain/find-moment.ts";
import { breakLocks } from "../../vault/locks/unlock.ts";
import { partsOf, readParts } from "../../vault/parts/read-parts.ts";
import { momentAsked, passedOver } from "../../vault/restore/asked-moment.ts";
import { compact } from "../../vault/restore/compact.ts";
import { mayRestoreFrom } from "../../vault/restore/may-restore.ts";
import { restoreMoment } from "../../vault/restore/restore.ts";
import { verifyOffline } from "../../vault/restore/verify.ts";
import { writeRdb } from "../../vault/restore/write-rdb.ts";
import { discard } from "../../vault/retention/discard.ts";
import { readInventory } from "../../vault/retention/inventory.ts";
import { prune } from "../../vault/retention/prune.ts";
import { drillKeys } from "../../vault/rotate/drill.ts";
import { reencrypt } from "../../vault/rotate/rotate.ts";
import { pin } from "../../vault/store/pin.ts";
import { backupFolder, readManifest } from "../../vault/store/vault.ts";
import type { CommandAnswer, Place, AttackVerb } from "./attack.ts";

const { signal } = new AbortController();

/** Runs a command; what it throws is part of the answer. */
export async function perform(verb: AttackVerb, place: Place): Promise<CommandAnswer> {
  const said: string[] = [];
  try {
    const gave = await commands[verb]?.(place, said);
    return { said, ...(gave === undefined ? {} : { gave }) };
  } catch (error) {
    return { said, failed: explanationOf(error) };
  }
}

type Command = (place: Place, said: string[]) => Promise<string>;

const commands: { readonly [verb in AttackVerb]?: Command } = {
  list: async (place, said) => {
    await place.keyring.verifiers();
    const { problems, notes } = await checkVault(place);
    const { points, leftAlone } = await readInventory(place.store, place.keyring, signal);
    said.push(...problems.map(({ message }) => message), ...leftAlone, ...notes);
    for (const { point } of points.values()) {
      if (point.verified === "bad") said.push(`${point.id} FOUND FAULTY`);
      if (point.doubt !== undefined) said.push(`${point.id} SHRUNK: ${point.doubt}`);
    }
    return [...points.keys()].toSorted().join(" ");
  },
  audit: async (place, said) => {
    const { head, problems, notes } = await checkVault(place, 1);
    said.push(...problems.map(({ message }) => message), ...notes);
    return `${head?.number ?? 0}:${head?.sha256 ?? ""}`;
  },
  verify: async (place, said) => {
    const { ok, problems, increments, notes = [] } = await verifyOffline(place, place.newest, signal);
    said.push(...problems, ...(increments?.problems ?? []), ...notes);
    return String(ok);
  },
  "restore by id": (place, said) => restore(place, said, place.newest),
  "restore an older one": (place, said) => restore(place, said, place.older),
  "restore latest": (place, said) => restore(place, said),
  "restore a moment": (place, said) => restore(place, said, undefined, place.moment),
  "rdb-out": async (place, said) => {
    said.push(...(await mayRestoreFrom(place, { id: undefined, at: undefined }, false)));
    const { point } = await momentAsked(place, undefined, undefined);
    const file = join(place.folder, "out.rdb");
    await writeRdb(place, { point, progress: noting(said), signal }, file);
    return hash("sha256", await readFile(file));
  },
  prune: async (place, said) => {
    const rules = { last: 1 };
    const { leftAlone } = await prune(place, { rules, zone: "UTC", dryRun: false, progress: noting(said), signal });
    said.push(...leftAlone);
    return [...(await readInventory(place.store, place.keyring, signal)).points.keys()].toSorted().join(" ");
  },
  compact: async (place, said) =>
    await untilEngine(
      (engines) => compact(contextOf(place), { point: place.newest, engines, progress: noting(said), signal }),
      () => contentOf(place, place.newest, "latest"),
    ),
  archive: async ({ store, keyring }) => {
    const info = { role: "master", master_replid: "0".repeat(40), master_repl_offset: "9999999" };
    const backlog = { repl_backlog_active: "1", repl_backlog_first_byte_offset: "1", repl_backlog_histlen: "99999999" };
    const server = { info: () => Promise.resolve({ ...info, ...backlog }) };
    const { found, ended } = await findChain(server, store, keyring);
    if (found !== undefined) await schemasAt(found, store, keyring);
    return JSON.stringify(found?.head ?? ended);
  },
  backup: async (place, said) => {
    const source = serverAt(`redis://127.0.0.1:${await freePort()}`, {});
    const work = createBackup(contextOf(place), { source, coordinator: undefined, progress: noting(said), signal });
    return await work.then(
      () => "made",
      (error: unknown) => {
        if (/cannot connect|refused|ECONNREFUSED/.test(explanationOf(error))) return "reached the server";
        throw error;
      },
    );
  },
  "keys drill": async (place, said) => {
    const { proofs, unproven } = await drillKeys(place, { reports: [], at: new Date(0), signal });
    said.push(...unproven, ...proofs.flatMap(({ problem }) => problem ?? []));
    return proofs.map(({ contentSha256 }) => contentSha256 ?? "").join(" ");
  },
  "keys rotate": async (place, said) => {
    await place.keyring.retire(await place.keyring.held("recipient", "a"));
    const { copied, current } = await reencrypt(place, { progress: noting(said), signal });
    return String(copied.length + current.length);
  },
  keys: async ({ keyring }) => {
    const listed = await keyring.list();
    return listed.map(({ role, name, fingerprint }) => `${role} ${name} ${fingerprint}`).join(", ");
  },
  pin: async ({ store, newest }) => {
    await pin(store, backupFolder(newest), "for the court", signal);
    return "pinned";
  },
  discard: async ({ store, keyring, newest }) => {
    const { points } = await discard({ store, keyring, signal }, newest, false);
    return points.join(" ");
  },
  unlock: async ({ store }, said) => {
    said.push(...(await breakLocks(store, { force: true })).map(({ path }) => `removed ${path}`));
    return "unlocked";
  },
};

async function restore(place: Place, said: string[], id?: string, at?: string): Promise<string> {
  said.push(...(await mayRestoreFrom(place, { id, at }, false)));
  const asked = await momentAsked(place, id, at);
  if (id === undefined) said.push(...(await passedOver(place, asked.point)));
  return await untilEngine(
    (engines) =>
      restoreMoment(place, {
        point: asked.point,
        ...(asked.at === undefined ? {} : { at: asked.at }),
        way: "file",
        engines,
        progress: noting(said),
        signal,
      }),
    () => contentOf(place, asked.point, asked.at),
  );
}

class EngineAsked extends Error {}

/** Runs a restore up to where it would start an engine, and reads then what that would load. */
async function untilEngine(work: (engines: EngineProvider) => Promise<unknown>, read: () => Promise<string>) {
  const engines: EngineProvider = {
    kind: "embedded",
    unavailable: () => Promise.resolve(undefined),
    start: () => Promise.reject(new EngineAsked("an engine was asked for")),
  };
  try {
    await work(engines);
  } catch (error) {
    if (error instanceof EngineAsked) return await read();
    throw error;
  }
  throw new Error("no engine was asked for");
}

/** SHA-256 of what a restore loads and replays. */
async function contentOf(
  { store, keyring }: Place,
  id: string,
  at?: Parameters<typeof findMoment>[2],
): Promise<string> {
  const manifest = await readManifest(store, id, keyring);
  const keys = await keyring.openers(manifest.encryption.recipients.map(({ fingerprint }) => fingerprint));
  const content = createHash("sha256");
  for await (const piece of readParts(store, partsOf(manifest), keys, signal)) content.update(piece);
  if (at !== undefined) {
    const plan = await findMoment({ store, keyring, signal }, manifest, at);
    for await (const piece of segmentStream({ store, keyring, signal }, plan.segments)) content.update(piece);
    content.update(String(plan.to));
  }
  return content.digest("hex");
}

function contextOf({ store, keyring }: Place): BackupContext {
  return { store, keyring, profile: "interop", partBytes: 100_000 };
}

function noting(said: string[]): typeof silentProgress {
  return { ...silentProgress, note: (line: string) => void said.push(line) };
}

/** A port at which nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 1;
}
