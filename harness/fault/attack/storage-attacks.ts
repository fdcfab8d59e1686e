// Malicious storage: it changes, withholds and gives back whatever it likes, and holds no key.
import { existsSync } from "node:fs";
import { mkdir, rename, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execFileSync } from "node:child_process";
import { Keyring } from "../../vault/keys/keyring.ts";
import { lockPath } from "../../vault/locks/lock-entries.ts";
import { remember } from "../../vault/restore/verify.ts";
import { writeManifest, readManifest } from "../../vault/store/vault.ts";
import { detected, type Place, recovered, refused, type VaultAttack, undefended } from "./attack.ts";
import { copyAll, deepJson, flip, putBack, removeAll, rewrite, swap } from "./change-vault.ts";

const role = "malicious storage";
const { signal } = new AbortController();
const segment = (id: string, number: number, name = "manifest.json"): string =>
  `segments/${id}/${String(number).padStart(8, "0")}/${name}`;
const part = "part-00000.zst.pgp";

/** A lock of a machine that nobody can ask, for ten years. */
function foreignLock(more: object): Buffer {
  const owner = { host: "elsewhere", place: "another boot", pid: 1, startedAt: "1" };
  const since = "2026-11-29T00:00:00.000Z";
  const expiresAt = "2036-11-29T00:00:00.000Z";
  const lock = { token: "0".repeat(16), owner, does: "backup", exclusive: true, state: "held", since, expiresAt };
  return Buffer.from(JSON.stringify({ ...lock, uses: [], removes: [], ...more }));
}

const lock = (place: Place, more: object): Promise<void> => place.store.put(lockPath("0".repeat(16)), foreignLock(more));

export const removals: readonly VaultAttack[] = [
  {
    role,
    does: "deletes the newest backup with its increments",
    prepare: ({ store, newest }) => removeAll(store, `backups/${newest}/`, `segments/${newest}/`),
    on: {
      list: detected(/is missing: entry \d+ of the catalogue recorded it/),
      audit: detected(/is missing: entry \d+/),
      verify: refused(/has no backup/),
      "restore by id": refused(/is missing: entry \d+/),
      "restore an older one": recovered,
      "restore latest": refused(/is missing: entry \d+/),
      "restore a moment": refused(/is missing: entry \d+/),
      "rdb-out": refused(/is missing: entry \d+/),
      prune: refused(/is missing: entry \d+/),
      compact: refused(/has no backup/),
      "keys rotate": refused(/is missing: entry \d+/),
      pin: refused(/has no backups\//),
      discard: refused(/holds nothing of/),
    },
  },
  {
    role,
    does: "deletes the manifest of the newest backup",
    prepare: ({ store, newest }) => store.delete(`backups/${newest}/manifest.json`),
    on: {
      list: detected(/no manifest/),
      verify: refused(/has no backup/),
      "restore latest": detected(/newer than .* and damaged: .* has 4 objects and no manifest/),
      prune: detected(/has 4 objects and no manifest/),
      "restore an older one": recovered,
    },
  },
  {
    role,
    does: "deletes the signature of the newest backup",
    prepare: ({ store, newest }) => store.delete(`backups/${newest}/manifest.json.asc`),
    on: {
      list: detected(/manifest\.json\.asc is missing/),
      verify: detected(/manifest\.json\.asc is missing/),
      "restore latest": refused(/manifest\.json\.asc is missing/),
      prune: detected(/is left alone/),
      archive: refused(/manifest\.json\.asc is missing/),
      discard: refused(/would go for good.*--yes/),
    },
  },
  {
    role,
    does: "deletes a part of the newest backup",
    prepare: ({ store, newest }) => store.delete(`backups/${newest}/${part}`),
    on: {
      list: detected(/part-00000.zst.pgp is missing/),
      verify: detected(/part-00000.zst.pgp is missing/),
      "restore latest": refused(/part-00000.zst.pgp is missing/),
      "rdb-out": refused(/part-00000.zst.pgp is missing/),
      prune: detected(/is left alone/),
      "keys rotate": refused(/part-00000.zst.pgp is missing/),
      "keys drill": detected(/part-00000.zst.pgp is missing/),
    },
  },
  {
    role,
    does: "deletes the last increment",
    prepare: ({ store, newest }) => removeAll(store, segment(newest, 3, "")),
    on: {
      list: detected(/increment 3 of .* is missing/),
      audit: detected(/increment 3 of .* is missing/),
      "restore a moment": refused(/increment 3 of .* is missing/),
      "restore an older one": recovered,
      prune: refused(/increment 3 of .* is missing/),
    },
  },
  {
    role,
    does: "deletes an increment in the middle",
    prepare: ({ store, newest }) => removeAll(store, segment(newest, 2, "")),
    on: {
      list: detected(/it is missing, and 3 is there/),
      verify: detected(/it is missing, and 3 is there/),
      "restore a moment": refused(/it is missing, and 3 is there/),
      "restore by id": recovered,
      compact: refused(/it is missing, and 3 is there/),
      prune: detected(/left alone/),
    },
  },
  {
    role,
    does: "deletes the pin, so that a prune removes what it kept",
    prepare: ({ store, older }) => store.delete(`backups/${older}/pin.json`),
    on: { prune: undefended("A pin that somebody deletes") },
  },
];

export const rollbacks: readonly VaultAttack[] = [
  {
    role,
    does: "puts the whole vault back to an earlier state",
    prepare: ({ store, earlier }) => putBack(store, earlier),
    on: {
      list: detected(/was put back to an older state/),
      audit: detected(/was put back to an older state/),
      "restore by id": refused(/is missing: entry 3 of the catalogue recorded it/),
      "restore latest": refused(/was put back to an older state/),
      "restore a moment": refused(/was put back to an older state/),
      "rdb-out": refused(/was put back to an older state/),
      prune: refused(/was put back to an older state/),
      "keys rotate": refused(/was put back to an older state/),
      "restore an older one": recovered,
    },
  },
  {
    role,
    does: "gives back the earlier catalogue and keeps the backups",
    prepare: async ({ store, earlier }) => {
      await removeAll(store, "catalogue/");
      await copyAll(earlier, "catalogue/", store);
    },
    on: {
      list: detected(/was put back to an older state|is not in the catalogue/),
      "restore latest": refused(/was put back to an older state|is not in the catalogue/),
      prune: refused(/was put back to an older state|is not in the catalogue/),
    },
  },
  {
    role,
    does: "deletes the catalogue",
    prepare: ({ store }) => removeAll(store, "catalogue/"),
    on: {
      list: detected(/the catalogue of .* is gone/),
      audit: detected(/the catalogue of .* is gone/),
      "restore latest": refused(/the catalogue of .* is gone/),
      "restore an older one": recovered,
      prune: refused(/the catalogue of .* is gone/),
    },
  },
  {
    role,
    does: "makes it a vault of the version that had no catalogue",
    prepare: async ({ store }) => {
      await removeAll(store, "catalogue/");
      await store.put("vault.json", Buffer.from('{"kind":"falkordrill-vault","version":1}\n'));
    },
    on: {
      list: detected(/the catalogue of .* is gone/),
      audit: detected(/the catalogue of .* is gone/),
      "restore latest": refused(/the catalogue of .* is gone/),
      prune: refused(/the catalogue of .* is gone/),
    },
  },
  {
    role,
    does: "swaps two entries of the catalogue",
    prepare: ({ store }) => swap(store, "catalogue/00000002.json", "catalogue/00000003.json"),
    on: {
      audit: detected(/00000003\.json is not the entry|is entry \d|names/),
      "restore latest": refused(/cannot be trusted/),
      prune: refused(/cannot be trusted/),
    },
  },
  {
    role,
    does: "removes an entry from the middle of the catalogue",
    prepare: ({ store }) => store.delete("catalogue/00000002.json"),
    on: {
      list: detected(/00000002\.json is missing, and later entries are there/),
      "restore latest": refused(/00000002\.json is missing/),
      prune: refused(/00000002\.json is missing/),
    },
  },
  {
    role,
    does: "gives the catalogue of another vault of the same owner",
    prepare: async ({ store, foreign }) => {
      await removeAll(store, "catalogue/");
      await copyAll(foreign, "catalogue/", store);
    },
    on: {
      list: detected(/is not the vault that was there before/),
      audit: detected(/is not the vault that was there before/),
      "restore latest": refused(/is not the vault that was there before/),
      prune: refused(/is not the vault that was there before/),
    },
  },
  {
    role,
    does: "exchanges the vault for another one of the same owner",
    prepare: ({ store, foreign }) => putBack(store, foreign),
    on: {
      list: detected(/is not the vault that was there before/),
      "restore latest": refused(/is not the vault that was there before/),
      "restore by id": refused(/is missing|is not the vault/),
      "rdb-out": refused(/is not the vault that was there before/),
      "keys rotate": refused(/is not the vault that was there before/),
    },
  },
  {
    role,
    does: "brings in a backup of another vault of the same owner",
    prepare: async ({ store, foreign }) => {
      await copyAll(foreign, "backups/", store);
      await copyAll(foreign, "segments/", store);
    },
    on: {
      list: detected(/is not in the catalogue: it was brought here from elsewhere/),
      audit: detected(/is not in the catalogue: it was brought here from elsewhere/),
      "restore latest": refused(/is not in the catalogue/),
      "restore by id": recovered,
      prune: refused(/is not in the catalogue/),
    },
  },
  {
    role,
    does: "gives back the record of a good verify in the place of one that found a fault",
    prepare: async ({ store, keyring, newest }) => {
      const path = `backups/${newest}/validation.json`;
      const good = await store.get(path);
      const found = { at: "2026-11-22T00:00:00.000Z", ok: false, problems: ["it differs"], phases: [] };
      await remember({ store, keyring }, newest, found, signal);
      await store.put(path, good ?? Buffer.alloc(0));
    },
    on: {
      list: detected(/was found faulty, and the record of that .* is not there any more/),
      audit: detected(/was found faulty, and the record of that/),
      "restore latest": refused(/was found faulty, and the record of that/),
      prune: refused(/was found faulty, and the record of that/),
    },
  },
];

export const splices: readonly VaultAttack[] = [
  {
    role,
    does: "gives the newest backup under the name of the older one",
    prepare: async ({ store, older, newest }) => {
      for (const name of ["manifest.json", "manifest.json.asc"])
        await store.put(`backups/${older}/${name}`, (await store.get(`backups/${newest}/${name}`)) ?? Buffer.alloc(0));
    },
    on: {
      list: detected(/is the manifest of/),
      audit: detected(/is not the one that the catalogue records/),
      "restore an older one": refused(/is not the one that the catalogue records|is the manifest of/),
      "restore by id": recovered,
      "keys drill": refused(/is the manifest of/),
    },
  },
  {
    role,
    does: "swaps the parts of two backups",
    prepare: ({ store, older, newest }) => swap(store, `backups/${older}/${part}`, `backups/${newest}/${part}`),
    on: {
      verify: detected(/is not the part that the manifest signs for/),
      "restore by id": refused(/is not the part that the manifest signs for/),
      "restore an older one": refused(/is not the part that the manifest signs for/),
      "rdb-out": refused(/is not the part that the manifest signs for/),
      "keys rotate": refused(/is not the part that the manifest signs for/),
      "keys drill": detected(/is not the part that the manifest signs for|cannot be decrypted/),
    },
  },
  {
    role,
    does: "swaps two increments",
    prepare: async ({ store, newest }) => {
      for (const name of ["manifest.json", "manifest.json.asc", part])
        await swap(store, segment(newest, 2, name), segment(newest, 3, name));
    },
    on: {
      list: detected(/it is the manifest of segment 3/),
      verify: detected(/it is the manifest of segment 3/),
      "restore a moment": refused(/it is the manifest of segment 3|is not the one that the catalogue/),
      compact: refused(/it is the manifest of segment 3/),
      archive: refused(/it is the manifest of segment 2/),
    },
  },
  {
    role,
    does: "gives an increment of the older backup to the newest",
    prepare: async ({ store, older, newest }) => {
      for (const name of ["manifest.json", "manifest.json.asc", part])
        await store.put(segment(newest, 1, name), (await store.get(segment(older, 1, name))) ?? Buffer.alloc(0));
    },
    on: {
      list: detected(/it is the manifest of segment 1 of/),
      verify: detected(/it is the manifest of segment 1 of/),
      "restore a moment": refused(/it is the manifest of segment 1 of/),
      "restore by id": recovered,
    },
  },
  {
    role,
    does: "flips one bit in the last increment",
    prepare: ({ store, newest }) => rewrite(store, segment(newest, 3, part), flip),
    on: {
      verify: detected(/is not the part that the manifest signs for/),
      compact: refused(/is not the part that the manifest signs for/),
      "keys rotate": refused(/is not the part that the manifest signs for/),
    },
  },
  {
    role,
    does: "signs a changed manifest with a key of its own",
    prepare: async ({ store, keyring, folder, newest }) => {
      const own = new Keyring(join(folder, "own"));
      await own.generate("signer", "s", "interop");
      const manifest = await readManifest(store, newest, keyring);
      await writeManifest(store, { ...manifest, tool: "changed" }, await own.signer());
    },
    on: {
      list: detected(/is not signed by a key of the key ring/),
      verify: detected(/is not signed by a key of the key ring/),
      "restore latest": refused(/is not signed by a key of the key ring/),
      prune: detected(/is not signed by a key of the key ring/),
      archive: refused(/is not signed by a key of the key ring/),
    },
  },
];

export const denials: readonly VaultAttack[] = [
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

export const traps: readonly VaultAttack[] = [
  {
    role,
    does: "marks an invented backup as unfinished, with its increments a link to a folder of the user",
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

/** Of the user, outside of the vault: nothing of it may be removed by a command of the vault. */
async function folderOfUser({ folder }: Place): Promise<string> {
  const path = join(folder, "of-the-user");
  await mkdir(join(path, "00000001"), { recursive: true });
  await writeFile(join(path, "00000001", "thesis.txt"), "years of work");
  await writeFile(join(path, "unfinished.json"), "a file of that name");
  return path;
}

function userFolderIsGone({ folder }: Place): string | undefined {
  return existsSync(join(folder, "of-the-user", "00000001", "thesis.txt")) ? undefined : "files of the user were removed";
}

export const storageAttacks: readonly VaultAttack[] = [...removals, ...rollbacks, ...splices, ...denials, ...traps];
