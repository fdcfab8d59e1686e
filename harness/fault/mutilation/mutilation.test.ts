import { cp } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../base/clock.ts";
import { isNightly } from "../../base/testing/nightly.ts";
import { type PrivateFolder, privateFolder } from "../../base/process/reaper.ts";
import { adopt } from "../../vault/catalogue/adopt.ts";
import { Keyring } from "../../vault/keys/keyring.ts";
import { lockPath } from "../../vault/locks/lock-entries.ts";
import { remember } from "../../vault/restore/verify.ts";
import { pin } from "../../vault/store/pin.ts";
import { backupFolder, initVault } from "../../vault/store/vault.ts";
import { storeTestChain } from "../../vault/testing/test-vault.ts";
import { effectOf, readObjects } from "./mutilate.ts";
import { type MutilationRow, mutilationTable } from "./mutilation-table.ts";
import type { Objects } from "./mutilations.ts";

const { signal } = new AbortController();
let root: PrivateFolder;
let vault: Objects;
let earlier: Objects;
let keys: Objects;

beforeAll(async () => {
  root = await privateFolder("mutilation");
  const folder = join(root.path, "work", "vault");
  const keyring = new Keyring(join(root.path, "work", "keys"));
  await keyring.generate("signer", "s", "interop");
  await keyring.generate("recipient", "r", "interop");
  const store = await initVault(folder);
  const found = (ok: boolean) => ({
    at: "2026-11-29T00:00:00.000Z",
    ok,
    problems: ok ? [] : ["it differs"],
    phases: [],
  });
  const first = await storeTestChain(store, keyring, "2026-11-20T12:00:00.000Z", { increments: 1 });
  const second = await storeTestChain(store, keyring, "2026-11-21T12:00:00.000Z", { increments: 2 });
  await adopt({ store, keyring });
  for (const id of [first, second]) await remember({ store, keyring }, id, found(true), signal);
  await pin(store, backupFolder(second), "for the auditors", signal);
  await store.put("guest/db-6379.json", Buffer.from('{"maxmemory":"1"}'));
  await cp(folder, join(root.path, "earlier"), { recursive: true });
  await remember({ store, keyring }, second, found(false), signal);
  await pin(store, backupFolder(second), "for the court", signal);
  await store.put(lockPath("dead"), Buffer.from('{"a lock":"of an earlier version"}'));
  vault = await readObjects(folder);
  earlier = await readObjects(join(root.path, "earlier"));
  keys = await readObjects(keyring.folder);
});
afterAll(() => root[Symbol.asyncDispose]());

describe("a vault of which one object was changed", () => {
  // Nothing but the pin itself says that a backup was pinned, nor that settings are to be restored.
  it("gives back what was stored, or says what is wrong; a missing pin or settings apart", async () => {
    const folder = join(root.path, "work");
    const offset = Math.floor(systemClock.nowMs()) % 4;
    const table = await mutilationTable({
      folder,
      vault,
      earlier,
      keys,
      signal,
      chosen: (index) => isNightly || index % 4 === offset,
    });
    expect(table.control.told).toEqual([]);
    expect(table.missingKinds).toEqual([]);
    expect(table.rows.length).toBeGreaterThan(isNightly ? 140 : 30);
    const brief = ({ kind, mutilation, said }: MutilationRow): string => `${kind}, ${mutilation}: ${said ?? "nothing"}`;
    const isKnown = ({ kind, mutilation }: MutilationRow): boolean =>
      ["pin", "settings to restore"].includes(kind) && ["deleted", "renamed"].includes(mutilation);
    expect(table.rows.filter((row) => row.effect === "unnoticed" && !isKnown(row)).map(brief)).toEqual([]);
  });

  it("is judged by what it holds: a point that is gone in silence is unnoticed", () => {
    const before = { state: { "point a": "whole" }, told: [] };
    expect(effectOf(before, { state: {}, told: [] })).toBe("unnoticed");
    expect(effectOf(before, { state: {}, told: ["a is missing"] })).toBe("told");
    expect(effectOf(before, before)).toBe("harmless");
  });
});
