// Vaults with more restore points than a summary holds itself: the groups that are read give what the whole catalogue does.
import { hash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it, vi } from "vitest";
import { Draw } from "../../../generators/random.ts";
import { isNightly } from "../../base/testing/nightly.ts";
import { appendEntry } from "../catalogue/append.ts";
import type { CatalogueEvent } from "../catalogue/entry.ts";
import { manifestPath } from "../catalogue/holdings.ts";
import { readCatalogue } from "../catalogue/read-catalogue.ts";
import { readSummary, summaryPath } from "../catalogue/stored-summary.ts";
import { summaryOf } from "../catalogue/summary.ts";
import { lineOfPoint } from "../catalogue/summary-lines.ts";
import { writeLayout } from "../store/layout.ts";
import { MemoryStore } from "../store/memory-store.ts";
import { recordBytes } from "../store/signed-record.ts";
import type { Store } from "../store/store.ts";
import { testKeyring } from "../testing/test-replica.ts";
import { compareVaults, type Comparison } from "./compare-vaults.ts";
import { countedStore, type StoreTraffic } from "./counted-store.ts";

vi.setConfig({ testTimeout: 600_000 });
const root = await mkdtemp(join(tmpdir(), "falkordrill-groups-"));
afterAll(() => rm(root, { recursive: true }));
const keyring = await testKeyring(join(root, "keys"));
const signer = await keyring.signer();
const { signal } = new AbortController();

const idOf = (hour: number): string => {
  const at = new Date(Date.UTC(2026, 0, 1) + hour * 3_600_000).toISOString();
  return `${at.replaceAll(/[-:]|\.\d+/g, "")}-${hash("sha256", `${hour}`).slice(0, 8)}`;
};
const added = (id: string, what = id): CatalogueEvent => ({ does: "added", point: id, sha256: hash("sha256", what) });
const append = (store: Store, ...events: CatalogueEvent[]): Promise<void> =>
  appendEntry({ store, keyring, signer }, () => events);
const removed = async (store: Store, id: string, why: string): Promise<void> => {
  await append(store, { does: "going", point: id, why });
  await append(store, { does: "removed", point: id, why });
};

let vaults = 0;
const nextName = (): string => `vault-${++vaults}`;
async function vaultWith(points: number): Promise<MemoryStore> {
  const store = new MemoryStore(nextName());
  await writeLayout(store);
  await append(store, ...Array.from({ length: points }, (_, hour) => added(idOf(hour))));
  return store;
}

const compare = (from: Store, to: Store): Promise<Comparison> =>
  compareVaults({ from, to, keyring }, { depth: "records", signal });
const paths = async (store: Store): Promise<readonly string[]> =>
  (await store.list("catalogue/summary/")).map(({ path }) => path);

/** What a vault of a year goes through, on either side. */
const changes: readonly ((store: Store, draw: Draw, ids: readonly string[]) => Promise<void>)[] = [
  (store, draw, ids) => removed(store, draw.pick(ids), "no rule keeps it"),
  (store, draw, ids) => removed(store, draw.pick(ids), "discarded as damaged"),
  (store, draw, ids) => append(store, { does: "removed", point: draw.pick(ids), why: "it was missing" }),
  (store, draw, ids) => append(store, added(draw.pick(ids), "another backup")),
  (store, draw) => append(store, added(idOf(500 + draw.below(4)))),
  (store, draw, ids) => append(store, { does: "going", point: draw.pick(ids), why: "no rule keeps it" }),
  (store, draw) => append(store, { does: "began", point: idOf(500 + draw.below(4)) }),
];
const cases = isNightly ? 200 : 12;
const equal = await vaultWith(300);
const ids = Array.from({ length: 300 }, (_, hour) => idOf(hour));

it(`${cases} pairs that went on by themselves compare by their groups as by their whole catalogues`, async () => {
  for (let seed = 1; seed <= cases; seed++) {
    const draw = new Draw(seed, "groups");
    const [from, to] = [equal.copy(nextName()), equal.copy(nextName())];
    for (let change = draw.below(5); change >= 0; change--)
      await draw.pick(changes)(draw.chance(0.5) ? from : to, draw, ids);
    const found = await compare(from, to);
    expect(found.notes, `seed ${seed}`).toEqual([]);
    await Promise.all([from.delete(summaryPath), to.delete(summaryPath)]);
    const { notes, ...whole } = await compare(from, to);
    expect(notes).toHaveLength(2);
    expect({ ...found, notes: undefined }, `seed ${seed}`).toEqual({ ...whole, notes: undefined });
  }
});

const many = isNightly ? 10_000 : 3000;

it(`${many} restore points are compared within 64 KiB, and the first that differs is named`, async () => {
  const from = await vaultWith(many);
  const to = from.copy(nextName());
  const asked = async (): Promise<Comparison & StoreTraffic> => {
    const traffic = { requests: 0, bytes: 0 };
    const found = await compare(countedStore(from, traffic), countedStore(to, traffic));
    expect(traffic.bytes).toBeLessThan(64 * 1024);
    expect(traffic.requests).toBeLessThan(30);
    return { ...found, ...traffic };
  };
  const same = await asked();
  expect([same.divergences, same.notes, same.backups]).toEqual([[], [], many]);
  expect(same.roots.from).toBe(same.roots.to);
  await append(to, added(idOf(2345), "another backup"));
  const { divergences, roots } = await asked();
  expect(divergences.map(({ kind, object }) => [kind, object])).toEqual([["altered", manifestPath(idOf(2345), 0)]]);
  expect(roots.from).not.toBe(roots.to);
  await append(from, added(idOf(many)));
  expect((await asked()).divergences.map(({ kind }) => kind)).toEqual(["altered", "behind"]);
});

it("the summary of an earlier version is read, and the next entry writes one of today", async () => {
  const [from, to] = [equal.copy(nextName()), equal.copy(nextName())];
  const catalogue = await readCatalogue(to, keyring, 1);
  if (catalogue === undefined) throw new Error("the vault has a catalogue");
  const { vault, number, sha256, groups, tail, removedSince } = await summaryOf(catalogue);
  const points = [...(await Promise.all(groups.map((group) => group.read()))).flat(), ...tail];
  const first = { version: 1, vault, number, sha256, points: points.map(lineOfPoint), removed: [], removedSince };
  await to.put(summaryPath, await recordBytes(JSON.stringify(first), summaryPath, signer));
  for (const path of await paths(to)) await to.delete(path);
  const found = await compare(from, to);
  expect([found.divergences, found.notes, found.backups]).toEqual([[], [], 300]);
  await append(to, added(idOf(500)));
  expect((await paths(to)).length).toBeGreaterThan(3);
  const { divergences, notes } = await compare(from, to);
  expect([divergences.map(({ kind }) => kind), notes]).toEqual([["ahead"], []]);
});

it("a crash before the summary is replaced leaves the one of before with all of its groups", async () => {
  const store = equal.copy(nextName());
  const { put } = store;
  const crashing: Store["put"] = (path, bytes) => {
    if (path === summaryPath) throw new Error("killed");
    return put(path, bytes);
  };
  const before = await readSummary({ store, keyring });
  Object.assign(store, { put: crashing });
  await expect(append(store, added(ids[100] ?? "", "another backup"))).rejects.toThrow("killed");
  Object.assign(store, { put });
  const after = await readSummary({ store, keyring });
  expect(await Promise.all((after?.groups ?? []).map((group) => group.read()))).toEqual(
    await Promise.all((before?.groups ?? []).map((group) => group.read())),
  );
  expect((await compare(equal.copy(nextName()), store)).divergences.map(({ kind }) => kind)).toEqual(["altered"]);
});

it("a group that is another one than the summary names costs a look at the whole catalogue, until the next entry of it", async () => {
  const [from, to] = [equal.copy(nextName()), equal.copy(nextName())];
  await append(from, added(ids[0] ?? "", "another backup"));
  const groups = await paths(to);
  for (const path of groups) await to.put(path, (await to.get(groups.at(-1) ?? "")) ?? Buffer.alloc(0));
  const { divergences, notes } = await compare(from, to);
  expect(divergences.map(({ kind, object }) => [kind, object])).toEqual([["altered", manifestPath(ids[0] ?? "", 0)]]);
  expect(notes.join()).toContain("is not the one that catalogue/summary.json names");
  await append(to, added(ids[1] ?? "", "another backup"));
  const mended = await compare(from, to);
  expect(mended.notes).toEqual([]);
  expect(mended.divergences.map(({ point }) => point)).toEqual(ids.slice(0, 2));
});

it("what entries leave behind is not more than four objects a group", async () => {
  const store = equal.copy(nextName());
  for (const [index, id] of ids.slice(0, 30).entries()) await append(store, added(id, `${index}`));
  const { groups = [] } = (await readSummary({ store, keyring })) ?? {};
  expect((await paths(store)).length).toBeLessThanOrEqual(4 * (groups.length + 2));
});
