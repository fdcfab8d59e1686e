// An archiver that begins to write into the second vault while increments are copied there.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, it } from "vitest";
import { readLink, readSegment, segmentFolder } from "../chain/segments.ts";
import { useBackups } from "../locks/vault-lock.ts";
import { writeLayout } from "../store/layout.ts";
import { MemoryStore } from "../store/memory-store.ts";
import type { Store } from "../store/store.ts";
import { beforePut, replicateOnce, testKeyring } from "../testing/test-replica.ts";
import { storeTestSegment } from "../testing/test-segments.ts";
import { storeTestChain } from "../testing/test-vault.ts";

const root = await mkdtemp(join(tmpdir(), "falkordrill-second-writer-"));
afterAll(() => rm(root, { recursive: true }));
const keyring = await testKeyring(join(root, "keys"));
let vaults = 0;
let from: Store;
let to: Store;
let chain: string;
beforeEach(async () => {
  [from, to] = [new MemoryStore(`first ${++vaults}`), new MemoryStore(`second ${vaults}`)];
  for (const store of [from, to]) await writeLayout(store);
  chain = await storeTestChain(from, keyring, "2026-11-23T03:00:00.000Z", { increments: 3 });
  await replicate();
}, 60_000);

const replicate = (second = to): ReturnType<typeof replicateOnce> => replicateOnce({ from, to: second, keyring });
const seal = async (store: Store, sealed: "age" | "request", text = ""): Promise<unknown> =>
  await storeTestSegment(store, keyring, await readLink(store, chain, 3, keyring), Buffer.from(text), { sealed });

it("leaves the signature of an increment without parts that was written there meanwhile", async () => {
  await seal(from, "age");
  const busy = beforePut(to, /00000004\/manifest\.json\.asc/, () => seal(to, "request"));
  await expect(replicate(busy)).resolves.toMatchObject({
    problems: [expect.stringContaining("was written meanwhile")],
  });
  expect((await readSegment(to, chain, 4, keyring)).manifest.sealed).toBe("request");
});

it("replaces no part of an archiver that began between two of its questions", async () => {
  await seal(from, "age", "of the first");
  const place = `${segmentFolder(chain, 4)}/`;
  const part = `${place}part-00000.zst.pgp`;
  await using resources = new AsyncDisposableStack();
  const asked = Promise.withResolvers<void>();
  let isCopying = false;
  const racing: Store = {
    ...to,
    list: async (prefix) => {
      if (prefix === place) {
        isCopying = true;
        await asked.promise;
        resources.use(await useBackups(to, "archive of a server", [chain]));
        await to.put(part, Buffer.from("of the archiver"));
      }
      const found = await to.list(prefix);
      if (isCopying && prefix.startsWith("locks/")) asked.resolve();
      return found;
    },
  };
  await expect(replicate(racing)).rejects.toThrow("gets increments of");
  expect((await to.get(part))?.toString()).toBe("of the archiver");
});
