// The layer is proven first: a vault on file operations with a fault must be found out. Then the commands that need no
// server, with a part of their states; `fault/power-cut` opens all of them.
import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { systemClock } from "../../base/clock.ts";
import { silentProgress } from "../../base/progress.ts";
import { prune } from "../../vault/retention/prune.ts";
import type { Store } from "../../vault/store/store.ts";
import { openVault } from "../../vault/store/vault.ts";
import { faultVault } from "../testing/fault-vault.ts";
import { StateBuilder } from "./build-state.ts";
import { StateOpener } from "./open-state.ts";
import { killedThen } from "./killed-then-cut.ts";
import { type VaultCommand, cutPower, type Hole, type PowerCutOptions } from "./power-cut.ts";
import {
  cleanUpVault,
  recordedKeyring,
  makeKeys,
  makeVault,
  pinAndUnpin,
  pruneTo,
  recordVerify,
  takeLocks,
} from "./vault-commands.ts";
import { type FileLayer, syncedAfterRename, withoutFolderSync, withoutSync } from "./weaker-files.ts";

const { signal } = new AbortController();
const vault = await faultVault("power-cut");
const builder = new StateBuilder(join(vault.root, "states"), systemClock.nowMs());
let copies = 0;

afterAll(() => vault[Symbol.asyncDispose]());

const fresh = (): Pick<PowerCutOptions, "opener" | "signal"> => ({ opener: new StateOpener(builder), signal });

async function holesOf(
  command: VaultCommand,
  {
    from = vault.template,
    ...options
  }: Pick<PowerCutOptions, "layer" | "every" | "holesMax"> & { readonly from?: string | null } = {},
): Promise<readonly Hole[]> {
  const folder = join(vault.root, `copy-${copies++}`);
  if (from === null) mkdirSync(folder);
  else cpSync(from, folder, { recursive: true });
  const { holes, states } = await cutPower(command, { ...fresh(), folder, ...options });
  expect(states).toBeGreaterThan(3);
  return holes;
}

/** Removes the manifests of restore points after their parts. */
const pruneManifestsLast: VaultCommand = {
  name: "prune",
  run: async (place) => {
    const store = await openVault(place.vault, place.files);
    const late: string[] = [];
    const reordered: Store = {
      ...store,
      delete: async (path) => {
        if (path.endsWith("/manifest.json")) return void late.push(path);
        if (path.endsWith("/unfinished.json")) for (const manifest of late.splice(0)) await store.delete(manifest);
        await store.delete(path);
      },
    };
    const request = { rules: { last: 1 }, zone: "UTC", dryRun: false, progress: silentProgress, signal };
    await prune({ store: reordered, keyring: recordedKeyring(place) }, request);
  },
};

describe("a power cut", () => {
  it.each<[string, VaultCommand, FileLayer | undefined, number]>([
    ["syncs nothing", vault.appendSegment, withoutSync, 10],
    ["syncs no folder", vault.appendSegment, withoutFolderSync, 10],
    ["names a file before it is synced", vault.appendSegment, syncedAfterRename, 2],
    ["removes manifests last", pruneManifestsLast, undefined, 4],
  ])("finds a vault that %s", async (_, command, layer, every) => {
    const holes = await holesOf(command, { ...(layer === undefined ? {} : { layer }), every, holesMax: 1 });
    expect(holes.map(({ problem }) => problem).join("\n")).toMatch(/^(?:damaged|point) .*(?:broken|nothing)/m);
  });

  it.each<[VaultCommand, number]>([
    [vault.appendSegment, 6],
    [recordVerify, 6],
    [pinAndUnpin, 6],
    [takeLocks, 6],
    [pruneTo(1), 10],
  ])("leaves the old or the new state of $name", async (command, every) => {
    expect(await holesOf(command, { every })).toEqual([]);
  });

  it("leaves the old or the new state of a vault that is made", async () => {
    expect(await holesOf(makeVault, { from: null })).toEqual([]);
  });

  it("loses no key that was made, and leaves no half of one", async () => {
    expect(await holesOf(makeKeys, { from: null, every: 5 })).toEqual([]);
  });

  it("after a killed command loses nothing that the next one reported as stored", async () => {
    const folder = join(vault.root, "killed");
    mkdirSync(folder);
    const { operations } = await cutPower(makeVault, { ...fresh(), folder, every: 100 });
    // Its folder is made, and the marker is not.
    expect(operations[0]).toMatchObject({ kind: "mkdir" });
    expect(await holesOf(killedThen(operations, 2, makeVault), { from: null })).toEqual([]);
  });

  it("after a killed command loses no entry of the catalogue that a later one follows", async () => {
    const folder = join(vault.root, "killed-prune");
    cpSync(vault.template, folder, { recursive: true });
    const { operations } = await cutPower(pruneTo(1), { ...fresh(), folder, every: 1000 });
    const entry = operations.findIndex((each) => each.kind === "link" && each.to.includes("/catalogue/"));
    expect(await holesOf(killedThen(operations, entry + 1, cleanUpVault), { every: 5 })).toEqual([]);
  });
});
