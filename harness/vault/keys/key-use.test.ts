import * as openpgp from "openpgp";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../base/clock.ts";
import { checkSignature } from "./key-use.ts";

const dayMs = 86_400_000;
const bytes = new TextEncoder().encode("a manifest");
const userIDs = [{ name: "signer" }];
const nowMs = Math.floor(systemClock.nowMs() / 1000) * 1000;
const days = (count: number): Date => new Date(nowMs + count * dayMs);

async function keyMadeAt(date: Date): Promise<openpgp.PrivateKey> {
  return (await openpgp.generateKey({ userIDs, format: "object", date })).privateKey;
}

async function signedAt(key: openpgp.PrivateKey, date: Date): Promise<string> {
  const message = await openpgp.createMessage({ binary: bytes });
  return String(await openpgp.sign({ message, signingKeys: key, detached: true, date }));
}

/** A library refuses this; a tool that does not look at the time of the key can make it. */
async function signedBeforeItsKey(key: openpgp.PrivateKey, date: Date): Promise<string> {
  const { keyPacket } = await key.getSigningKey();
  const packet = new openpgp.SignaturePacket();
  packet.signatureType = openpgp.enums.signature.binary;
  packet.publicKeyAlgorithm = keyPacket.algorithm;
  packet.hashAlgorithm = openpgp.enums.hash.sha512;
  const sign = packet.sign.bind(packet) as (...args: readonly unknown[]) => Promise<void>;
  await sign(keyPacket, { text: null, getBytes: () => bytes }, date, true, openpgp.config);
  const packets = new openpgp.PacketList<openpgp.SignaturePacket>();
  packets.push(packet);
  return new openpgp.Signature(packets).armor();
}

async function expiringAfter(days: number): Promise<openpgp.PublicKey> {
  const keyExpirationTime = (days * dayMs) / 1000;
  const made = key.getCreationTime();
  return (await openpgp.reformatKey({ privateKey: key, userIDs, date: made, keyExpirationTime, format: "object" }))
    .publicKey;
}

async function revokedAt(date: Date, flag: openpgp.enums.reasonForRevocation): Promise<openpgp.PublicKey> {
  return (await openpgp.revokeKey({ key, reasonForRevocation: { flag }, date, format: "object" })).publicKey;
}

const key = await keyMadeAt(days(-100));

describe("a signature", () => {
  it("is good, and over other bytes or of another key it is not", async () => {
    const signature = await signedAt(key, days(0));
    await expect(checkSignature([key.toPublic()], bytes, signature)).resolves.toBeUndefined();
    const others = checkSignature([key.toPublic()], bytes.subarray(1), signature);
    await expect(others).rejects.toThrow("Signed digest did not match");
    const other = await keyMadeAt(days(-100));
    const unknown = checkSignature([other.toPublic()], bytes, signature);
    await expect(unknown).rejects.toThrow("Could not find signing key");
  });

  it("dated in the future, by a clock that was ahead, is good as far ahead as its key is valid", async () => {
    const expiring = await expiringAfter(200);
    for (const ahead of [1, 30, 99])
      await expect(checkSignature([expiring], bytes, await signedAt(key, days(ahead)))).resolves.toBeUndefined();
    await expect(checkSignature([expiring], bytes, await signedAt(key, days(101)))).rejects.toThrow("expired");
  });

  it("made before its key expired stays good afterwards, and one made later is not", async () => {
    const expired = await expiringAfter(60);
    await expect(checkSignature([expired], bytes, await signedAt(key, days(-50)))).resolves.toBeUndefined();
    for (const at of [-30, 0, 30])
      await expect(checkSignature([expired], bytes, await signedAt(key, days(at)))).rejects.toThrow("expired");
  });

  it("made before its key was retired stays good, and one made later is not, also not with a date in the future", async () => {
    const retired = await revokedAt(days(-20), openpgp.enums.reasonForRevocation.keyRetired);
    await expect(checkSignature([retired], bytes, await signedAt(key, days(-50)))).resolves.toBeUndefined();
    for (const at of [-10, 0, 30])
      await expect(checkSignature([retired], bytes, await signedAt(key, days(at)))).rejects.toThrow("revoked");
  });

  it("of a key that was revoked as stolen, or for no reason given, is never good, whatever its date", async () => {
    const { keyCompromised, noReason } = openpgp.enums.reasonForRevocation;
    for (const flag of [keyCompromised, noReason]) {
      const stolen = await revokedAt(days(-20), flag);
      for (const at of [-50, 0, 30])
        await expect(checkSignature([stolen], bytes, await signedAt(key, days(at)))).rejects.toThrow("revoked");
    }
  });

  it("older than its key is not good", async () => {
    const signature = await signedBeforeItsKey(key, days(-101));
    await expect(checkSignature([key.toPublic()], bytes, signature)).rejects.toThrow("Key is newer than the signature");
  });
});
