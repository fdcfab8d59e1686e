import * as openpgp from "openpgp";
import { expect, it } from "vitest";
import { checkSignature } from "./key-use.ts";

const dayMs = 86_400_000;

it("a signature of a clock that was ahead is good, and one over other bytes or of another key is not", async () => {
  const key = async (): Promise<openpgp.PrivateKey> =>
    (await openpgp.generateKey({ userIDs: [{ name: "signer" }], format: "object" })).privateKey;
  const [signer, other] = [await key(), await key()];
  const bytes = new TextEncoder().encode("a manifest");
  const date = new Date(signer.getCreationTime().getTime() + 30 * dayMs);
  const message = await openpgp.createMessage({ binary: bytes });
  const signature = await openpgp.sign({ message, signingKeys: signer, detached: true, date });
  await expect(checkSignature([signer.toPublic()], bytes, signature)).resolves.toBeUndefined();
  await expect(checkSignature([signer.toPublic()], bytes.subarray(1), signature)).rejects.toThrow(
    "Signed digest did not match",
  );
  await expect(checkSignature([other.toPublic()], bytes, signature)).rejects.toThrow("Could not find signing key");
});
