import { cp, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { silentProgress } from "../../base/progress.ts";
import { Keyring } from "../keys/keyring.ts";
import { prune } from "../retention/prune.ts";
import { mayRestoreFrom } from "../restore/may-restore.ts";
import { remember } from "../restore/verify.ts";
import { type Store, StoreError } from "../store/store.ts";
import { initVault, openVault } from "../store/vault.ts";
import { storeTestChain } from "../testing/test-vault.ts";
import { adopt } from "./adopt.ts";
import { appendEntry } from "./append.ts";
import { checkVault } from "./check-vault.ts";
import { entryPath } from "./entry.ts";
import { readCatalogue } from "./read-catalogue.ts";
import { unrecorded } from "./unrecorded.ts";

// The first test starts the threads that seal parts, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });
const root = await mkdtemp(join(tmpdir(), "falkordrill-catalogue-"));
afterAll(() => rm(root, { recursive: true }));
const template = join(root, "template");
const keys = join(root, "keys-template");
const made = await initVault(template);
const ring = new Keyring(keys);
await ring.generate("signer", "s", "interop");
await ring.generate("recipient", "r", "interop");
const old = await storeTestChain(made, ring, "2026-11-20T03:00:00.000Z");
const newest = await storeTestChain(made, ring, "2026-11-23T03:00:00.000Z", { increments: 3 });

let folders = 0;
let vault = "";
let store: Store;
let keyring: Keyring;
/** Another folder with the same content, as an attacker or an administrator keeps one. */
let earlier = "";
beforeEach(async () => {
  vault = join(root, `vault-${++folders}`);
  earlier = `${vault}-earlier`;
  await cp(template, vault, { recursive: true });
  await cp(template, earlier, { recursive: true });
  await cp(keys, `${vault}-keys`, { recursive: true });
  store = await openVault(vault);
  keyring = new Keyring(`${vault}-keys`);
  await problems();
});

async function problems(): Promise<readonly string[]> {
  return (await checkVault({ store, keyring })).problems.map(({ message }) => message);
}

function pruneAllButOne(): ReturnType<typeof prune> {
  const { signal } = new AbortController();
  const request = { rules: { last: 1 }, zone: "UTC", dryRun: false, progress: silentProgress, signal };
  return prune({ store, keyring }, request);
}

const remove = (path: string): Promise<void> => rm(join(vault, path), { recursive: true });
const backUp = (at = "2026-11-24T03:00:00.000Z"): Promise<string> => storeTestChain(store, keyring, at);

async function judge(point: string, ok: boolean): Promise<void> {
  const found = { at: "2026-11-29T00:00:00.000Z", ok, problems: ok ? [] : ["it differs"], phases: [] };
  await remember({ store, keyring }, point, found, new AbortController().signal);
}
async function putBack(): Promise<void> {
  await rm(vault, { recursive: true });
  await cp(earlier, vault, { recursive: true });
}

it("a prune whose removals cannot be recorded, as the vault is full, leaves that to the next entry", async () => {
  const { signal } = new AbortController();
  const isFull = (path: string): boolean => path.startsWith("catalogue/");
  const full: Store = {
    ...store,
    putIfAbsent: (path, bytes) =>
      isFull(path) ? Promise.reject(new StoreError("full", "no room", "")) : store.putIfAbsent(path, bytes),
  };
  const request = { rules: { last: 1 }, zone: "UTC", dryRun: false, progress: silentProgress, signal };
  await prune({ store: full, keyring }, request);
  expect((await store.list(`backups/${old}/`)).length).toBe(0);
  expect(await problems()).toEqual([]);
  await pruneAllButOne();
  const id = await backUp();
  expect(await problems()).toEqual([]);
  const { state, entries } = (await readCatalogue(store, keyring, 1)) ?? {};
  expect([...(state?.keys() ?? [])].toSorted()).toEqual([newest, id]);
  const removed = entries?.flatMap(({ entry }) => entry.events).filter(({ does }) => does === "removed");
  expect(removed?.map(({ point }) => point)).toEqual([old]);
});

describe("what is not in the vault as it was", () => {
  it.each([
    ["the newest backup with its increments", [`backups/${newest}`, `segments/${newest}`], `${newest} is missing`],
    ["an old backup", [`backups/${old}`], `${old} is missing`],
    ["the base of a chain", [`backups/${newest}`], `${newest} is missing`],
    ["the last increment", [`segments/${newest}/00000003`], `increment 3 of ${newest} is missing`],
    ["the last two", [2, 3].map((number) => `segments/${newest}/0000000${number}`), `increments 2 to 3 of ${newest}`],
    ["the catalogue", ["catalogue"], "is gone: this key ring saw its entry"],
    ["the newest entry", [entryPath(2)], "was put back to an older state"],
    ["an entry before it", [entryPath(1)], `${entryPath(1)} is missing, and later entries are there`],
  ])("names %s", async (_, paths, message) => {
    for (const path of paths) await remove(path);
    expect(await problems()).toContainEqual(expect.stringContaining(message));
    await expect(pruneAllButOne()).rejects.toMatchObject({ exit: "dataWrong" });
  });

  it("names the backups that a vault put back to an older copy has lost, whatever is backed up into it since", async () => {
    const id = await backUp();
    expect(await problems()).toEqual([]);
    await putBack();
    const lost = `${id} is missing: entry 3 of the catalogue recorded it`;
    expect(await problems()).toEqual([
      expect.stringContaining("was put back to an older state"),
      expect.stringContaining(lost),
    ]);
    await backUp("2026-11-25T03:00:00.000Z");
    expect(await problems()).toEqual([expect.stringContaining("and changed since"), expect.stringContaining(lost)]);
  });

  it("names another vault in the place of this one, and a catalogue that is stripped as in an earlier layout", async () => {
    const other = await initVault(join(root, `other-${folders}`));
    await storeTestChain(other, keyring, "2026-11-20T03:00:00.000Z");
    await rm(vault, { recursive: true });
    await cp(other.where, vault, { recursive: true });
    expect((await problems())[0]).toContain("is not the vault that was there before");
    await remove("catalogue");
    await writeFile(join(vault, "vault.json"), '{"kind":"falkordrill-vault","version":1}\n');
    expect((await problems())[0]).toContain("is gone: this key ring saw its entry 2");
  });

  it("names a backup that was brought in from a vault of the same keys, and one put back after its removal", async () => {
    const other = await initVault(join(root, `other-${folders}`));
    const foreign = await storeTestChain(other, keyring, "2026-11-29T03:00:00.000Z");
    await cp(join(other.where, "backups", foreign), join(vault, "backups", foreign), { recursive: true });
    expect(await problems()).toEqual([expect.stringContaining(`${foreign} is not in the catalogue`)]);
    await remove(`backups/${foreign}`);
    await pruneAllButOne();
    await cp(join(earlier, "backups", old), join(vault, "backups", old), { recursive: true });
    expect(await problems()).toEqual([expect.stringContaining(`${old} is not in the catalogue`)]);
  });

  it("names entries that were exchanged, changed, or added without a signature", async () => {
    await backUp();
    await rename(join(vault, entryPath(1)), join(vault, "first"));
    await rename(join(vault, entryPath(2)), join(vault, entryPath(1)));
    await rename(join(vault, "first"), join(vault, entryPath(2)));
    expect((await problems())[0]).toContain(`${entryPath(2)} is entry 1`);
    await putBack();
    const path = join(vault, entryPath(1));
    const text = await readFile(path, "utf8");
    await writeFile(path, text.replace("pid ", "pid 1"));
    expect((await problems())[0]).toContain(`${entryPath(1)} is not the entry that the one after it names`);
    await putBack();
    await writeFile(join(vault, entryPath(3)), text.replace('\\"number\\": 1', '\\"number\\": 3'));
    expect((await problems())[0]).toContain(`${entryPath(3)} in ${vault} is not signed`);
    // A new entry would vouch for it.
    await expect(appendEntry({ store, keyring }, () => [{ does: "keys" }])).rejects.toThrow("is not signed");
  });

  it("names an older manifest of the same backup", async () => {
    const path = `backups/${old}/manifest.json`;
    const bytes = (await store.get(path)) ?? Buffer.alloc(0);
    await appendEntry({ store, keyring }, () => [{ does: "added", point: old, sha256: "0".repeat(64) }]);
    expect(bytes.length).toBeGreaterThan(0);
    expect(await problems()).toEqual([`${path} is not the one that the catalogue records`]);
  });

  it("is no reason to refuse a backup that is there and named, and any other restore is refused", async () => {
    await remove(`backups/${newest}`);
    const restore = (id?: string, at?: string, allowed = false): Promise<readonly string[]> =>
      mayRestoreFrom({ store, keyring }, { id, at }, allowed);
    await expect(restore()).rejects.toMatchObject({ exit: "dataWrong", message: expect.stringContaining(newest) });
    await expect(restore(undefined, "2026-11-22T00:00:00Z")).rejects.toThrow(newest);
    await expect(restore(old, "latest")).rejects.toThrow(newest);
    const told = [expect.stringContaining(`PROBLEM: ${newest} is missing`)];
    expect(await restore(old)).toEqual(told);
    expect(await restore(undefined, old)).toEqual(told);
    expect(await restore(undefined, "latest", true)).toEqual(told);
  });
});

describe("what is as it should be", () => {
  it("a prune removes, and records", async () => {
    await pruneAllButOne();
    expect(await problems()).toEqual([]);
    const { entries, state } = (await readCatalogue(store, keyring, 1)) ?? {};
    expect([...(state?.keys() ?? [])]).toEqual([newest]);
    const events = entries?.flatMap(({ entry }) => entry.events.map(({ does, point }) => [does, point]));
    expect(events?.slice(2)).toEqual([
      ["chain", newest],
      ["going", old],
      ["removed", old],
    ]);
  });

  it("a crash leaves between a change and its record, and the next run records", async () => {
    await appendEntry({ store, keyring }, () => [
      { does: "began", point: "20261124T030000Z-00000000" },
      { does: "going", point: old },
    ]);
    await remove(`backups/${old}/part-00000.zst.pgp`);
    expect(await problems()).toEqual([]);
    await remove(`backups/${old}`);
    expect(await problems()).toEqual([]);
    await cp(join(vault, "backups", newest), join(vault, "backups/20261124T030000Z-00000000"), { recursive: true });
    expect(await problems()).toEqual([]);
    await appendEntry({ store, keyring }, (catalogue) => unrecorded(store, catalogue));
    const { state } = (await readCatalogue(store, keyring)) ?? {};
    expect([...(state?.values() ?? [])].map(({ id, is, chain }) => [id, is, chain?.number])).toEqual([
      [newest, "there", 3],
      ["20261124T030000Z-00000000", "there", undefined],
    ]);
  });

  it("many writers record at once, each once, and a reader needs the last entries only", async () => {
    const points = Array.from({ length: 22 }, (_, index) => `20261124T0300${String(index).padStart(2, "0")}Z-00000000`);
    const began = (point: string): Promise<void> => appendEntry({ store, keyring }, () => [{ does: "began", point }]);
    await Promise.all(points.slice(0, 6).map(began));
    for (const point of points.slice(6)) await began(point);
    const catalogue = await readCatalogue(store, keyring);
    expect([...(catalogue?.state.keys() ?? [])].toSorted()).toEqual([old, newest, ...points].toSorted());
    expect(catalogue?.entries.map(({ entry }) => entry.number)).toEqual([20, 21, 22, 23, 24]);
    expect((await readCatalogue(store, keyring, 1))?.state).toEqual(catalogue?.state);
  });

  it("a copy of a vault is seen for the first time", async () => {
    const copied = await openVault(earlier);
    const found = await checkVault({ store: copied, keyring });
    expect(found.problems).toEqual([]);
    expect(found.notes).toEqual([expect.stringContaining("for the first time")]);
    expect((await checkVault({ store: copied, keyring })).notes).toEqual([]);
  });

  it("a vault of an earlier layout is adopted when the user says so, and so is a known loss", async () => {
    await remove("catalogue");
    await rm(`${vault}-keys`, { recursive: true });
    await cp(keys, `${vault}-keys`, { recursive: true });
    expect(await problems()).toEqual([expect.stringContaining("is gone, and backups are there")]);
    await writeFile(join(vault, "vault.json"), '{"kind":"falkordrill-vault","version":1}\n');
    const found = await checkVault({ store, keyring });
    expect([found.problems, found.notes]).toEqual([[], [expect.stringContaining("audit --adopt begins one")]]);
    await backUp();
    expect(await readCatalogue(store, keyring)).toBeUndefined();
    await adopt({ store, keyring });
    expect(await problems()).toEqual([]);
    await remove(`backups/${old}`);
    expect((await adopt({ store, keyring })).accepted).toEqual([expect.stringContaining(`${old} is missing`)]);
    expect(await problems()).toEqual([]);
    await writeFile(join(vault, entryPath(2)), "{}");
    expect((await adopt({ store, keyring })).accepted[0]).toContain("cannot be trusted");
    expect(await problems()).toEqual([]);
    // Both entries and their summary.
    expect((await store.list("catalogue-untrusted-")).length).toBe(3);
  });
});

describe("a backup that was found faulty", () => {
  const record = `backups/${newest}/validation.json`;

  it("does not look good when the record of that is removed or put back to an earlier one", async () => {
    await judge(newest, true);
    await cp(join(vault, record), `${vault}-good.json`);
    await judge(newest, false);
    expect(await problems()).toEqual([]);
    const said = [`${newest} was found faulty, and the record of that in backups/${newest} is not there any more`];
    await cp(`${vault}-good.json`, join(vault, record));
    expect(await problems()).toEqual(said);
    await remove(record);
    expect(await problems()).toEqual(said);
  });

  it("is good again when a later verify finds it so", async () => {
    await judge(newest, false);
    await judge(newest, true);
    expect(await problems()).toEqual([]);
  });
});

describe("the newest entry", () => {
  it("is remembered by the key ring that wrote it, before anybody looks at the vault", async () => {
    await judge(newest, false);
    const { number } = (await readCatalogue(store, keyring)) ?? { number: 0 };
    await remove(entryPath(number));
    await remove(`backups/${newest}/validation.json`);
    expect((await problems())[0]).toContain("was put back to an older state");
  });

  it("is not remembered where it follows a state that was put back", async () => {
    await judge(newest, false);
    const { number } = (await readCatalogue(store, keyring)) ?? { number: 0 };
    await remove(entryPath(number));
    await judge(old, true);
    expect((await problems())[0]).toContain("was put back to an older state and changed since");
  });
});
