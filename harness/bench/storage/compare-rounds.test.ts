// A vault far away: what a comparison of records waits for one after the other.
import { join } from "node:path";
import { expect, it } from "vitest";
import { privateFolder } from "../../base/process/reaper.ts";
import { manifestPath } from "../../vault/catalogue/holdings.ts";
import { Keyring } from "../../vault/keys/keyring.ts";
import { farStore } from "../../vault/testing/far-store.ts";
import { compareOnce } from "./compare-benchmark.ts";
import { makeVaults } from "./synthetic-vault.ts";

const increments = 110;

it("finds where a chain differs in a few rounds", async () => {
  await using folder = await privateFolder("compare-rounds");
  const keyring = new Keyring(join(folder.path, "keys"));
  await keyring.generate("signer", "bench", "interop");
  const vaults = await makeVaults(folder.path, keyring, { backups: 100, partsPerBackup: 1, increments }, "read");
  await vaults.fork(increments / 2);
  const rounds: string[][] = [];
  const far = { from: vaults.from, to: farStore(vaults.to, rounds) };
  const expected = manifestPath(vaults.middle, increments / 2);
  const { signal } = new AbortController();
  await compareOnce(far, keyring, { depth: "records", expected, signal });
  expect(rounds.flat().length).toBeLessThan(30);
  // Seven on a quiet machine (the summary, its entry with the group, three to narrow, the manifest, what came meanwhile); one
  // after the other they were sixteen. A busy one splits some.
  expect(rounds.length).toBeLessThanOrEqual(10);
});
