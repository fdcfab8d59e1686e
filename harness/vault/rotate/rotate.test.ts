import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../base/clock.ts";
import { silentProgress } from "../../base/progress.ts";
import { isNightly } from "../../base/testing/nightly.ts";
import { adopt } from "../catalogue/adopt.ts";
import { checkVault } from "../catalogue/check-vault.ts";
import { readChain, readSegmentBytes } from "../chain/segments.ts";
import { changePassphrase, revokeKey } from "../keys/change-keys.ts";
import { Keyring } from "../keys/keyring.ts";
import { useBackups } from "../locks/vault-lock.ts";
import { partsOf, readParts } from "../parts/read-parts.ts";
import { pin } from "../store/pin.ts";
import type { Store } from "../store/store.ts";
import { readValidation, writeValidation } from "../store/validation.ts";
import { removePoint } from "../store/unfinished.ts";
import { initVault, listBackupIds, openVault, readManifest, writeManifest } from "../store/vault.ts";
import { storeTestChain } from "../testing/test-vault.ts";
import { copyIdOf, momentsOf } from "./copy-backup.ts";
import { drillKeys } from "./drill.ts";
import { reencrypt, type Rotated } from "./rotate.ts";

// The first test starts the threads that seal parts, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: isNightly ? 900_000 : 120_000, hookTimeout: 300_000 });
const root = await mkdtemp(join(tmpdir(), "falkordrill-rotate-"));
afterAll(() => rm(root, { recursive: true }));
const { signal } = new AbortController();
const increments = isNightly ? 1000 : 4;
const made = await initVault(join(root, "template"));
const ring = new Keyring(join(root, "keys"));
await ring.generate("signer", "s", "interop");
for (const name of ["a", "b"]) await ring.generate("recipient", name, "interop");
await storeTestChain(made, ring, "2026-11-20T03:00:00.000Z");
await storeTestChain(made, ring, "2026-11-23T03:00:00.000Z", { increments });

let folders = 0;
let store: Store;
let keyring: Keyring;
beforeEach(async () => {
  const vault = join(root, `vault-${++folders}`);
  await cp(made.where, vault, { recursive: true });
  await cp(ring.folder, `${vault}-keys`, { recursive: true });
  store = await openVault(vault);
  keyring = new Keyring(`${vault}-keys`);
});

function run(over: Store = store): Promise<Rotated> {
  return reencrypt({ store: over, keyring }, { progress: silentProgress, signal });
}

async function retireA(): Promise<void> {
  await keyring.retire(await keyring.held("recipient", "a"));
  await keyring.generate("recipient", "c", "interop");
}

async function allMoments(): Promise<readonly string[]> {
  const moments: string[] = [];
  for (const id of await listBackupIds(store))
    moments.push(...(await momentsOf(store, keyring, await readManifest(store, id, keyring))));
  return moments;
}

/** The whole content of the vault in clear, as this recipient alone reads it. */
async function contentFor(name: string): Promise<string[]> {
  const entry = (await keyring.list()).find((held) => held.role === "recipient" && held.name === name);
  if (entry === undefined) throw new Error(`no ${name}`);
  const keys = [await keyring.unlocked(entry)];
  const pieces: string[] = [];
  for (const id of await listBackupIds(store)) {
    const manifest = await readManifest(store, id, keyring);
    for await (const piece of readParts(store, partsOf(manifest), keys, signal)) pieces.push(piece.toString("base64"));
    for await (const segment of readChain(store, id, keyring))
      for await (const piece of readSegmentBytes(store, segment.manifest, keys, signal))
        pieces.push(piece.toString("base64"));
  }
  return pieces;
}

describe("a rotation with re-encryption", () => {
  it("loses no moment of a long chain, no byte, no pin and no finding, and locks the retired key out", async () => {
    const [old = "", chain = ""] = await listBackupIds(store);
    await pin(store, `backups/${old}`, "for the auditors", signal);
    const found = { at: "2026-11-24T03:00:00.000Z", ok: false, problems: ["it differs"], phases: [] };
    await writeValidation(store, `segments/${chain}/00000002`, { ...found, offset: 9 }, await keyring.signer());
    const [moments, content] = [await allMoments(), await contentFor("a")];
    expect(moments).toHaveLength(2 + increments);
    await retireA();
    const { copied, current, inUse } = await run();
    expect([copied.length, current, inUse]).toEqual([2, [], []]);
    expect(await allMoments()).toEqual(moments);
    for (const name of ["b", "c"]) expect(await contentFor(name)).toEqual(content);
    await expect(contentFor("a")).rejects.toThrow("cannot be decrypted");
    const [first = "", second = ""] = await listBackupIds(store);
    expect(await store.get(`backups/${first}/pin.json`)).toBeDefined();
    expect(await readValidation(store, `segments/${second}/00000002`, keyring)).toMatchObject({ ok: false, offset: 9 });
    expect((await store.list("")).filter(({ path }) => path.includes(old) || path.includes(chain))).toEqual([]);
    expect((await checkVault({ store, keyring })).problems).toEqual([]);
    expect(await run()).toMatchObject({ copied: [], current: [first, second] });
  });

  it("that is interrupted at any change of the vault loses no moment, and is completed by the next", async () => {
    store = await initVault(join(root, `small-${folders}`));
    await storeTestChain(store, keyring, "2026-11-23T03:00:00.000Z", { increments: 2 });
    const moments = await allMoments();
    await retireA();
    for (let last = 1; ; last += isNightly ? 1 : 12) {
      let changes = 0;
      const change = async <T>(make: () => Promise<T>): Promise<T> => {
        if (++changes > last) throw new Error("crashed");
        return await make();
      };
      const dying: Store = {
        ...store,
        put: (path, bytes) => change(() => store.put(path, bytes)),
        putIfAbsent: (path, bytes) => change(() => store.putIfAbsent(path, bytes)),
        delete: (path) => change(() => store.delete(path)),
      };
      const ended = await run(dying).catch(() => undefined);
      expect(new Set(await allMoments())).toEqual(new Set(moments));
      for (const { path } of await store.list("locks/")) await store.delete(path);
      expect((await checkVault({ store, keyring })).problems).toEqual([]);
      if (ended !== undefined) break;
    }
    await run();
    expect(await allMoments()).toEqual(moments);
    expect((await store.list("")).filter(({ path }) => path.endsWith("unfinished.json"))).toEqual([]);
  });

  it.runIf(isNightly)(
    "completes where a prune has removed the increment that a compacted backup was made of",
    async () => {
      const [, base = ""] = await listBackupIds(store);
      const last = (await Array.fromAsync(readChain(store, base, keyring))).at(-1);
      if (last === undefined) throw new Error("the chain has no increments");
      const { manifest, head } = last;
      const other = await storeTestChain(store, keyring, "2026-11-25T03:00:00.000Z");
      const parent = { base, segment: manifest.number, sha256: head.sha256, database: 0 };
      await writeManifest(store, { ...(await readManifest(store, other, keyring)), parent }, await keyring.signer());
      await removePoint(store, `segments/${base}/${String(manifest.number).padStart(8, "0")}`);
      await adopt({ store, keyring });
      await retireA();
      expect((await run()).copied).toHaveLength(3);
      const [, , compacted = ""] = await listBackupIds(store);
      expect((await readManifest(store, compacted, keyring)).parent).toEqual(parent);
      expect(await run()).toMatchObject({ copied: [], current: { length: 3 } });
    },
  );

  it.runIf(isNightly)(
    "leaves a backup whose copy another vault's replication has not brought whole, to the next run",
    async () => {
      const second = await initVault(join(root, `second-${folders}`));
      for (const { path } of await store.list("")) {
        const bytes = await store.get(path);
        if (bytes !== undefined && path !== "vault.json") await second.put(path, bytes);
      }
      await retireA();
      const { copied } = await run(second);
      const copy = copied.at(-1);
      for (const { path } of await second.list("")) {
        const bytes = await second.get(path);
        const isLast = path.includes(`/${String(increments).padStart(8, "0")}/`);
        if (bytes !== undefined && path.includes(copy?.to ?? "-") && !isLast) await store.put(path, bytes);
      }
      await adopt({ store, keyring });
      const { inUse } = await run();
      expect(inUse).toEqual([{ id: copy?.from, why: expect.stringContaining(`${copy?.to} has fewer increments`) }]);
      expect(await listBackupIds(store)).toContain(copy?.from);
    },
  );

  it("leaves what is in use to the next run, and signs by the key of today", async () => {
    await keyring.generate("signer", "today", "interop");
    await keyring.retire(await keyring.held("signer", "s"));
    const [old = "", chain = ""] = await listBackupIds(store);
    {
      await using _lease = await useBackups(store, "archive", [chain]);
      expect(await run()).toMatchObject({ copied: [{ from: old }], inUse: [{ id: chain, why: "archive" }] });
    }
    expect(await run()).toMatchObject({ copied: [{ from: chain }] });
    for (const kind of ["public", "secret"]) await rm(join(keyring.folder, `retired-signer-s.${kind}.asc`));
    expect((await checkVault({ store, keyring })).problems).toEqual([]);
    expect(await allMoments()).toHaveLength(2 + increments);
  });
});

describe("keys of a ring", () => {
  it("that are retired open what they opened, and get nothing new", async () => {
    await retireA();
    expect((await keyring.recipients("interop")).map(({ name }) => name)).toEqual(["b", "c"]);
    expect((await contentFor("a")).length).toBeGreaterThan(increments);
    await expect(keyring.held("recipient", "a")).rejects.toThrow("has no recipient a in use");
    await expect(keyring.generate("recipient", "a", "interop")).rejects.toThrow("already has");
  });

  it("expire and are revoked: refused for new backups, and backups made before still open", async () => {
    await keyring.generate("recipient", "short", "interop", { validMs: 86_400_000 });
    const short = await keyring.held("recipient", "short");
    expect(await short.publicKey.getExpirationTime()).toEqual(
      new Date(short.publicKey.getCreationTime().getTime() + 86_400_000),
    );
    const other = new Keyring(join(root, `other-${folders}`));
    await other.import("recipient", "b", await keyring.export("recipient", "b", false));
    await revokeKey(keyring, "recipient", "b", "its owner left");
    await expect(keyring.recipients("interop")).rejects.toThrow("it is revoked");
    await other.import("recipient", "b", await keyring.export("recipient", "b", false));
    await expect(other.recipients("interop")).rejects.toMatchObject({
      hint: expect.stringContaining("keys rotate --role recipient --retire b") as string,
    });
    expect((await contentFor("b")).length).toBeGreaterThan(increments);
    await expect(revokeKey(other, "recipient", "b", "again")).rejects.toThrow("which a revocation needs");
  });

  it("get another passphrase, also when a first attempt was interrupted", async () => {
    const locked = new Keyring(keyring.folder, "first");
    expect(await changePassphrase(keyring, locked, "first")).toBe(3);
    await expect(keyring.signer()).rejects.toThrow("needs its passphrase");
    const next = new Keyring(keyring.folder, "second");
    await next.generate("recipient", "done", "interop");
    expect(await changePassphrase(locked, next, "second")).toBe(3);
    await next.signer();
  });
});

describe("a drill of the keys", () => {
  it("proves each recipient alone where its key is, and collects the reports of others", async () => {
    const at = new Date(systemClock.nowMs());
    const holderOf = async (name: string): Promise<Keyring> => {
      const holder = new Keyring(join(root, `holder-${folders}-${name}`));
      await holder.import("recipient", name, await keyring.export("recipient", name, true));
      await holder.import("signer", "s", await keyring.export("signer", "s", false));
      return holder;
    };
    const [a, b] = [await holderOf("a"), await holderOf("b")];
    const byA = await drillKeys({ store, keyring: a }, { reports: [], at, signal });
    expect(byA.proofs.map(({ recipient, problem }) => [recipient, problem])).toEqual([
      ["a", undefined],
      ["a", undefined],
    ]);
    expect(byA.unproven).toHaveLength(2);
    const both = await drillKeys({ store, keyring: b }, { reports: byA.proofs, at, signal });
    expect([both.proofs.length, both.unproven]).toEqual([4, []]);
    const wrong = structuredClone(byA.proofs).map((proof) => Object.assign(proof, { contentSha256: "0" }));
    const differs = await drillKeys({ store, keyring: b }, { reports: wrong, at, signal });
    expect(differs.proofs.filter(({ problem }) => problem !== undefined)).toHaveLength(4);
  });
});

it("gives a copy an id of the same millisecond", () => {
  const id = "20261201T122849Z-1e0a6f5c";
  expect(copyIdOf(id)).toMatch(/^20261201T122849Z-1e0[0-9a-f]{5}$/);
  expect(copyIdOf(id)).not.toBe(copyIdOf(id));
});
