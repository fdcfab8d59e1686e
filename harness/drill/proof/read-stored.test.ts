import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import * as openpgp from "openpgp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readStored } from "./read-stored.ts";
import { framingOf } from "./stored-framing.ts";

const secret = "Ada met Grace on the bridge";
const needles = [{ what: "a name", bytes: Buffer.from(secret) }];
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "falkordrill-stored-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

test("finds a text in plain form, across the pieces of a large file, and after decompression", async () => {
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
    base64: Buffer.from(zstdCompressSync(text).toString("base64").replaceAll(/.{20}/g, "$&\n")),
    json: Buffer.from(JSON.stringify({ dump: gzipSync(text).toString("base64") })),
    hex: Buffer.from(zstdCompressSync(text).toString("hex").toUpperCase()),
    behind: Buffer.concat([randomBytes(20), zstdCompressSync(text)]),
    nothing: randomBytes(100_000),
    empty: Buffer.alloc(0),
  };
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, "deep", "er", name), bytes);
  const found = await readStored(folder, needles, new AbortController().signal);
  const names = found.filter((file) => file.found.length > 0).map(({ path }) => path.replace("deep/er/", ""));
  expect(names.toSorted()).toEqual(["across", "base64", "behind", "clear", "cut", "gzip", "hex", "json", "zstd"]);
  expect(found.find(({ path }) => path.endsWith("zstd"))?.kind).toBe("other");
  expect(found.find(({ path }) => path.endsWith("across"))?.kind).toBe("text");
});

test("reads the target of a link, and treats a missing one as empty", async () => {
  const [stored, elsewhere] = [join(folder, "stored"), join(folder, "elsewhere")];
  await mkdir(stored);
  await writeFile(elsewhere, secret);
  await symlink(elsewhere, join(stored, "linked"));
  await symlink(join(folder, "gone"), join(stored, "broken"));
  await symlink("loop", join(stored, "loop"));
  const { signal } = new AbortController();
  expect(await readStored(stored, needles, signal)).toMatchObject([{ path: "linked", found: ["a name"] }]);
  expect(await readStored(join(folder, "gone"), needles, signal)).toEqual([]);
});

test("reads a file whose name is not UTF-8", async () => {
  const odd = join(folder, "odd");
  await mkdir(odd);
  await writeFile(Buffer.concat([Buffer.from(`${odd}/dump-`), Buffer.from([0xff])]), secret);
  expect(await readStored(odd, needles, new AbortController().signal)).toMatchObject([{ found: ["a name"] }]);
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

test("recognises text, and bytes that are not a message", () => {
  expect(framingOf(Buffer.from('{"ünï": "cödé"}'))).toEqual({ kind: "text", recipients: [] });
  expect(framingOf(Buffer.from("REDIS0012\u0000\u0001")).kind).toBe("other");
  expect(framingOf(Buffer.from([0xcb, 20, 0x62])).kind).toBe("other");
});

test("recognises old-format packets, password encryption, and armored messages", async () => {
  const message = await openpgp.createMessage({ binary: Buffer.alloc(1000) });
  const { publicKey } = await openpgp.generateKey({ userIDs: [{ name: "n" }], format: "object", type: "curve25519" });
  const recipients = [(await publicKey.getEncryptionKey()).getKeyID().toHex()];
  const bytes = Buffer.from(await openpgp.encrypt({ message, encryptionKeys: publicKey, format: "binary" }));
  // A session key packet with a one-byte length, in the new and in the old format.
  expect(bytes[0]).toBe(0xc1);
  bytes[0] = 0x84;
  expect(framingOf(bytes)).toEqual({ kind: "message", recipients });
  const armored = await openpgp.encrypt({ message, encryptionKeys: publicKey });
  expect(framingOf(Buffer.from(armored))).toEqual({ kind: "message", recipients });
  const secretly = Buffer.from(await openpgp.encrypt({ message, passwords: "sesame", format: "binary" }));
  expect(framingOf(secretly)).toEqual({ kind: "message", recipients: ["anybody"] });
  expect(framingOf(Buffer.from([0x84, 5, 9, 9, 9, 9, 9, 0xd2])).kind).toBe("other");
});

test("recognises age files, and the encrypted files of a restic repository", async () => {
  const age = Buffer.concat([Buffer.from("age-encryption.org/v1\n-> X25519 abc\n"), randomBytes(100)]);
  expect(framingOf(age)).toEqual({ kind: "message", recipients: [] });
  const repository = join(folder, "restic", "repo");
  const id = (): string => randomBytes(32).toString("hex");
  const files = [`data/ab/${id()}`, `snapshots/${id()}`, `index/${id()}`, "config", "data/elsewhere"];
  for (const name of ["data/ab", "snapshots", "index", "keys"])
    await mkdir(join(repository, name), { recursive: true });
  for (const name of files) await writeFile(join(repository, name), Buffer.concat([Buffer.alloc(1), randomBytes(100)]));
  const read = async (): Promise<string[]> =>
    (await readStored(join(folder, "restic"), needles, new AbortController().signal))
      .filter(({ kind }) => kind === "other")
      .map(({ path }) => path);
  // Without a key it is not a repository.
  expect(await read()).toHaveLength(files.length);
  await writeFile(join(repository, "keys", id()), '{"kdf":"scrypt"}');
  expect(await read()).toEqual(["repo/data/elsewhere"]);
});

test("a message in the old form, which has no integrity check, is recognised", async () => {
  const { publicKey } = await openpgp.generateKey({ userIDs: [{ name: "n" }], format: "object" });
  const message = await openpgp.createMessage({ binary: Buffer.alloc(100) });
  const bytes = await openpgp.encrypt({ message, encryptionKeys: publicKey, format: "binary" });
  const { packets } = await openpgp.readMessage({ binaryMessage: bytes as Uint8Array });
  const sessionKey = Buffer.from(packets.filterByTag(openpgp.enums.packet.publicKeyEncryptedSessionKey).write());
  const old = Buffer.concat([sessionKey, Buffer.from([0xc9, 100]), randomBytes(100)]);
  expect(framingOf(old)).toMatchObject({ kind: "message", isUnprotected: true });
});
