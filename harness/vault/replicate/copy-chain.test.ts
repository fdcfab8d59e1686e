// The increments of a chain on their way to another vault: several at once, shown one after the other.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it, vi } from "vitest";
import { type Clock, systemClock } from "../../base/clock.ts";
import { listSegments, readBase } from "../chain/segments.ts";
import { Keyring } from "../keys/keyring.ts";
import type { Store } from "../store/store.ts";
import { initVault } from "../store/vault.ts";
import { storeTestChain } from "../testing/test-vault.ts";
import { copyChain } from "./copy-chain.ts";
import { noLimit, RateLimit } from "../parts/rate-limit.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
const root = await mkdtemp(join(tmpdir(), "falkordrill-copy-chain-"));
afterAll(() => rm(root, { recursive: true }));
const keyring = new Keyring(join(root, "keys"));
await keyring.generate("signer", "s", "interop");
await keyring.generate("recipient", "r", "interop");
const from = await initVault(join(root, "first"));
const base = await storeTestChain(from, keyring, "2026-11-23T03:00:00.000Z", { increments: 5 });

let vaults = 0;
async function copy(wrap: (to: Store) => Store, clock: Clock = systemClock, upTo = 0) {
  const to = await initVault(join(root, `second-${++vaults}`));
  const { signal } = new AbortController();
  const run = { from, to: wrap(to), limit: new RateLimit(noLimit), signal, onSent: () => {} };
  const arrived: number[] = [];
  const onArrived = ({ number }: { readonly number: number }): void => void arrived.push(number);
  const copying = copyChain(run, await readBase(from, base, keyring), keyring, {
    upTo,
    clock,
    recorded: () => Promise.resolve(),
    onArrived,
  });
  const head = await copying.catch((error: unknown) => error);
  return { head, arrived, shown: await listSegments(to, base) };
}

it("never shows one whose predecessor did not arrive, however late that one is", async () => {
  const late = /00000002\/part-/;
  const { head, arrived, shown } = await copy((to) => ({
    ...to,
    putIfAbsent: async (path, bytes) => {
      if (late.test(path)) throw new Error("no answer");
      return await to.putIfAbsent(path, bytes);
    },
  }));
  expect(head).toMatchObject({ message: "no answer" });
  expect([arrived, shown]).toEqual([[1], [1]]);
});

it("comes to an end where writers never rest", async () => {
  let asked = 0;
  // Five seconds are over when the third is to be sent.
  const clock: Clock = { ...systemClock, monotonicMs: () => (++asked <= 3 ? 0 : 60_000) };
  const { head, arrived, shown } = await copy((to) => to, clock);
  expect(head).toMatchObject({ base, number: 2 });
  expect([arrived, shown]).toEqual([
    [1, 2],
    [1, 2],
  ]);
});

it("sends what was to be copied, however long it takes", async () => {
  let nowMs = 0;
  const slow: Clock = { ...systemClock, monotonicMs: () => (nowMs += 10_000) };
  const { head, shown } = await copy((to) => to, slow, 4);
  expect([head, shown]).toEqual([expect.objectContaining({ base, number: 4 }), [1, 2, 3, 4]]);
});
