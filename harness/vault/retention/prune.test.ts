import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { silentProgress } from "../../base/progress.ts";
import { Keyring } from "../keys/keyring.ts";
import { pin, unpin } from "../store/pin.ts";
import { prune, type PruneResult, type PruneOptions } from "./prune.ts";
import { parseAge, type RetentionPolicy } from "./retention.ts";
import { readCatalogue } from "../catalogue/read-catalogue.ts";
import { listSegments } from "../chain/segments.ts";
import type { Store } from "../store/store.ts";
import { storeTestChain } from "../testing/test-vault.ts";
import { markUnfinished } from "../store/unfinished.ts";
import { writeValidation } from "../store/validation.ts";
import { initVault, listBackupIds } from "../store/vault.ts";
import { lockVault, useBackups } from "../locks/vault-lock.ts";

// The first test starts the threads that seal parts, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 30_000 });
const root = await mkdtemp(join(tmpdir(), "falkordrill-prune-"));
afterAll(() => rm(root, { recursive: true }));
const keyring = new Keyring(join(root, "keys"));
await keyring.generate("signer", "s", "interop");
await keyring.generate("recipient", "r", "interop");
const signer = await keyring.signer();
const { signal } = new AbortController();
const nowMs = Date.parse("2026-11-24T12:00:00Z");
const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs };
const day = (date: number): string => `2026-11-${date}T03:00:00.000Z`;

let vaults = 0;
let store: Store;
beforeEach(async () => {
  store = await initVault(join(root, `vault-${vaults++}`));
});

function run(rules: RetentionPolicy, more: Partial<PruneOptions> = {}, from = store): Promise<PruneResult> {
  const request = { rules, zone: "UTC", dryRun: false, progress: silentProgress, signal, ...more };
  return prune({ store: from, keyring, clock }, request);
}
const idsOf = ({ decisions }: PruneResult, keep: boolean): string[] =>
  decisions.filter((decision) => decision.keep === keep).map(({ id }) => id);

describe("prune", () => {
  it("keeps what the rules keep, and not one other object", async () => {
    const [old, middle, recent] = [
      await storeTestChain(store, keyring, day(21), { increments: 2 }),
      await storeTestChain(store, keyring, day(22)),
      await storeTestChain(store, keyring, day(23), { increments: 2 }),
    ];
    const outcome = await run({ last: 2 });
    expect(idsOf(outcome, true)).toEqual([`${recent}/00000002`, `${recent}/00000001`, recent, middle]);
    expect(idsOf(outcome, false)).toEqual([`${old}/00000002`, `${old}/00000001`, old]);
    expect(await listBackupIds(store)).toEqual([middle, recent]);
    expect((await store.list("")).filter(({ path }) => path.includes(old) || path.startsWith("locks/"))).toEqual([]);
    expect(await listSegments(store, recent)).toEqual([1, 2]);
    expect(idsOf(await run({ last: 2 }), false)).toEqual([]);
  });

  it("displaces no backup by one of a wiped source, nor by what depends on it", async () => {
    const older = await storeTestChain(store, keyring, day(20), { nodes: 12_000 });
    const full = await storeTestChain(store, keyring, day(21), { nodes: 12_000, increments: 1 });
    const wiped = await storeTestChain(store, keyring, day(22), { nodes: 0, increments: 2, sealed: "request" });
    const small = await storeTestChain(store, keyring, day(23), { nodes: 40 });
    const outcome = await run({ last: 1 });
    expect(idsOf(outcome, true)).toEqual([small, `${full}/00000001`, full]);
    expect(outcome.decisions[0]?.reasons.at(-1)).toBe(`displaces no other backup: 12,000 nodes in ${full}, now 40`);
    expect(idsOf(outcome, false).toSorted()).toEqual([older, wiped, `${wiped}/00000001`, `${wiped}/00000002`]);
    expect(idsOf(await run({ last: 1 }), false)).toEqual([]);
  });

  it("cuts a chain only at its end", async () => {
    const chain = await storeTestChain(store, keyring, day(21), { increments: 3 });
    await pin(store, `segments/${chain}/00000001`, "the moment before the accident", signal);
    const newest = await storeTestChain(store, keyring, day(23));
    expect(idsOf(await run({ last: 1 }), true)).toEqual([newest, `${chain}/00000001`, chain]);
    expect(await listSegments(store, chain)).toEqual([1]);
    await unpin(store, `segments/${chain}/00000001`, signal);
    expect(idsOf(await run({ last: 1 }), true)).toEqual([newest]);
  });

  it("leaves a shorter chain where it is killed, and the next run records where that ends", async () => {
    const chain = await storeTestChain(store, keyring, day(21), { increments: 3 });
    await storeTestChain(store, keyring, day(23));
    const killed: Store = {
      ...store,
      delete: (path) =>
        path === `segments/${chain}/00000002/unfinished.json`
          ? Promise.reject(new Error("killed"))
          : store.delete(path),
    };
    await expect(run({ last: 1 }, {}, killed)).rejects.toThrow("killed");
    await run({ all: true });
    await run({ all: true });
    expect((await readCatalogue(store, keyring))?.state.get(chain)).toMatchObject({
      is: "there",
      chain: { number: 1 },
    });
  });

  it("reports in a dry run what a prune then does, with its bytes, and changes nothing", async () => {
    const old = await storeTestChain(store, keyring, day(21), { increments: 1 });
    await storeTestChain(store, keyring, day(23));
    await store.put("backups/20261120T030000Z-00000000/part-00000.zst.pgp", Buffer.alloc(77));
    await markUnfinished(store, "backups/20261120T030000Z-00000000", "backup");
    const before = await store.list("");
    const told = await run({ within: parseAge("2d") }, { dryRun: true });
    expect(await store.list("")).toEqual(before);
    const bytesOf = (objects: typeof before): number =>
      objects.reduce((sum, { path, sizeBytes }) => sum + (path.startsWith("catalogue/") ? 0 : sizeBytes), 0);
    const bytesBefore = bytesOf(before);
    const paths = ["part-00000.zst.pgp", "unfinished.json"].map((name) => `backups/20261120T030000Z-00000000/${name}`);
    const markBytes = before.find(({ path }) => path === paths[1])?.sizeBytes ?? 0;
    expect(told.garbage).toEqual({ objects: 2, bytes: 77 + markBytes, paths });
    expect(await run({ within: parseAge("2d") })).toEqual(told);
    const bytesAfter = bytesOf(await store.list(""));
    const removed = told.decisions.filter(({ keep }) => !keep);
    expect(removed.map(({ id }) => id)).toEqual([`${old}/00000001`, old]);
    expect(removed.reduce((sum, { storedBytes }) => sum + storedBytes, told.garbage.bytes)).toBe(
      bytesBefore - bytesAfter,
    );
  });

  it("needs a rule", async () => {
    await storeTestChain(store, keyring, day(21));
    await expect(run({})).rejects.toThrow("no rule says what to keep");
    await expect(run({ last: 0 })).rejects.toThrow("no rule says what to keep");
  });
});

describe("the last verified point", () => {
  const record = (ok: boolean): Parameters<typeof writeValidation>[2] => ({
    at: day(24),
    ok,
    problems: [],
    phases: [],
  });

  it("stays when no rule keeps it", async () => {
    const [verified, ...others] = [
      await storeTestChain(store, keyring, day(20)),
      await storeTestChain(store, keyring, day(22)),
      await storeTestChain(store, keyring, day(23)),
    ];
    await writeValidation(store, `backups/${verified}`, record(true), signer);
    expect(idsOf(await run({ last: 1 }), true)).toEqual([others[1], verified]);
  });

  it("is one only by a record that we signed, of this very manifest", async () => {
    const [forged, copied, faulty, newest] = [
      await storeTestChain(store, keyring, day(19)),
      await storeTestChain(store, keyring, day(20)),
      await storeTestChain(store, keyring, day(21)),
      await storeTestChain(store, keyring, day(23)),
    ];
    await writeValidation(store, `backups/${faulty}`, record(true), signer);
    const bytes = (await store.get(`backups/${faulty}/validation.json`)) ?? Buffer.alloc(0);
    await store.put(`backups/${copied}/validation.json`, bytes);
    const altered = Buffer.from(bytes.toString().replaceAll(faulty, forged));
    await store.put(`backups/${forged}/validation.json`, altered);
    await writeValidation(store, `backups/${faulty}`, record(false), signer);
    const outcome = await run({ last: 1 });
    // What the two said cannot be known, so they stay, and count for no rule.
    expect(idsOf(outcome, true)).toEqual([newest, copied, forged]);
    expect(outcome.decisions.find(({ id }) => id === forged)?.reasons.join()).toContain("cannot be trusted");
  });
});

describe("beside others", () => {
  it("does not wait: a vault in use is refused, and a dry run reports no garbage", async () => {
    await storeTestChain(store, keyring, day(21));
    await store.put("backups/20261124T030000Z-00000000/part-00000.zst.pgp", Buffer.alloc(77));
    await using _backup = await lockVault(store, "backup", { clock });
    await expect(run({ last: 1 })).rejects.toThrow("is locked for backup by process");
    const notes: string[] = [];
    const progress = { ...silentProgress, note: (line: string) => void notes.push(line) };
    expect((await run({ last: 1 }, { dryRun: true, progress })).garbage.objects).toBe(0);
    expect(notes.join()).toContain("garbage was not looked for: the vault is locked for backup");
  });

  it("removes nothing more, neither points nor garbage, once its lock was broken", async () => {
    const old = await storeTestChain(store, keyring, day(21));
    await storeTestChain(store, keyring, day(23));
    const torn = ["part-00000.zst.pgp", "part-00001.zst.pgp"].map(
      (name) => `backups/20261124T030000Z-00000000/${name}`,
    );
    await markUnfinished(store, "backups/20261124T030000Z-00000000", "backup");
    for (const path of torn) await store.put(path, Buffer.alloc(7));
    const deleted: string[] = [];
    const robbed: Store = {
      ...store,
      delete: async (path) => {
        await store.delete(path);
        // Another process breaks the lock at the first piece of garbage.
        if (deleted.push(path) > 0 && path === torn[0])
          for (const lock of await store.list("locks/")) await store.delete(lock.path);
      },
    };
    await expect(run({ last: 1 }, {}, robbed)).rejects.toThrow("was lost: another process removed it");
    expect(deleted.filter((path) => path.includes(old))).toEqual([]);
    expect(await store.get(torn[1] ?? "")).toBeDefined();
  });

  it("spares what is being restored, with its dependencies and dependents", async () => {
    const used = await storeTestChain(store, keyring, day(21), { increments: 2 });
    const newest = await storeTestChain(store, keyring, day(23));
    {
      await using _restore = await useBackups(store, "restore", [`${used}/00000001`], { clock });
      expect(idsOf(await run({ last: 1 }), true)).toEqual([newest, `${used}/00000001`, used]);
    }
    {
      await using _archive = await useBackups(store, "archive", [used], { clock });
      expect(idsOf(await run({ last: 1 }), true)).toEqual([newest, `${used}/00000001`, used]);
    }
    expect(idsOf(await run({ last: 1 }), true)).toEqual([newest]);
  });

  it("does not take the unfinished segment of a running archiver for garbage", async () => {
    const base = await storeTestChain(store, keyring, day(23), { increments: 1 });
    const part = `segments/${base}/00000002/part-00000.zst.pgp`;
    await markUnfinished(store, `segments/${base}/00000002`, "segment");
    await store.put(part, Buffer.alloc(10));
    await writeFile(join(store.where, `${part}.0123456789ab.tmp`), "half");
    {
      await using _archive = await useBackups(store, "archive", [base], { clock });
      expect((await run({ last: 1 })).garbage.objects).toBe(0);
      expect(await store.get(part)).toBeDefined();
    }
    expect((await run({ last: 1 })).garbage).toMatchObject({ objects: 3 });
    expect(await listSegments(store, base)).toEqual([1]);
  });
});

describe("what cannot be trusted", () => {
  it("is left alone, with what it depends on", async () => {
    const forged = await storeTestChain(store, keyring, day(20));
    const broken = await storeTestChain(store, keyring, day(21), { increments: 3 });
    const newest = await storeTestChain(store, keyring, day(23));
    await store.put(`backups/${forged}/manifest.json`, Buffer.from("{}"));
    await store.put(`segments/${broken}/00000002/manifest.json`, Buffer.from("{}"));
    const outcome = await run({ last: 1 });
    expect(idsOf(outcome, true)).toEqual([newest, `${broken}/00000001`, broken]);
    expect(outcome.leftAlone).toEqual([
      expect.stringContaining(`${forged} is left alone:`),
      expect.stringContaining(`the increments after ${broken}/00000001 are left alone:`),
    ]);
    expect(await listSegments(store, broken)).toEqual([1, 2, 3]);
    expect(await listBackupIds(store)).toEqual([forged, broken, newest]);
  });

  it.each([
    ["is missing", (path: string) => rm(path)],
    ["is a folder", (path: string) => rm(path).then(() => mkdir(path))],
    ["is a loop of links", (path: string) => rm(path).then(() => symlink("manifest.json", path))],
    ["leads nowhere", (path: string) => rm(path).then(() => symlink("nowhere", path))],
    ["has another name", (path: string) => rename(path, `${path}.old`)],
  ])("a manifest that %s makes no garbage of its backup", async (_, damage) => {
    const damaged = await storeTestChain(store, keyring, day(20), { increments: 1 });
    const newest = await storeTestChain(store, keyring, day(23));
    await damage(join(store.where, `backups/${damaged}/manifest.json`));
    const outcome = await run({ last: 1 });
    expect(outcome.garbage.objects).toBe(0);
    expect(outcome.leftAlone.join("\n")).toContain(damaged);
    expect(await store.get(`backups/${damaged}/part-00001.zst.pgp`)).toBeDefined();
    expect(await listSegments(store, damaged)).toEqual([1]);
    expect(idsOf(outcome, true)).toEqual([newest]);
  });

  it("a backup without one of its parts counts for no rule and displaces no other backup", async () => {
    const whole = await storeTestChain(store, keyring, day(20));
    const torn = await storeTestChain(store, keyring, day(23));
    await store.delete(`backups/${torn}/part-00001.zst.pgp`);
    const outcome = await run({ last: 1 });
    expect(idsOf(outcome, true)).toEqual([whole]);
    expect(outcome.leftAlone.join()).toContain(`backups/${torn}/part-00001.zst.pgp is missing`);
    expect(await listBackupIds(store)).toEqual([whole, torn]);
  });
});
