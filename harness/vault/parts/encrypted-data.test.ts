import { randomBytes } from "node:crypto";
import * as openpgp from "openpgp";
import { describe, expect, it } from "vitest";
import { findEncryptedData, overheadBytes } from "./encrypted-data.ts";
import type { EncryptionProfile } from "../store/manifest.ts";
import { profileOfKey, seal, sealConfig, unseal, unsealQuickly } from "./seal.ts";

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

  it("opens with openpgp.js and with our own code, at every length around the borders of its chunks", async () => {
    for (const length of [0, 1, 17, 2 ** 20 - 13, 2 ** 20 - 12, 2 ** 20 - 11, 2 ** 20, 2 ** 21, 3_000_001]) {
      const content = randomBytes(length);
      const sealed = await seal(content, [key.toPublic()]);
      expect(Buffer.from(await unseal(sealed, [key], "it")).equals(content), `length ${length}`).toBe(true);
      const quick = Buffer.from((await unsealQuickly(sealed, [key], profile)) ?? "nothing");
      expect(quick.equals(content), `length ${length}, quickly`).toBe(true);
      expect(sealed.length).toBeLessThan(length + overheadBytes(length) + 256);
    }
  });

  it("opens with the key of each of several recipients", async () => {
    const sealed = await seal(Buffer.from("for both"), [key.toPublic(), other.toPublic()]);
    for (const one of [key, other]) expect(Buffer.from(await unseal(sealed, [one], "it")).toString()).toBe("for both");
  });

  it("is not opened by our own code after a change of any byte of its content, a byte less or a byte more", async () => {
    const sealed = Buffer.from(await seal(Buffer.alloc(300, "text"), [key.toPublic()]));
    const quickly = (bytes: Uint8Array, by = key): Promise<Uint8Array | undefined> =>
      unsealQuickly(bytes, [by], profile);
    const at = findEncryptedData(sealed)?.at ?? 0;
    expect(Buffer.from((await quickly(sealed)) ?? "").toString()).toBe("text".repeat(75));
    expect(await quickly(sealed, other)).toBeUndefined();
    for (let index = at; index < sealed.length; index++) {
      const changed = Buffer.from(sealed);
      changed[index] = (changed[index] ?? 0) ^ 0x11;
      expect(await quickly(changed), `byte ${index}`).toBeUndefined();
    }
    expect(await quickly(sealed.subarray(0, -1))).toBeUndefined();
    expect(await quickly(Buffer.concat([sealed, Buffer.alloc(1)]))).toBeUndefined();
  });

  it("may have another form, which our own code leaves to openpgp.js or opens alike", async () => {
    const forms: openpgp.PartialConfig[] = [
      { preferredCompressionAlgorithm: openpgp.enums.compression.zlib },
      { preferredSymmetricAlgorithm: openpgp.enums.symmetric.aes128 },
      { aeadChunkSizeByte: 0 },
    ];
    for (const form of forms) {
      const message = await openpgp.createMessage({ binary: Buffer.alloc(5000, "text") });
      const config = { ...sealConfig, ...form };
      const sealed = await openpgp.encrypt({ message, encryptionKeys: key.toPublic(), format: "binary", config });
      expect(Buffer.from(await unseal(sealed as Uint8Array, [key], "it")).toString()).toBe("text".repeat(1250));
      const quick = await unsealQuickly(sealed as Uint8Array, [key], profile);
      expect(Buffer.from(quick ?? "text".repeat(1250)).toString()).toBe("text".repeat(1250));
    }
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
