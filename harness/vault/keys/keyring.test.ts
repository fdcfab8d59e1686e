import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import * as openpgp from "openpgp";
import { systemClock } from "../../base/clock.ts";
import { Keyring } from "./keyring.ts";

const root = await mkdtemp(join(tmpdir(), "falkordrill-keys-"));
afterAll(() => rm(root, { recursive: true }));
let folders = 0;
let folder = "";
beforeEach(() => {
  folder = join(root, String(folders++));
});

describe("a key ring", () => {
  it("keeps its keys for its owner only, and never overwrites one", async () => {
    const ring = new Keyring(folder);
    await ring.generate("recipient", "ops", "interop");
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    for (const file of await readdir(folder)) expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600);
    await expect(ring.generate("recipient", "ops", "interop")).rejects.toThrow("already has a recipient ops");
  });

  it("locks its secret keys with a passphrase", async () => {
    const { fingerprint } = await new Keyring(folder, "correct horse").generate("recipient", "ops", "interop");
    await expect(new Keyring(folder).openers([fingerprint])).rejects.toThrow("needs its passphrase");
    await expect(new Keyring(folder, "wrong").openers([fingerprint])).rejects.toThrow("does not open the secret key");
    expect(await new Keyring(folder, "correct horse").openers([fingerprint])).toHaveLength(1);
  });

  it("refuses a secret key that others may read", async () => {
    const ring = new Keyring(folder);
    await ring.generate("signer", "s", "interop");
    await chmod(join(folder, "signer-s.secret.asc"), 0o644);
    await expect(ring.signer()).rejects.toMatchObject({
      exit: "usage",
      message: expect.stringContaining("others may read the secret key"),
    });
  });

  it("encrypts to every recipient of the profile, and to no other", async () => {
    const ring = new Keyring(folder);
    await expect(ring.recipients("modern")).rejects.toThrow(`there is no key ring ${folder}`);
    await mkdir(folder, { mode: 0o700 });
    await expect(ring.recipients("modern")).rejects.toThrow("has no recipient for the profile modern");
    for (const name of ["a", "b"]) await ring.generate("recipient", name, "interop");
    await ring.generate("recipient", "c", "modern");
    expect((await ring.recipients("interop")).map(({ name }) => name)).toEqual(["a", "b"]);
    expect((await ring.recipients("modern")).map(({ name }) => name)).toEqual(["c"]);
  });

  it("takes over public and secret keys from elsewhere", async () => {
    const theirs = new Keyring(join(folder, "theirs"));
    const { fingerprint } = await theirs.generate("recipient", "r", "interop");
    const ours = new Keyring(join(folder, "ours"));
    await ours.import("recipient", "partner", await theirs.export("recipient", "r", false));
    await expect(ours.openers([fingerprint])).rejects.toThrow("holds no secret key of this backup's recipients");
    await ours.import("recipient", "partner-secret", await theirs.export("recipient", "r", true));
    expect(await ours.openers([fingerprint])).toHaveLength(1);
  });

  it("takes the secret half of a public key that it holds, and no other under that name", async () => {
    const theirs = new Keyring(join(folder, "theirs"));
    await theirs.generate("recipient", "r", "interop");
    await theirs.generate("recipient", "other", "interop");
    const ours = new Keyring(join(folder, "ours"));
    await ours.import("recipient", "r", await theirs.export("recipient", "r", false));
    const other = await theirs.export("recipient", "other", true);
    await expect(ours.import("recipient", "r", other)).rejects.toThrow("already has a recipient r");
    await ours.import("recipient", "r", await theirs.export("recipient", "r", true));
    expect(await ours.list()).toMatchObject([{ name: "r", hasSecret: true }]);
  });

  it("knows a secret key whose public half was not written", async () => {
    const ring = new Keyring(folder);
    const { fingerprint } = await ring.generate("recipient", "ops", "modern");
    const whole = await ring.export("recipient", "ops", false);
    await rm(join(folder, "recipient-ops.public.asc"));
    expect(await ring.list()).toMatchObject([{ name: "ops", fingerprint, profile: "modern", hasSecret: true }]);
    expect(await ring.export("recipient", "ops", false)).toBe(whole);
    expect(await ring.openers([fingerprint])).toHaveLength(1);
    await expect(ring.generate("recipient", "ops", "modern")).rejects.toThrow("already has a recipient ops");
  });

  it.each([
    ["the folder", ".", 0o777, "others may write to the key ring"],
    ["a public key", "signer-s.public.asc", 0o666, "others may write to the key"],
  ])("does not trust its signers where others may write to %s", async (_, path, mode, message) => {
    const ring = new Keyring(folder);
    await ring.generate("signer", "s", "interop");
    await chmod(join(folder, path), mode);
    await expect(ring.verifiers()).rejects.toMatchObject({ exit: "usage", message: expect.stringContaining(message) });
  });

  it("says what is wrong with a key", async () => {
    const ring = new Keyring(folder);
    await expect(ring.import("recipient", "x", "no key")).rejects.toThrow(/is not an armored OpenPGP key: (?!Error)/);
    await expect(ring.import("recipient", "../x", "no key")).rejects.toThrow("is not a key name");
    await mkdir(folder, { mode: 0o700 });
    await expect(ring.signer()).rejects.toThrow("has no secret key to sign");
    await expect(ring.verifiers()).rejects.toThrow("has no public key to check");
    await expect(ring.export("signer", "none", false)).rejects.toThrow("has no public key none of a signer");
  });
});

describe("a key that may not be used today", () => {
  const dayMs = 86_400_000;
  const daysAgo = (days: number): Date => new Date(systemClock.nowMs() - days * dayMs);
  const make = async (options: object): Promise<openpgp.PrivateKey> => {
    const { privateKey } = await openpgp.generateKey({
      userIDs: [{ name: "x" }],
      format: "object",
      type: "ecc",
      curve: "ed25519Legacy",
      ...options,
    });
    return privateKey;
  };
  const expired = (): Promise<openpgp.PrivateKey> => make({ date: daysAgo(10), keyExpirationTime: dayMs / 1000 });
  const future = (): Promise<openpgp.PrivateKey> => make({ date: daysAgo(-10) });
  const revoked = async (): Promise<openpgp.PrivateKey> =>
    (await openpgp.revokeKey({ key: await make({}), format: "object" })).privateKey;
  /** Imports refuse such a key, but it may have become so in the ring. */
  const place = async (role: string, name: string, key: openpgp.PrivateKey): Promise<void> => {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `${role}-${name}.secret.asc`), key.armor(), { mode: 0o600 });
    await writeFile(join(folder, `${role}-${name}.public.asc`), key.toPublic().armor(), { mode: 0o600 });
  };

  it.each([
    ["expired", expired, "it expired at"],
    ["revoked", revoked, "it is revoked"],
    ["valid only later", future, "it is valid only from"],
  ])("as it is %s, is listed, and refused before it is used", async (_, key, why) => {
    await place("signer", "s", await key());
    await place("recipient", "r", await key());
    const ring = new Keyring(folder);
    expect(await ring.list()).toHaveLength(2);
    await expect(ring.signer()).rejects.toMatchObject({ exit: "usage", message: expect.stringContaining(why) });
    await expect(ring.recipients("interop")).rejects.toThrow(why);
    const held = (await ring.list()).find(({ role }) => role === "recipient");
    expect(await ring.openers([held?.fingerprint ?? ""])).toHaveLength(1);
    await ring.generate("signer", "new", "interop");
    expect((await ring.signer()).getFingerprint()).not.toBe((await ring.list())[0]?.fingerprint);
  });
});
