// Malicious storage, which holds no key: it deletes, withholds, or gives back an earlier state.
import { remember } from "../../vault/restore/verify.ts";
import { detected, recovered, refused, undefended, type VaultAttack } from "./attack.ts";
import { copyAll, putBack, removeAll, segment, swap } from "./change-vault.ts";

const role = "malicious storage";
const part = "part-00000.zst.pgp";
const { signal } = new AbortController();

const removals: readonly VaultAttack[] = [
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

const rollbacks: readonly VaultAttack[] = [
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

export const removalAttacks: readonly VaultAttack[] = [...removals, ...rollbacks];
