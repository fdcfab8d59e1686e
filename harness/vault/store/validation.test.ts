import { mkdtemp, readFile, rm } from "node:fs/promises";
import { hash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { silentProgress } from "../../base/progress.ts";
import { Keyring } from "../keys/keyring.ts";
import { faultOf, whyMarked } from "../chain/proofs.ts";
import { storeTestChain } from "../testing/test-vault.ts";
import { readValidation, writeValidation } from "./validation.ts";
import { writeSigned } from "./signed.ts";
import { initVault } from "./vault.ts";
import { remember } from "../restore/verify.ts";
import { writeRdb } from "../restore/write-rdb.ts";
import { type Store, StoreError } from "./store.ts";

const root = await mkdtemp(join(tmpdir(), "falkordrill-validation-"));
afterAll(() => rm(root, { recursive: true }));
const keyring = new Keyring(join(root, "keys"));
await keyring.generate("signer", "s", "interop");
await keyring.generate("recipient", "r", "interop");
const signer = await keyring.signer();
const { signal } = new AbortController();

let vaults = 0;
let store: Store;
let id: string;
let folder: string;
let path: string;
beforeEach(async () => {
  store = await initVault(join(root, `vault-${vaults++}`));
  id = await storeTestChain(store, keyring, "2026-11-21T03:00:00.000Z");
  folder = `backups/${id}`;
  path = `${folder}/validation.json`;
});

const found = (ok: boolean, more: object = {}): Parameters<typeof writeValidation>[2] => ({
  at: "2026-11-24T03:00:00.000Z",
  ok,
  problems: ok ? [] : ['graph "g" has other nodes'],
  phases: [],
  ...more,
});
const read = (): ReturnType<typeof readValidation> => readValidation(store, folder, keyring);

async function flipByte(): Promise<Buffer> {
  const bytes = (await store.get(path)) ?? Buffer.alloc(0);
  bytes[60] = (bytes[60] ?? 0) ^ 1;
  await store.put(path, bytes);
  return bytes;
}

/** A record of a version that kept the signature in an object of its own. */
async function writeInTwo(ok: boolean): Promise<void> {
  const manifest = (await store.get(`${folder}/manifest.json`)) ?? Buffer.alloc(0);
  const record = { point: folder, manifestSha256: hash("sha256", manifest), ...found(ok) };
  await writeSigned(store, path, Buffer.from(JSON.stringify(record)), signer);
}

describe("the record of what was found", () => {
  it("is the old or the new one wherever replacing it is interrupted", async () => {
    await writeInTwo(false);
    for (let steps = 0; ; steps++) {
      let left = steps;
      const step = <T>(does: () => Promise<T>): Promise<T> =>
        left-- > 0 ? does() : Promise.reject(new Error("the power is gone"));
      const dying: Store = {
        ...store,
        put: (name, bytes) => step(() => store.put(name, bytes)),
        delete: (name) => step(() => store.delete(name)),
      };
      const ended = await writeValidation(dying, folder, found(true), signer).catch((error: unknown) => error);
      expect(await read()).toMatchObject({ ok: steps > 0 });
      expect((await read())?.untrusted).toBeUndefined();
      if (ended === undefined) break;
    }
    expect((await store.list(path)).map((object) => object.path)).toEqual([path]);
  });

  it("of a version with a separate signature is read, and trusted only with it", async () => {
    await writeInTwo(true);
    expect(await read()).toMatchObject({ ok: true });
    await store.delete(`${path}.asc`);
    expect(await read()).toMatchObject({ ok: false, untrusted: true });
  });

  it("that was changed keeps restores away from the backup and from its chain, and says what helps", async () => {
    await writeValidation(store, folder, found(false), signer);
    await flipByte();
    const hint = expect.stringContaining(`\`falkordrill vault verify ${id}\``) as string;
    expect(await whyMarked(store, id, keyring)).toMatchObject({ findingCode: "backup-faulty", hint });
    expect(await faultOf(store, id, keyring, 7)).toMatchObject({ findingCode: "chain-faulty", hint });
  });
});

describe("a verify", () => {
  it.each([true, false])("replaces a record that cannot be trusted, and keeps its bytes (good: %s)", async (ok) => {
    await writeValidation(store, folder, found(false), signer);
    const bytes = await flipByte();
    const notes = await remember({ store, keyring }, id, found(ok), signal);
    expect(await read()).toMatchObject({ ok });
    const copy = /kept as (\S+)$/.exec(notes.join())?.[1] ?? "";
    expect(await store.get(copy)).toEqual(bytes);
    expect(await faultOf(store, id, keyring, 7)).toBeUndefined();
  });

  it.each([
    ["a fault that a proof found, by a good one", false, true, false],
    ["a fault that a proof found, by a bad one", false, false, false],
    ["a good proof, by a good one", true, true, true],
    ["not a good proof, by a bad one", true, false, false],
  ])("leaves %s", async (_, before, now, after) => {
    await writeValidation(store, folder, found(before, { offset: 7 }), signer);
    const notes = await remember({ store, keyring }, id, found(now), signal);
    expect(await read()).toMatchObject({ ok: after });
    expect((await faultOf(store, id, keyring, 7)) === undefined).toBe(before);
    expect(notes.join().includes("stays on record")).toBe(!before);
  });
});

describe("a backup that was found faulty", () => {
  it("is written as an RDB file only if the user allows it", async () => {
    await writeValidation(store, folder, found(false), signer);
    const file = join(root, `out-${vaults}.rdb`);
    const notes: string[] = [];
    const progress = { ...silentProgress, note: (line: string) => void notes.push(line) };
    const request = { point: id, progress, signal };
    await expect(writeRdb({ store, keyring }, request, file)).rejects.toMatchObject({ findingCode: "backup-faulty" });
    await expect(readFile(file)).rejects.toThrow("ENOENT");
    await writeRdb({ store, keyring }, { ...request, allowFaulty: true }, file);
    expect((await readFile(file)).length).toBe(150_000);
    expect(notes.join()).toContain(`${id} was found faulty`);
  });
});

it("a store that does not answer is no untrusted record", async () => {
  const get = (): Promise<never> => Promise.reject(new StoreError("broken", "503", "Try again."));
  await expect(readValidation({ get } as unknown as Store, "backups/any", keyring)).rejects.toThrow("503");
});
