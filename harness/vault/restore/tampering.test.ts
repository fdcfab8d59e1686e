// Every way in which a vault can be changed behind our back is refused before anything is touched: `openBackup` is what
// every restore does first.
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { silentProgress } from "../../base/progress.ts";
import { waitFor } from "../../base/wait.ts";
import { Keyring } from "../keys/keyring.ts";
import type { Manifest } from "../store/manifest.ts";
import { PhaseTimer } from "../../base/phases.ts";
import { partsOf, readParts } from "../parts/read-parts.ts";
import { openBackup } from "./restore.ts";
import type { Store } from "../store/store.ts";
import { storeTestBackup } from "../testing/test-backup.ts";
import { initVault, writeManifest } from "../store/vault.ts";
import { writeRdb } from "./write-rdb.ts";

const root = await mkdtemp(join(tmpdir(), "falkordrill-tamper-"));
afterAll(() => rm(root, { recursive: true }));
const keyring = new Keyring(join(root, "keys"));
await keyring.generate("signer", "s", "interop");
await keyring.generate("recipient", "r", "interop");
const raw = randomBytes(300_000);
const signal = new AbortController().signal;

let vaults = 0;
let store: Store;
let manifest: Manifest;
beforeEach(async () => {
  store = await initVault(join(root, `vault-${vaults++}`));
  manifest = await storeTestBackup(store, keyring, raw, 100_000);
});

const path = (name: string, id: string = manifest.id): string => `backups/${id}/${name}`;
const open = (id: string = manifest.id): ReturnType<typeof openBackup> =>
  openBackup({ store, keyring }, id, { progress: silentProgress, signal }, new PhaseTimer());
async function bytesOf(name: string): Promise<Buffer> {
  return (await store.get(path(name))) ?? Buffer.alloc(0);
}

describe("an untouched backup", () => {
  it("opens, and returns the snapshot", async () => {
    const { keys } = await open();
    const parts: Buffer[] = [];
    for await (const part of readParts(store, partsOf(manifest), keys, signal)) parts.push(part);
    expect(parts.map((part) => part.length)).toEqual([100_000, 100_000, 100_000]);
    expect(Buffer.concat(parts).equals(raw)).toBe(true);
  });
});

describe("a changed part", () => {
  const first = "part-00000.zst.pgp";
  const second = "part-00001.zst.pgp";

  it.each([0, 100, 50_000, -1])("with one byte flipped at %i is refused", async (at) => {
    const bytes = await bytesOf(second);
    const index = at < 0 ? bytes.length + at : at;
    bytes[index] = (bytes[index] ?? 0) ^ 0x80;
    await store.put(path(second), bytes);
    await expect(open()).rejects.toThrow("is not the part that the manifest signs for");
  });

  it("in the place of another is refused", async () => {
    const [a, b] = [await bytesOf(first), await bytesOf(second)];
    await store.put(path(first), b);
    await store.put(path(second), a);
    await expect(open()).rejects.toThrow("is not the part that the manifest signs for");
  });

  it("stored twice, cut short, made longer, emptied or removed is refused", async () => {
    const bytes = await bytesOf(second);
    for (const changed of [
      await bytesOf(first),
      bytes.subarray(0, -1),
      Buffer.concat([bytes, bytes]),
      Buffer.alloc(0),
    ]) {
      await store.put(path(second), changed);
      await expect(open()).rejects.toThrow("is not the part that the manifest signs for");
    }
    await store.delete(path(second));
    await expect(open()).rejects.toThrow("is missing");
  });

  it("from another backup of the same content is refused", async () => {
    const other = await storeTestBackup(store, keyring, raw, 100_000);
    await store.put(path(first), (await store.get(path(first, other.id))) ?? Buffer.alloc(0));
    await expect(open()).rejects.toThrow("is not the part that the manifest signs for");
  });
});

describe("a part whose signed sizes are untrue", () => {
  it.each([
    ["holds more than the 99999 bytes", 99_999, 100_001],
    ["holds 100000 bytes, its manifest says 100001", 100_001, 99_999],
    ["no part may hold more than", 2 ** 40, 100_000],
  ])("is refused: it %s", async (why, first, second) => {
    const [a, b, ...rest] = manifest.parts;
    if (a === undefined || b === undefined) throw new Error("too few parts");
    const parts = [{ ...a, rawBytes: first }, { ...b, rawBytes: second }, ...rest];
    const rawBytes = parts.reduce((sum, part) => sum + part.rawBytes, 0);
    await writeManifest(store, { ...manifest, parts, rawBytes }, await keyring.signer());
    const { manifest: signed, keys } = await open();
    await expect(readParts(store, partsOf(signed), keys, signal).next()).rejects.toMatchObject({
      exit: "dataWrong",
      message: expect.stringContaining(why) as string,
    });
  });
});

describe("an RDB file", () => {
  it("has its name only when it is whole, and is never written over another", async () => {
    const file = join(root, `out-${vaults}.rdb`);
    let isWriting = false;
    const progress = { ...silentProgress, step: (name: string) => void (isWriting = name.startsWith("decrypt")) };
    const request = { point: manifest.id, progress, signal };
    const names = async (): Promise<string[]> =>
      (await readdir(root)).filter((name) => name.startsWith(basename(file)) || name.startsWith("falkordrill-"));
    let seen: string[] = [];
    const someName = async (): Promise<true | undefined> => {
      seen = await names();
      return seen.length > 0 || undefined;
    };
    const watched: Store = {
      ...store,
      get: async (object) => {
        if (isWriting) await waitFor(someName, { what: "the file", timeoutMs: 60_000, exit: "internal", signal });
        return await store.get(object);
      },
    };
    await writeRdb({ store: watched, keyring }, request, file);
    expect(seen).toEqual([expect.stringMatching(/^falkordrill-partial-/)]);
    expect((await readFile(file)).equals(raw)).toBe(true);
    await expect(writeRdb({ store, keyring }, request, file)).rejects.toThrow("is not overwritten");
    expect(await names()).toEqual([basename(file)]);
  });
});

describe("a changed manifest", () => {
  it("is refused, whatever was changed in it", async () => {
    const text = (await bytesOf("manifest.json")).toString();
    for (const changed of [`${text} `, text.replace('"offset": 7', '"offset": 8'), text.replaceAll("e", "f")]) {
      await store.put(path("manifest.json"), Buffer.from(changed));
      await expect(open()).rejects.toThrow("is not signed by a key of the key ring");
    }
  });

  it("without a signature, or with one of garbage, is refused", async () => {
    await store.put(path("manifest.json.asc"), Buffer.from("-----BEGIN PGP SIGNATURE-----\n\nxx\n"));
    await expect(open()).rejects.toThrow("is not signed by a key of the key ring");
    await store.delete(path("manifest.json.asc"));
    await expect(open()).rejects.toThrow("manifest.json.asc is missing");
  });

  it("that promises better encryption than its parts have is refused, though it is signed", async () => {
    const encryption = { ...manifest.encryption, profile: "modern" } as const;
    await writeManifest(store, { ...manifest, encryption }, await keyring.signer());
    const { manifest: promised, keys } = await open();
    const readAll = async (): Promise<void> => {
      for await (const _part of readParts(store, partsOf(promised), keys, signal));
    };
    await expect(readAll()).rejects.toMatchObject({ exit: "dataWrong", findingCode: "encryption-mislabelled" });
  });

  it("of which the store holds hundreds of megabytes is refused before it is read", async () => {
    await store.delete(path("manifest.json"));
    await writeFile(join(store.where, path("manifest.json")), "");
    await truncate(join(store.where, path("manifest.json")), 200 * 2 ** 20);
    await expect(open()).rejects.toThrow("has 209715200 bytes, and at most 33554432 belong there");
  });

  it("signed again by a stranger is refused", async () => {
    const strangers = new Keyring(join(root, `strangers-${vaults}`));
    await strangers.generate("signer", "s", "interop");
    await writeManifest(store, { ...manifest, tool: "evil" }, await strangers.signer());
    await expect(open()).rejects.toThrow("is not signed by a key of the key ring");
  });

  it("under the name of another backup is refused", async () => {
    const other = "20260101T000000Z-00000000";
    for (const name of ["manifest.json", "manifest.json.asc"]) await store.put(path(name, other), await bytesOf(name));
    await expect(open(other)).rejects.toThrow(`is the manifest of ${manifest.id}`);
  });

  it("is needed: parts alone are not a backup", async () => {
    await store.delete(path("manifest.json"));
    await expect(open()).rejects.toThrow(`has no backup ${manifest.id}`);
  });
});
