import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { Keyring } from "../keys/keyring.ts";
import { initVault } from "../store/vault.ts";
import { storeTestChain } from "../testing/test-vault.ts";
import { adopt } from "./adopt.ts";
import { checkVault } from "./check-vault.ts";

const root = await mkdtemp(join(tmpdir(), "falkordrill-adopt-"));
afterAll(() => rm(root, { recursive: true }));

it("a key ring that trusts nothing in a vault does not adopt it", { timeout: 30_000 }, async () => {
  const store = await initVault(join(root, "vault"));
  const [keyring, stranger] = [new Keyring(join(root, "keys")), new Keyring(join(root, "other"))];
  await keyring.generate("signer", "s", "interop");
  await keyring.generate("recipient", "r", "interop");
  await stranger.generate("signer", "s", "interop");
  await storeTestChain(store, keyring, "2026-11-20T03:00:00.000Z");
  await expect(adopt({ store, keyring: stranger })).rejects.toThrow("may be the wrong one");
  expect((await checkVault({ store, keyring })).problems).toEqual([]);
});
