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
import { MemoryStore } from "../store/memory-store.ts";
import { farStore } from "../testing/far-store.ts";
import { storeTestBackup } from "../testing/test-backup.ts";
import { storeTestSegment } from "../testing/test-segments.ts";
import { restoreBackup } from "./restore.ts";

const root = await mkdtemp(join(tmpdir(), "falkordrill-rounds-"));
afterAll(() => rm(root, { recursive: true }));
const increments = 30;
const ping = Buffer.from("*1\r\n$4\r\nPING\r\n");

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
