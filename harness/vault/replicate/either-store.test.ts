// Two replicas, of which the first one fails before a restore or in its middle.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { type Store, StoreError } from "../store/store.ts";
import { initVault } from "../store/vault.ts";
import { eitherStore, openEither } from "./either-store.ts";

const root = await mkdtemp(join(tmpdir(), "falkordrill-either-"));
afterAll(() => rm(root, { recursive: true }));
const bytes = Buffer.from("part");
const said: string[] = [];
const note = (line: string): void => void said.push(line);
let folders = 0;
let places: readonly [string, string];
let stores: readonly [Store, Store];
beforeEach(async () => {
  said.length = 0;
  places = [join(root, `${++folders}-first`), join(root, `${folders}-second`)];
  stores = [await initVault(places[0]), await initVault(places[1])];
  for (const store of stores) await store.put("backups/a", bytes);
});

const broken = (): Promise<never> => Promise.reject(new StoreError("broken", "no answer", "Look at it."));
const lock = "locks/1.json";

describe("a first replica that fails in the middle", () => {
  it("gives way to the second one for good, which is said once, and takes its lease along", async () => {
    const [first, second] = stores;
    let hasFailed = false;
    const failing: Store = {
      ...first,
      get: (path, most) => (hasFailed ? broken() : first.get(path, most)),
      list: broken,
    };
    const either = eitherStore(failing, second, note);
    await either.put(lock, bytes);
    expect(await either.get("backups/a")).toEqual(bytes);
    hasFailed = true;
    expect(await Promise.all([either.get("backups/a"), either.get("backups/a")])).toEqual([bytes, bytes]);
    expect(await either.list("backups/")).toHaveLength(1);
    expect(await second.get(lock)).toEqual(bytes);
    expect(said).toEqual([`no answer. Look at it; going on with ${second.where}`]);
    expect(either.where).toBe(second.where);
  });

  it("is noticed where its folder is gone, which reads as empty", async () => {
    const either = eitherStore(...stores, note);
    expect(await either.get("backups/none")).toBeUndefined();
    await rm(places[0], { recursive: true });
    expect(await either.list("backups/")).toHaveLength(1);
    expect(said).toEqual([`the vault ${stores[0].where} is gone; going on with ${stores[1].where}`]);
  });

  it("is not given up for being full", async () => {
    const full = (): Promise<never> => Promise.reject(new StoreError("full", "no room", ""));
    const either = eitherStore({ ...stores[0], put: full }, stores[1], note);
    await expect(either.put("backups/b", bytes)).rejects.toThrow("no room");
    expect(said).toEqual([]);
  });
});

it("opens the second one where the first is no vault any more, and neither where both are gone", async () => {
  await rm(places[0], { recursive: true });
  expect((await openEither(...places, note)).where).toBe(stores[1].where);
  expect(said).toEqual([expect.stringMatching(/is not a vault.* vault init --vault \S+[^.]; going on with /)]);
  await rm(places[1], { recursive: true });
  await expect(openEither(...places, note)).rejects.toThrow("is not a vault");
});
