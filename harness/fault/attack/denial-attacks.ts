// Malicious storage, which holds no key: it keeps its user from working, or makes the user's own commands do harm.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rename, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { lockPath } from "../../vault/locks/lock-entries.ts";
import { detected, type Place, recovered, refused, type VaultAttack } from "./attack.ts";
import { deepJson } from "./change-vault.ts";

const role = "malicious storage";

/** A lock of a machine that nobody can ask, for ten years. */
function foreignLock(more: object): Buffer {
  const owner = { host: "elsewhere", place: "another boot", pid: 1, startedAt: "1" };
  const since = "2026-11-29T00:00:00.000Z";
  const expiresAt = "2036-11-29T00:00:00.000Z";
  const lock = { token: "0".repeat(16), owner, does: "backup", exclusive: true, state: "held", since, expiresAt };
  return Buffer.from(JSON.stringify({ ...lock, uses: [], removes: [], ...more }));
}

const lock = (place: Place, more: object): Promise<void> =>
  place.store.put(lockPath("0".repeat(16)), foreignLock(more));

const denials: readonly VaultAttack[] = [
  {
    role,
    does: "locks the vault for ten years in the name of another machine",
    prepare: (place) => lock(place, {}),
    on: {
      backup: refused(/is locked for backup by process 1 on elsewhere .*falkordrill vault unlock/),
      prune: refused(/is locked for backup by process 1 on elsewhere/),
      "keys rotate": refused(/is locked for backup by process 1 on elsewhere/),
      "restore latest": recovered,
      verify: recovered,
      unlock: detected(/removed locks\/0{16}\.json/),
    },
  },
  {
    role,
    does: "says that every backup is being removed",
    prepare: (place) => lock(place, { exclusive: false, removes: [place.older, place.newest] }),
    on: {
      "restore latest": refused(/is being removed right now: backup by process 1 on elsewhere/),
      verify: refused(/is being removed right now/),
      unlock: detected(/removed locks\//),
    },
  },
  {
    role,
    does: "writes locks that nobody understands, one of them nested 200,000 deep",
    prepare: async ({ store }) => {
      await store.put(lockPath("1".repeat(16)), deepJson());
      await store.put(lockPath("2".repeat(16)), Buffer.alloc(100));
    },
    on: {
      backup: refused(/does not understand \(locks\/1{16}\.json\)/),
      "restore latest": recovered,
      unlock: detected(/removed locks\/2{16}\.json/),
    },
  },
  {
    role,
    does: "makes the manifest of the newest backup a file of 200 MiB",
    once: "list",
    prepare: ({ store, newest }) => truncate(join(store.where, `backups/${newest}/manifest.json`), 200 * 2 ** 20),
    on: {
      list: detected(/has 209715200 bytes, and at most 33554432 belong there/),
      verify: detected(/has 209715200 bytes, and at most/),
      "restore latest": refused(/has 209715200 bytes, and at most/),
      prune: detected(/has 209715200 bytes, and at most/),
      "restore an older one": recovered,
      audit: recovered,
    },
  },
  {
    role,
    does: "makes a lock a file of 200 MiB",
    once: "unlock",
    prepare: async ({ store }) => {
      await store.put(lockPath("3".repeat(16)), Buffer.alloc(1));
      await truncate(join(store.where, lockPath("3".repeat(16))), 200 * 2 ** 20);
    },
    on: {
      backup: refused(/is locked for something that this program does not understand/),
      "restore latest": recovered,
      unlock: detected(/removed locks\/3{16}\.json/),
    },
  },
  {
    role,
    does: "makes the pin of the newest backup a file of 200 MiB",
    prepare: async ({ store, newest }) => {
      await store.put(`backups/${newest}/pin.json`, Buffer.alloc(1));
      await truncate(join(store.where, `backups/${newest}/pin.json`), 200 * 2 ** 20);
    },
    on: { list: recovered, prune: recovered },
  },
  {
    role,
    does: "makes the manifest of the newest backup a pipe that never ends",
    prepare: async ({ store, newest }) => {
      const path = join(store.where, `backups/${newest}/manifest.json`);
      await rename(path, `${path}.old`);
      execFileSync("mkfifo", [path]);
    },
    on: {
      list: detected(/no manifest|is not a file/),
      verify: detected(/is not a file/),
      "restore by id": refused(/is not a file/),
    },
  },
  {
    role,
    does: "nests the catalogue's newest entry 200,000 deep",
    prepare: ({ store }) => store.put("catalogue/00000005.json", deepJson()),
    on: {
      list: detected(/the catalogue of the vault cannot be trusted/),
      "restore latest": refused(/the catalogue of the vault cannot be trusted/),
      prune: refused(/the catalogue of the vault cannot be trusted/),
    },
  },
  {
    role,
    does: "marks the vault as one of layout 99",
    prepare: ({ store }) => store.put("vault.json", Buffer.from('{"kind":"falkordrill-vault","version":99}\n')),
    on: { list: recovered, "restore latest": recovered },
  },
  {
    role,
    does: "writes a pin that would start lines of its own in a terminal",
    prepare: ({ store, newest }) =>
      store.put(`backups/${newest}/pin.json`, Buffer.from(JSON.stringify({ why: "x\n\u001B[2Jverified", at: "" }))),
    on: { list: recovered, prune: recovered },
  },
];

const traps: readonly VaultAttack[] = [
  {
    role,
    does: "marks an invented backup as unfinished, with its increments a link to a folder of the user",
    once: "prune",
    prepare: async (place) => {
      const { store } = place;
      const id = "20261125T120000Z-0badc0de";
      await store.put(`backups/${id}/unfinished.json`, Buffer.from('{"does":"backup"}\n'));
      await mkdir(join(store.where, "segments"), { recursive: true });
      await symlink(await folderOfUser(place), join(store.where, `segments/${id}`));
    },
    on: { prune: recovered, "keys rotate": recovered },
    harm: userFolderIsGone,
  },
  {
    role,
    does: "links a folder of the user into the older backup, before that is pruned",
    prepare: async (place) => {
      const { store, older } = place;
      await store.delete(`backups/${older}/pin.json`);
      await symlink(await folderOfUser(place), join(store.where, `backups/${older}/more`));
    },
    on: { prune: recovered, "keys rotate": recovered },
    harm: userFolderIsGone,
  },
];

/** A folder of the user outside of the vault: nothing of it may be removed by a command of the vault. */
async function folderOfUser({ folder }: Place): Promise<string> {
  const path = join(folder, "of-the-user");
  await mkdir(join(path, "00000001"), { recursive: true });
  await writeFile(join(path, "00000001", "thesis.txt"), "years of work");
  await writeFile(join(path, "unfinished.json"), "a file of that name");
  return path;
}

function userFolderIsGone({ folder }: Place): string | undefined {
  return existsSync(join(folder, "of-the-user", "00000001", "thesis.txt"))
    ? undefined
    : "files of the user were removed";
}

export const denialAttacks: readonly VaultAttack[] = [...denials, ...traps];
