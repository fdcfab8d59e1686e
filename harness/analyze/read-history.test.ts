// A real vault in a folder: its history, and its cost against an inventory of the files that are there.
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { costOf } from "../../reports/analysis/cost/cost.ts";
import { appendEntry } from "../vault/catalogue/append.ts";
import { Keyring } from "../vault/keys/keyring.ts";
import { writeValidation } from "../vault/store/validation.ts";
import { backupFolder, initVault, openVault } from "../vault/store/vault.ts";
import { storeTestChain } from "../vault/testing/test-vault.ts";
import { appendJournal, journalBeside, readJournal } from "../monitor/journal-file.ts";
import { readAnalyzedHistory, readPrices } from "./read-history.ts";

vi.setConfig({ testTimeout: 60_000 });
const root = await mkdtemp(join(tmpdir(), "falkordrill-analyze-"));
afterAll(() => rm(root, { recursive: true }));
const { signal } = new AbortController();

async function filesIn(folder: string): Promise<readonly number[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  return await Promise.all(files.map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size));
}

describe("the history of a vault", () => {
  it("is what its catalogue and its objects say, and costs what an inventory costs", async () => {
    const keyring = new Keyring(join(root, "keys"));
    await keyring.generate("signer", "s", "interop", { validMs: 86_400_000 * 400 });
    await keyring.generate("recipient", "r", "interop");
    const folder = join(root, "vault");
    const store = await initVault(folder);
    await appendEntry({ store, keyring }, () => [{ does: "began", point: "20261101T030000Z-0badc0de" }]);
    await storeTestChain(store, keyring, "2026-11-20T03:00:00.000Z", { nodes: 500 });
    const newest = await storeTestChain(store, keyring, "2026-11-21T03:00:00.000Z", { increments: 3, nodes: 600 });
    await appendEntry({ store, keyring }, () => [{ does: "judged", point: newest, number: 0, ok: true }]);
    const found = { at: "2026-11-22T03:00:00.000Z", ok: true, problems: [] };
    const phases = [
      { name: "load", startMs: 0, ms: 1000 },
      { name: "compare", startMs: 1000, ms: 500 },
    ];
    await writeValidation(store, backupFolder(newest), { ...found, phases }, await keyring.signer());
    const vault = { name: "near", place: folder, folder, open: () => openVault(folder), keys: keyring.folder };
    const history = await readAnalyzedHistory({ vaults: [vault], runs: [] }, signal);
    const [only] = history.vaults;
    if (only === undefined) throw new Error("there is no vault");
    expect(only.attempts).toEqual([{ beganMs: expect.any(Number), endedMs: undefined }]);
    expect(only.backups.map(({ graphs }) => graphs)).toEqual([
      [{ name: "g", entities: 500 }],
      [{ name: "g", entities: 600 }],
    ]);
    expect(only.points).toHaveLength(5);
    expect(only.judged).toMatchObject([{ base: newest, number: 0, ok: true, ms: 1500 }]);
    expect(only.lastRemovedMs).toBeUndefined();
    expect(only.disk?.sizeBytes).toBeGreaterThan(only.disk?.freeBytes ?? 0);

    const sizes = await filesIn(folder);
    const storage = sizes.reduce((sum, bytes) => sum + (bytes / 2 ** 30) * 1000, 0);
    const prices = join(root, "prices.yaml");
    await writeFile(
      prices,
      "currency: EUR\nclasses: { hot: { gibMonth: 1000 } }\nvaults: { default: { class: hot } }\n",
    );
    const cost = costOf(only, await readPrices(prices), history.nowMs);
    expect(Math.abs((cost?.total ?? 0) / storage - 1)).toBeLessThan(0.05);
    expect(Object.keys(cost?.graphs ?? {})).toEqual(["g"]);
  });

  it("refuses a price file with an unknown key, and names its place", async () => {
    const path = join(root, "wrong.yaml");
    await writeFile(path, "currency: EUR\nclasses: { hot: { gibmonth: 1 } }\nvaults: {}\n");
    await expect(readPrices(path)).rejects.toThrow(/wrong\.yaml:2:\d+: .*did you mean gibMonth\?/s);
  });

  it("needs something to look at", async () => {
    await expect(readAnalyzedHistory({ vaults: [], runs: [] }, signal)).rejects.toThrow("there is nothing to analyze");
  });
});

describe("the journal", () => {
  const line = { schemaVersion: 1 as const, at: "2026-11-30T12:00:00.000Z", measured: [], forecasts: [] };

  it("is next to the folder of runs, and is only appended to", async () => {
    const path = journalBeside(join(root, "drills", "runs"));
    expect(path).toBe(join(root, "drills", "forecasts.jsonl"));
    expect(await readJournal(path)).toEqual([]);
    await appendJournal(path, line);
    await appendJournal(path, line);
    expect(await readJournal(path)).toEqual([line, line]);
  });

  it("goes on after a line that a crash has torn", async () => {
    const path = join(root, "torn.jsonl");
    await appendJournal(path, line);
    await writeFile(path, '{"schemaVersion":1,"at"', { flag: "a" });
    expect(await readJournal(path)).toEqual([line]);
    await appendJournal(path, line);
    expect(await readJournal(path)).toEqual([line, line]);
  });
});
