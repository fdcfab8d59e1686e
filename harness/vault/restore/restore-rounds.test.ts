// A vault far away: what a restore waits for one after the other, before it has something that an engine can load.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { silentProgress } from "../../base/progress.ts";
import { ensureKeys } from "../../system/reference/reference.ts";
import { readBase } from "../chain/segments.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import { Keyring } from "../keys/keyring.ts";
import type { Store } from "../store/store.ts";
import { MemoryStore } from "../store/memory-store.ts";
import { storeTestBackup } from "../testing/test-backup.ts";
import { storeTestSegment } from "../testing/test-segments.ts";
import { restoreBackup } from "./restore.ts";

const root = await mkdtemp(join(tmpdir(), "falkordrill-rounds-"));
afterAll(() => rm(root, { recursive: true }));
const increments = 30;
const ping = Buffer.from("*1\r\n$4\r\nPING\r\n");
const quietMs = 150;

/** Requests are answered together, once none has come for a while: each time is one way there and back. */
function farStore(store: Store, rounds: string[][]): Store {
  let waiting: { readonly request: string; readonly answer: () => void }[] = [];
  let timer: NodeJS.Timeout | undefined;
  const answered = (request: string): Promise<void> =>
    new Promise((answer) => {
      waiting.push({ request, answer });
      clearTimeout(timer);
      timer = setTimeout(() => {
        const all = waiting;
        waiting = [];
        rounds.push(all.map((each) => each.request));
        for (const each of all) each.answer();
      }, quietMs);
    });
  return {
    ...store,
    get: async (path, bytesMax) => {
      await answered(`get ${path}`);
      return await store.get(path, bytesMax);
    },
    list: async (prefix) => {
      await answered(`list ${prefix}`);
      return await store.list(prefix);
    },
    put: async (path, bytes) => {
      await answered(`put ${path}`);
      await store.put(path, bytes);
    },
  };
}

it("asks in a few rounds, and for no object twice", async () => {
  const keyring = new Keyring(join(root, "keys"));
  await ensureKeys(keyring, "interop");
  const store = new MemoryStore("memory");
  const { id } = await storeTestBackup(store, keyring, Buffer.alloc(100_000), 65_536);
  let head = await readBase(store, id, keyring);
  for (let number = 1; number <= increments; number++) head = await storeTestSegment(store, keyring, head, ping);

  const rounds: string[][] = [];
  const noEngine = new Error("no engine is needed to see what was asked before");
  const engines = { ...embeddedEngines(), kind: "container", start: () => Promise.reject(noEngine) } as const;
  const { signal } = new AbortController();
  const request = { point: id, at: "latest", way: "file", engines, progress: silentProgress, signal } as const;
  await expect(restoreBackup({ store: farStore(store, rounds), keyring }, request)).rejects.toThrow(noEngine.message);
  const asked = rounds.flat().filter((each) => each.startsWith("get "));
  expect(asked.length).toBeGreaterThan(3 * increments);
  expect(new Set(asked).size).toBe(asked.length);
  // One after the other these are more than a hundred. Eight on a quiet machine; a busy one splits some.
  expect(rounds.length).toBeLessThanOrEqual(12);
}, 60_000);
