import { chmod, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
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
    await expect(ring.generate("recipient", "ops", "interop")).rejects.toThrow("already has recipient-ops.secret.asc");
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
    await expect(ring.signer()).rejects.toThrow("others may read the secret key");
  });

  it("encrypts to every recipient of the profile, and to no other", async () => {
    const ring = new Keyring(folder);
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

  it("says what is wrong with a key", async () => {
    const ring = new Keyring(folder);
    await expect(ring.import("recipient", "x", "no key")).rejects.toThrow("is not an armored OpenPGP key");
    await expect(ring.import("recipient", "../x", "no key")).rejects.toThrow("is not a key name");
    await expect(ring.signer()).rejects.toThrow("has no secret key to sign");
    await expect(ring.verifiers()).rejects.toThrow("has no public key to check");
    await expect(ring.export("signer", "none", false)).rejects.toThrow("has no such key");
  });
});
