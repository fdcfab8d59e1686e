// What a monitor says of a vault in each situation in which other metrics lie.
import { cp, mkdir, mkdtemp, readdir, rename, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { silentProgress } from "../base/progress.ts";
import { appendEntry } from "../vault/catalogue/append.ts";
import { proofFolder } from "../vault/chain/proofs.ts";
import { Keyring } from "../vault/keys/keyring.ts";
import { prune } from "../vault/retention/prune.ts";
import type { Store } from "../vault/store/store.ts";
import { writeValidation } from "../vault/store/validation.ts";
import { backupFolder, initVault, openVault } from "../vault/store/vault.ts";
import { storeTestChain } from "../vault/testing/test-vault.ts";
import { Monitor, type MonitoredVault } from "./monitor.ts";
import { scrape, scraped, type Scraped, vaultIn, withoutLooks } from "./testing/scrape.ts";

vi.setConfig({ testTimeout: 30_000 });
const root = await mkdtemp(join(tmpdir(), "falkordrill-monitor-"));
afterAll(() => rm(root, { recursive: true }));
const keyring = new Keyring(join(root, "keys"));
await keyring.generate("signer", "s", "interop", { validMs: 86_400_000 * 400 });
await keyring.generate("recipient", "r", "interop");
const signer = await keyring.signer();
const { signal } = new AbortController();
const at = (day: number): string => `2026-11-${day}T03:00:00.000Z`;
const seconds = (text: string): number => Date.parse(text) / 1000;
const graph = 'graph="g",database="0"';
const near = 'vault="near",region="eu"';

const template = join(root, "template");
const made = await initVault(template);
const old = await storeTestChain(made, keyring, at(21), { nodes: 500 });
const newest = await storeTestChain(made, keyring, at(22), { increments: 3, nodes: 600 });

let vaults = 0;
let folder: string;
let store: Store;
beforeEach(async () => {
  folder = join(root, `vault-${vaults++}`);
  await cp(template, folder, { recursive: true });
  store = await openVault(folder);
});

const look = (more: Partial<MonitoredVault> = {}): Promise<Scraped> =>
  scrape({ vaults: [vaultIn(folder, keyring, more)] });
const newestPoint = `falkordrill_vault_newest_restore_point_timestamp_seconds{${near}}`;
const state = (name: string): string => `falkordrill_vault_restore_points{${near},state="${name}"}`;
const proven = (depth: string): string =>
  `falkordrill_restore_proven_timestamp_seconds{${near},${graph},depth="${depth}"}`;

/** What a proof of the archive records at the end of the chain. */
async function judge(
  number: number,
  ok: boolean,
  when: string,
  proof: { readonly offset?: number } = { offset: 1 },
): Promise<void> {
  const found = { at: when, ok, problems: ok ? [] : ["it differs"], phases: [], ...proof };
  await appendEntry({ store, keyring }, () => [{ does: "judged", point: newest, number, ok }]);
  await writeValidation(store, proofFolder({ base: newest, number }), found, signer);
}

describe("a vault", () => {
  it("says what is in it, and that nothing was proven", async () => {
    const found = await look();
    expect(found.log).toEqual([]);
    expect(found.value(`falkordrill_vault_up{${near}}`)).toBe(1);
    expect(found.value(newestPoint)).toBe(seconds(at(22)) + 3);
    expect(found.value(`falkordrill_vault_oldest_restore_point_timestamp_seconds{${near}}`)).toBe(seconds(at(21)));
    expect(found.value(`falkordrill_vault_any_moment_since_timestamp_seconds{${near}}`)).toBe(seconds(at(22)));
    expect(found.value(`falkordrill_vault_archive_timestamp_seconds{${near}}`)).toBe(seconds(at(22)) + 3);
    expect(found.value(state("unproven"))).toBe(5);
    expect(found.value(proven("property"))).toBe(0);
    expect(found.value(`falkordrill_graph_nodes{${near},${graph}}`)).toBe(600);
    expect(found.value(`falkordrill_vault_backups_total{${near}}`)).toBe(2);
    expect(found.value(`falkordrill_key_expiry_timestamp_seconds{${near},role="recipient",key="r"}`)).toBe(Infinity);
    expect(found.value(`falkordrill_key_usable{${near},role="signer",key="s"}`)).toBe(1);
    expect(found.value(`falkordrill_vault_problems{${near}}`)).toBe(0);
  });

  it("does not count a backup that has lost a part as the newest", async () => {
    await rm(join(folder, backupFolder(newest), "part-00001.zst.pgp"));
    const found = await look();
    expect([found.value(newestPoint), found.value(state("damaged"))]).toEqual([seconds(at(21)), 1]);
    expect(found.value(`falkordrill_vault_newest_backup_timestamp_seconds{${near}}`)).toBe(seconds(at(21)));
  });

  it("nor one whose part was cut short, nor one that a verify found faulty", async () => {
    await truncate(join(folder, backupFolder(newest), "part-00000.zst.pgp"), 10);
    expect((await look()).value(newestPoint)).toBe(seconds(at(21)));
    await judge(0, false, at(23), {});
    expect((await look()).value(newestPoint)).toBe(seconds(at(21)));
  });

  it("says that nothing can be restored where all is faulty", async () => {
    await judge(0, false, at(23), {});
    await rm(join(folder, backupFolder(old)), { recursive: true });
    const found = await look();
    expect(found.value(newestPoint)).toBe(0);
    expect(found.value(`falkordrill_vault_newest_backup_timestamp_seconds{${near}}`)).toBe(seconds(at(22)));
    expect(found.value(`falkordrill_vault_problems{${near}}`)).toBe(1);
  });

  it("believes a chain that a proof found wrong up to the last good proof, and counts both", async () => {
    await judge(1, true, at(23));
    await judge(3, false, at(24), { offset: 5000 });
    const found = await look();
    expect(found.value(newestPoint)).toBe(seconds(at(22)) + 1);
    expect(found.value(proven("property"))).toBe(seconds(at(23)));
    expect(found.value(`falkordrill_vault_proofs_total{${near},result="proven"}`)).toBe(1);
    expect(found.value(`falkordrill_vault_proofs_total{${near},result="wrong"}`)).toBe(1);
    expect(found.value(state("faulty"))).toBe(1);
  });

  it("does not take a verify for a proof to the property", async () => {
    await judge(0, true, at(23), {});
    const found = await look();
    expect([found.value(proven("loaded")), found.value(proven("property"))]).toEqual([seconds(at(23)), 0]);
    const vault = (depth: string): number | undefined =>
      found.value(`falkordrill_vault_restore_proven_timestamp_seconds{${near},depth="${depth}"}`);
    expect([vault("loaded"), vault("property")]).toEqual([seconds(at(23)), 0]);
  });

  it("does not believe a proof that is dated ahead", async () => {
    await judge(0, true, "2999-01-01T00:00:00.000Z", {});
    expect((await look()).value(proven("loaded"))).toBe(0);
  });

  it("does not count a shrunken backup as the newest, and goes on to ask for proofs of the graphs before it", async () => {
    await storeTestChain(store, keyring, at(23), { nodes: 0 });
    const found = await look();
    expect([found.value(newestPoint), found.value(state("doubtful"))]).toEqual([seconds(at(22)) + 3, 1]);
    expect(found.value(`falkordrill_vault_newest_backup_timestamp_seconds{${near}}`)).toBe(seconds(at(23)));
    expect(found.value(`falkordrill_graph_nodes{${near},${graph}}`)).toBe(600);
  });

  it("goes on to say when an archive stalled, after a full backup that nobody archives", async () => {
    await storeTestChain(store, keyring, at(23), { nodes: 600 });
    const found = await look();
    expect(found.value(`falkordrill_vault_archive_timestamp_seconds{${near}}`)).toBe(seconds(at(22)) + 3);
    expect(found.value(newestPoint)).toBe(seconds(at(23)));
  });

  it("says what a prune would remove, and what it removed", async () => {
    const keep = { last: 1 };
    const deletions = `falkordrill_vault_next_deletions{${near}}`;
    const before = await look({ keep });
    expect([before.value(deletions), (await look()).value(deletions)]).toEqual([1, undefined]);
    expect(before.value(`falkordrill_vault_next_deletion_bytes{${near}}`)).toBeGreaterThan(100_000);
    await prune({ store, keyring }, { rules: keep, zone: "UTC", dryRun: false, progress: silentProgress, signal });
    const after = await look({ keep });
    expect([after.value(deletions), after.value(`falkordrill_vault_backups_removed_total{${near}}`)]).toEqual([0, 1]);
    expect(after.value(`falkordrill_vault_backups_total{${near}}`)).toBe(2);
  });

  it("says that a removal past the catalogue is a problem", async () => {
    await rm(join(folder, backupFolder(old)), { recursive: true });
    expect((await look()).value(`falkordrill_vault_problems{${near}}`)).toBe(1);
  });

  it("counts the locks of crashed commands", async () => {
    await mkdir(join(folder, "locks"), { recursive: true });
    await writeFile(join(folder, "locks", "x.json"), "not a lock");
    expect((await look()).value(`falkordrill_vault_locks{${near},state="unknown"}`)).toBe(1);
  });
});

describe("a monitor", () => {
  it("changes nothing in the vault or in the key ring", async () => {
    const tree = async (): Promise<readonly string[]> =>
      (await Promise.all([folder, keyring.folder].map((path) => readdir(path, { recursive: true })))).flat().toSorted();
    const before = await tree();
    await look();
    expect(await tree()).toEqual(before);
  });

  it("says the same when it is started anew, whatever it saw before", async () => {
    const log: string[] = [];
    const options = { runs: [], disks: {}, objectives: {}, everyMs: 1000, graphsMax: 200 };
    await using monitor = new Monitor({
      ...options,
      vaults: [vaultIn(folder, keyring, { keep: { daily: 1 } })],
      log: (line) => log.push(line),
    });
    const first = await monitor.metrics(30_000);
    await judge(2, true, at(23));
    await appendEntry({ store, keyring }, () => [{ does: "began", point: old }]);
    await storeTestChain(store, keyring, at(24), { nodes: 700 });
    const anew = await look({ keep: { daily: 1 } });
    await vi.waitFor(async () => expect(withoutGrowth(await monitor.metrics(0))).toBe(withoutGrowth(anew.text)), {
      timeout: 20_000,
      interval: 200,
    });
    expect(first).not.toBe(anew.text);
    expect(log).toEqual([]);
  });

  it("says that a vault cannot be read, and nothing else of it, until it can", async () => {
    const log: string[] = [];
    const options = { runs: [], disks: {}, objectives: {}, everyMs: 1000, graphsMax: 200 };
    const vault = vaultIn(folder, keyring);
    await using monitor = new Monitor({ ...options, vaults: [vault], log: (line) => log.push(line) });
    expect(scraped(await monitor.metrics(30_000)).value(newestPoint)).toBeGreaterThan(0);
    await rename(folder, `${folder}-away`);
    const upIs = async (up: number): Promise<void> =>
      await vi.waitFor(
        async () => expect(scraped(await monitor.metrics(0)).value(`falkordrill_vault_up{${near}}`)).toBe(up),
        { timeout: 20_000, interval: 100 },
      );
    await upIs(0);
    expect((await monitor.metrics(0)).match(/near/g)).toHaveLength(1);
    expect(log).toEqual([expect.stringContaining("near cannot be read: ")]);
    await rename(`${folder}-away`, folder);
    await upIs(1);
    expect(log.at(-1)).toBe("near can be read again");
  });

  it("notices a document that was replaced by another one of the same size", async () => {
    const log: string[] = [];
    const options = { runs: [], disks: {}, objectives: {}, everyMs: 1000, graphsMax: 200 };
    await using monitor = new Monitor({
      ...options,
      vaults: [vaultIn(folder, keyring)],
      log: (line) => log.push(line),
    });
    await monitor.metrics(30_000);
    const path = `${backupFolder(old)}/manifest.json`;
    const bytes = await store.get(path);
    await store.put(path, Buffer.from(String(bytes).replace('"tool": "test"', '"tool": "tEst"')));
    await vi.waitFor(async () => expect(scraped(await monitor.metrics(0)).value(state("damaged"))).toBe(1), {
      timeout: 20_000,
      interval: 100,
    });
  });

  it("gives no more graphs a series than it was told, the least proven first", async () => {
    const { value } = await scrape({ vaults: [vaultIn(folder, keyring)], graphsMax: 0 });
    expect(value(`falkordrill_vault_graphs_hidden{${near}}`)).toBe(1);
    expect(value(proven("property"))).toBeUndefined();
    expect(value(`falkordrill_vault_restore_proven_timestamp_seconds{${near},depth="property"}`)).toBe(0);
  });

  it.each([
    ["nothing to look at", {}, "there is nothing to look at"],
    ["one name twice", { vaults: ["a", "a"] }, "a is given twice"],
    ["a replica of nothing", { vaults: ["a"], replicaOf: "b" }, "a is a replica of b, which is not one of"],
  ])("refuses %s", (_, { vaults: names = [], replicaOf }: { vaults?: string[]; replicaOf?: string }, message) => {
    const given = names.map((name) => vaultIn(folder, keyring, { name, replicaOf }));
    const options = { runs: [], disks: {}, objectives: {}, everyMs: 1000, graphsMax: 200, log: () => {} };
    expect(() => new Monitor({ ...options, vaults: given })).toThrow(message);
  });
});

/** The rate of a young vault depends on the time that has passed. */
function withoutGrowth(text: string): string {
  return withoutLooks(text).replaceAll(/^falkordrill_vault_growth_.*$/gm, "");
}
