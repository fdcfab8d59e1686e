import { randomBytes } from "node:crypto";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { Keyring } from "../keys/keyring.ts";
import {
  type ChainHead,
  checkSegment,
  listSegments,
  readBase,
  readChain,
  readSegmentBytes,
  segmentPath,
} from "./segments.ts";
import type { SegmentManifest } from "./segment-manifest.ts";
import type { Store } from "../store/store.ts";
import { storeTestBackup } from "../testing/test-backup.ts";
import { storeTestSegment } from "../testing/test-segments.ts";
import { writeSigned } from "../store/signed.ts";
import { initVault, openVault } from "../store/vault.ts";

const root = await mkdtemp(join(tmpdir(), "falkordrill-segments-"));
afterAll(() => rm(root, { recursive: true }));
const keyring = new Keyring(join(root, "keys"));
await keyring.generate("signer", "s", "interop");
await keyring.generate("recipient", "r", "interop");
const signal = new AbortController().signal;
const pieces = [randomBytes(2_500_000), Buffer.alloc(0), randomBytes(17)] as const;

// Two chains in a vault that every test gets a copy of.
const template = join(root, "template");
let store: Store = await initVault(template);
const base = await chain();
const other = await chain();

let vaults = 0;
beforeEach(async () => {
  const folder = join(root, `vault-${vaults++}`);
  await cp(template, folder, { recursive: true });
  store = await openVault(folder);
});

async function chain(): Promise<string> {
  const { id } = await storeTestBackup(store, keyring, randomBytes(1000), 100_000);
  let head: ChainHead = await readBase(store, id, keyring);
  for (const piece of pieces) head = await storeTestSegment(store, keyring, head, piece);
  return id;
}

async function readAll(): Promise<SegmentManifest[]> {
  const manifests: SegmentManifest[] = [];
  for await (const { manifest } of readChain(store, base, keyring)) manifests.push(manifest);
  return manifests;
}

async function move(from: string, to: string): Promise<void> {
  for (const { path } of await store.list(to)) await store.delete(path);
  for (const { path } of await store.list(from)) {
    await store.put(path.replace(from, to), (await store.get(path)) ?? Buffer.alloc(0));
  }
}

const folder = (number: number, of: string = base): string => segmentPath(of, number, "");

async function remove(prefix: string): Promise<void> {
  for (const { path } of await store.list(prefix)) await store.delete(path);
}

describe("a chain", () => {
  it("returns the stream, contiguous from the base's cut", async () => {
    const keys = await keyring.openers((await keyring.recipients("interop")).map(({ fingerprint }) => fingerprint));
    const manifests = await readAll();
    expect(await listSegments(store, base)).toEqual([1, 2, 3]);
    expect(manifests.map(({ from, to }) => [from, to])).toEqual([
      [7, 2_500_007],
      [2_500_007, 2_500_007],
      [2_500_007, 2_500_024],
    ]);
    for (const [index, manifest] of manifests.entries()) {
      await checkSegment(store, manifest, signal);
      const bytes: Buffer[] = [];
      for await (const piece of readSegmentBytes(store, manifest, keys, signal)) bytes.push(Buffer.from(piece));
      expect(Buffer.concat(bytes).equals(pieces[index] ?? Buffer.alloc(0))).toBe(true);
    }
  });

  it("does not hold a segment whose manifest never came", async () => {
    await store.delete(`${folder(3)}manifest.json`);
    expect(await readAll()).toHaveLength(2);
  });
});

describe("a chain that was changed", () => {
  it.each<[string, () => Promise<void>, string, number]>([
    ["a missing segment", () => remove(folder(2)), "it is missing, and 3 is there", 1],
    ["a repeated segment", () => move(folder(1), folder(2)), "it is the manifest of segment 1", 1],
    ["a segment of another base", () => move(folder(2, other), folder(2)), `it is the manifest of segment 2 of`, 1],
    ["another base under the same name", () => move(`backups/${other}/`, `backups/${base}/`), "is the manifest of", 0],
    ["an unsigned manifest", () => store.delete(`${folder(2)}manifest.json.asc`), "is missing", 1],
    [
      "a manifest changed after it was signed",
      async () => {
        const path = `${folder(2)}manifest.json`;
        const text = (await store.get(path))?.toString().replace('"request"', '"shutdown"') ?? "";
        await store.put(path, Buffer.from(text));
      },
      "is not signed by a key",
      1,
    ],
  ])("is refused at %s", async (_, change, message, before) => {
    await change();
    const seen: number[] = [];
    const read = async (): Promise<void> => {
      for await (const { manifest } of readChain(store, base, keyring)) seen.push(manifest.number);
    };
    await expect(read()).rejects.toThrow(message);
    expect(seen).toHaveLength(before);
  });

  it("is refused where a well-signed segment belongs to another history of the same base", async () => {
    const path = `${folder(2)}manifest.json`;
    const manifest = JSON.parse((await store.get(path))?.toString() ?? "") as object;
    await writeSigned(
      store,
      path,
      Buffer.from(JSON.stringify({ ...manifest, previous: "0".repeat(64) })),
      await keyring.signer(),
    );
    await expect(readAll()).rejects.toThrow("it names another predecessor");
  });

  it("is refused where a part was changed", async () => {
    const [first] = await readAll();
    await store.put(`${folder(1)}part-00001.zst.pgp`, randomBytes(10));
    if (first === undefined) throw new Error("no segment");
    await expect(checkSegment(store, first, signal)).rejects.toThrow("is not the part that the manifest signs for");
  });
});

describe("writing a segment", () => {
  it.each([
    ["an offset that its bytes do not reach", { to: 9_999_999 }, "do not add up"],
    [
      "times that go back",
      {
        times: [
          [2_500_025, 5000],
          [2_500_034, 4000],
        ] as const,
      },
      "its times are not in order",
    ],
  ])("refuses %s, and leaves nothing", async (_, facts, message) => {
    const head = (await Array.fromAsync(readChain(store, base, keyring))).at(-1)?.head;
    if (head === undefined) throw new Error("no segment");
    await expect(storeTestSegment(store, keyring, head, Buffer.alloc(10), facts)).rejects.toThrow(message);
    expect(await store.list(folder(4))).toEqual([]);
  });
});
