// A replication that goes on until it is ended.
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, it, vi } from "vitest";
import { silentProgress } from "../../base/progress.ts";
import { waitFor } from "../../base/wait.ts";
import { readChain, segmentFolder } from "../chain/segments.ts";
import { Keyring } from "../keys/keyring.ts";
import { type Store, StoreError } from "../store/store.ts";
import { initVault, openVault } from "../store/vault.ts";
import { storeTestSegment } from "../testing/test-segments.ts";
import { storeTestChain } from "../testing/test-vault.ts";
import { follow, type FollowStatus } from "./follow.ts";
import { noLimit, RateLimit } from "../parts/rate-limit.ts";
import { Replicator } from "./replicator.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
const root = await mkdtemp(join(tmpdir(), "falkordrill-follow-"));
afterAll(() => rm(root, { recursive: true }));
const keyring = new Keyring(join(root, "keys"));
await keyring.generate("signer", "s", "interop");
await keyring.generate("recipient", "r", "interop");
const made = await initVault(join(root, "template"));
const chain = await storeTestChain(made, keyring, "2026-11-23T03:00:00.000Z", { increments: 1 });

let folders = 0;
let from: Store;
let to: Store;
beforeEach(async () => {
  const folder = join(root, `vault-${++folders}`);
  await cp(join(root, "template"), folder, { recursive: true });
  [from, to] = [await openVault(folder), await initVault(`${folder}-second`)];
});

async function seal(): Promise<void> {
  const last = (await Array.fromAsync(readChain(from, chain, keyring))).at(-1);
  if (last !== undefined) await storeTestSegment(from, keyring, last.head, Buffer.from(`${folders}`));
}

type Status = () => FollowStatus | undefined;

/** Compares both vaults once, at the start. */
async function following(target: Store, work: (status: Status, end: AbortController) => Promise<void>) {
  const end = new AbortController();
  const options = { limit: new RateLimit(noLimit), progress: silentProgress, signal: end.signal };
  const replicator = await Replicator.create({ from, to: target, keyring }, options);
  let status: FollowStatus | undefined;
  const often = { everyMs: 2, roundEveryMs: 3_600_000, giveUpMs: 60_000 };
  const ended = follow(replicator, { ...options, ...often, onStatus: (now) => (status = now) });
  ended.catch(() => {});
  try {
    await work(() => status, end);
  } finally {
    end.abort();
  }
  return await ended;
}

function until(what: string, probe: () => boolean | Promise<boolean>): Promise<true> {
  return waitFor(async () => ((await probe()) ? true : undefined), { what, timeoutMs: 10_000 });
}
const arrives = (number: number): Promise<true> =>
  until(`increment ${number}`, async () => {
    const shown = (await to.get(`${segmentFolder(chain, number)}/manifest.json`)) !== undefined;
    const unfinished = await to.get(`${segmentFolder(chain, number)}/unfinished.json`);
    return shown && unfinished === undefined;
  });
const hasBegun = (status: Status): Promise<true> => until("the first round", () => status() !== undefined);

it("takes what comes at once, also where nothing was lacking at its start", async () => {
  for (let run = 1; run <= 2; run++) {
    const ended = await following(to, async (status) => {
      await hasBegun(status);
      await seal();
      await arrives(run + 1);
    });
    expect(ended.copied).toMatchObject({ backups: 2 - run, increments: run === 1 ? 2 : 1 });
  }
});

it("says that an increment cannot be trusted, and goes on with the rest", async () => {
  let later = "";
  const ended = await following(to, async (status) => {
    await hasBegun(status);
    later = await storeTestChain(from, keyring, "2026-11-24T03:00:00.000Z");
    await from.put(`${segmentFolder(chain, 2)}/manifest.json`, Buffer.from("{}"));
    await until("the problem", () => status()?.last?.problems.length === 1);
  });
  expect(ended.last?.problems).toEqual([expect.stringContaining("00000002/manifest.json")]);
  expect(await to.get(`backups/${later}/manifest.json`)).toBeDefined();
});

it("leaves one lease where nothing can be removed, however many increments come", async () => {
  const refused = (): Promise<void> => Promise.reject(new StoreError("read-only", "403", ""));
  await following({ ...to, delete: refused }, async (status) => {
    await hasBegun(status);
    for (let number = 2; number <= 7; number++) {
      await seal();
      await until(`increment ${number}`, () => status()?.copied.increments === number);
    }
  });
  expect((await to.list("locks/")).length).toBeLessThan(5);
});

it("that was ended before both were compared does not say what it found", async () => {
  let isFirst = true;
  const whole = await following(
    {
      ...to,
      put: async (path, bytes) => {
        if (path.includes("part-") && isFirst) await until("the end", () => !isFirst);
        await to.put(path, bytes);
      },
    },
    async (_status, end) => {
      await until("the copy", async () => (await to.list("backups/")).length > 0);
      end.abort();
      isFirst = false;
    },
  );
  expect(whole.last).toBeUndefined();
});
