import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { Keyring } from "../keys/keyring.ts";
import { initVault } from "../store/vault.ts";
import { storeTestChain } from "../testing/test-vault.ts";
import { appendEntry } from "./append.ts";
import { checkVault } from "./check-vault.ts";
import { removalsToRecord } from "./removals.ts";
import { chainEnd } from "./unrecorded.ts";

const root = await mkdtemp(join(tmpdir(), "falkordrill-faulty-"));
afterAll(() => rm(root, { recursive: true }));

it("takes no fault of an increment that was removed for one of the increment that has its number now", async () => {
  const store = await initVault(join(root, "vault"));
  const keyring = new Keyring(join(root, "keys"));
  await keyring.generate("signer", "s", "interop");
  await keyring.generate("recipient", "r", "interop");
  const context = { store, keyring };
  const problems = async (): Promise<readonly string[]> =>
    (await checkVault(context)).problems.map(({ message }) => message);
  const id = await storeTestChain(store, keyring, "2026-11-20T03:00:00.000Z", { increments: 2 });
  const last = join(root, "vault", "segments", id, "00000002");

  await appendEntry(context, () => [{ does: "judged", point: id, number: 2, ok: false, why: "it differs" }]);
  expect(await problems()).toEqual([expect.stringContaining(`${id} was found faulty`)]);
  const { before } = await removalsToRecord(store, [`${id}/00000002`], "discarded as damaged");
  await appendEntry(context, () => before);
  await cp(last, join(root, "next"), { recursive: true });
  await rm(last, { recursive: true });
  expect(await problems()).toEqual([]);

  await cp(join(root, "next"), last, { recursive: true });
  const grown = await chainEnd(store, id, 2);
  await appendEntry(context, () => [grown]);
  expect(await problems()).toEqual([]);
});
