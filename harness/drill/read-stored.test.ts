import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import * as openpgp from "openpgp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { framingOf, readStored } from "./read-stored.ts";

const secret = "Ada met Grace on the bridge";
const needles = [{ what: "a name", bytes: Buffer.from(secret) }];
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "falkordrill-stored-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

test("a text is found in the clear, across the pieces of a large file, and after decompression", async () => {
  await mkdir(join(folder, "deep", "er"), { recursive: true });
  const text = Buffer.from(`before ${secret} after`);
  const across = Buffer.alloc(3 * 1024 * 1024, "x");
  across.write(secret, 1024 * 1024 - 5);
  const files: Record<string, Buffer> = {
    clear: text,
    across,
    zstd: zstdCompressSync(text),
    cut: zstdCompressSync(Buffer.concat([text, randomBytes(1_000_000)])).subarray(0, 500_000),
    gzip: gzipSync(text),
    behind: Buffer.concat([randomBytes(20), zstdCompressSync(text)]),
    nothing: randomBytes(100_000),
    empty: Buffer.alloc(0),
  };
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, "deep", "er", name), bytes);
  const found = await readStored(folder, needles, new AbortController().signal);
  const names = found.filter((file) => file.found.length > 0).map(({ path }) => path.replace("deep/er/", ""));
  expect(names.toSorted()).toEqual(["across", "behind", "clear", "cut", "gzip", "zstd"]);
  expect(found.find(({ path }) => path.endsWith("zstd"))?.kind).toBe("other");
  expect(found.find(({ path }) => path.endsWith("across"))?.kind).toBe("text");
});

test("what a link leads to is read, and what is gone holds nothing", async () => {
  const [stored, elsewhere] = [join(folder, "stored"), join(folder, "elsewhere")];
  await mkdir(stored);
  await writeFile(elsewhere, secret);
  await symlink(elsewhere, join(stored, "linked"));
  await symlink(join(folder, "gone"), join(stored, "broken"));
  const { signal } = new AbortController();
  expect(await readStored(stored, needles, signal)).toMatchObject([{ path: "linked", found: ["a name"] }]);
  expect(await readStored(join(folder, "gone"), needles, signal)).toEqual([]);
});

test.each([
  ["version 4 keys", {}],
  ["version 6 keys", { v6Keys: true, aeadProtect: true }],
])("a message shows for whom it is: %s", async (_, config) => {
  const made = async (): Promise<openpgp.PublicKey> =>
    (await openpgp.generateKey({ userIDs: [{ name: "n" }], format: "object", type: "curve25519", config })).publicKey;
  const keys = [await made(), await made()];
  const ids = await Promise.all(keys.map(async (key) => (await key.getEncryptionKey()).getKeyID().toHex()));
  const message = await openpgp.createMessage({ binary: Buffer.alloc(200_000) });
  const bytes = await openpgp.encrypt({ message, encryptionKeys: keys, format: "binary", config });
  expect(framingOf(Buffer.from(bytes as Uint8Array))).toEqual({ kind: "message", recipients: ids });
});

test("text, and bytes that are no message", () => {
  expect(framingOf(Buffer.from('{"ünï": "cödé"}'))).toEqual({ kind: "text", recipients: [] });
  expect(framingOf(Buffer.from("REDIS0012\u0000\u0001")).kind).toBe("other");
  expect(framingOf(Buffer.from([0xcb, 20, 0x62])).kind).toBe("other");
});
