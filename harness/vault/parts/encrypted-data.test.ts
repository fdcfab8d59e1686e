import { randomBytes } from "node:crypto";
import * as openpgp from "openpgp";
import { describe, expect, it } from "vitest";
import { overheadBytes } from "./encrypted-data.ts";
import type { EncryptionProfile } from "../store/manifest.ts";
import { profileOfKey, seal, sealConfig, unseal } from "./seal.ts";

async function keyFor(profile: EncryptionProfile): Promise<openpgp.PrivateKey> {
  const { privateKey } = await openpgp.generateKey({
    userIDs: [{ name: "test" }],
    format: "object",
    ...(profile === "interop"
      ? { type: "ecc", curve: "curve25519Legacy" }
      : { type: "curve25519", config: { ...sealConfig, v6Keys: true, aeadProtect: true } }),
  });
  return privateKey;
}

describe.each(["interop", "modern"] as const)("a message of profile %s", async (profile) => {
  const key = await keyFor(profile);
  const other = await keyFor(profile);

  it("is for a key of that profile", async () => {
    expect(await profileOfKey(key.toPublic())).toBe(profile);
  });

  it("opens with openpgp.js, at every length around the borders of its chunks", async () => {
    for (const length of [0, 1, 17, 2 ** 20 - 13, 2 ** 20 - 12, 2 ** 20 - 11, 2 ** 20, 2 ** 21, 3_000_001]) {
      const content = randomBytes(length);
      const sealed = await seal(content, [key.toPublic()]);
      expect(Buffer.from(await unseal(sealed, [key], "it")).equals(content), `length ${length}`).toBe(true);
      expect(sealed.length).toBeLessThan(length + overheadBytes(length) + 256);
    }
  });

  it("opens with the key of each of several recipients", async () => {
    const sealed = await seal(Buffer.from("for both"), [key.toPublic(), other.toPublic()]);
    for (const one of [key, other]) expect(Buffer.from(await unseal(sealed, [one], "it")).toString()).toBe("for both");
  });

  it("is refused with another key, and after any change", async () => {
    const sealed = await seal(Buffer.alloc(5000, "text"), [key.toPublic()]);
    await expect(unseal(sealed, [other], "it")).rejects.toThrow("it cannot be decrypted");
    for (const at of [10, 150, 400, 2000, sealed.length - 1]) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      await expect(unseal(changed, [key], "it"), `byte ${at}`).rejects.toThrow("it cannot be decrypted");
    }
    await expect(unseal(sealed.subarray(0, -1), [key], "it")).rejects.toThrow("it cannot be decrypted");
  });
});
