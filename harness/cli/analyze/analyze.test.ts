// `falkordrill analyze` on a real vault: what it prints, what it stores, and its exit code.
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it, vi } from "vitest";
import { analysisSchema } from "../../../reports/analysis/analysis.ts";
import { packageRoot } from "../../base/package.ts";
import { Keyring } from "../../vault/keys/keyring.ts";
import { initVault } from "../../vault/store/vault.ts";
import { storeTestChain } from "../../vault/testing/test-vault.ts";
import { falkordrill } from "../testing/command-line.ts";

vi.setConfig({ testTimeout: 120_000 });
const root = await mkdtemp(join(tmpdir(), "falkordrill-analyze-"));
afterAll(() => rm(root, { recursive: true }));
const keyring = new Keyring(join(root, "backups-keys"));
await keyring.generate("signer", "s", "interop", { validMs: 86_400_000 * 5 });
await keyring.generate("recipient", "r", "interop");
const store = await initVault(join(root, "backups"));
for (const day of [20, 21, 22])
  await storeTestChain(store, keyring, `2026-11-${day}T03:00:00.000Z`, { nodes: 500 + day });
const journal = join(root, ".falkordrill", "forecasts.jsonl");

it("says of a young vault what it knows, that the rest is too short, and what to do about a key", async () => {
  const found = await falkordrill(["analyze", "--vault", "backups", "--window", "1h"], root);
  expect([found.code, found.stderr]).toEqual([0, ""]);
  expect(found.stdout).toMatch(/^SOON The key of backups signer s: it ends in 5\.0 days; it never was prolonged/);
  expect(found.stdout).toContain(`vault keys list --vault ${join(root, "backups")} --keys ${keyring.folder}`);
  expect(found.stdout).toContain("window of backups: the history is too short, 0 of at least 10 days");
  expect(found.stdout).toMatch(/\nForecasts are stored and graded later: \d+ stored, none graded yet\.\n$/);
});

it("appends a line each time, and none with --no-store", async () => {
  const lines = (): number => readFileSync(journal, "utf8").trimEnd().split("\n").length;
  const before = lines();
  await falkordrill(["analyze", "--vault", "backups"], root);
  await falkordrill(["analyze", "--vault", "backups", "--no-store"], root);
  expect(lines()).toBe(before + 1);
});

it("prices a vault by a file, as JSON and as a page", async () => {
  const example = join(packageRoot(), "docs/guides/prices.example.yaml");
  const flags = ["--vault", "backups", "--prices", example, "--monthly-cost", "0.000000001", "--no-store"];
  const found = await falkordrill(["analyze", ...flags, "--json", "--html", "page.html"], root);
  const analysis = analysisSchema.parse(JSON.parse(found.stdout));
  expect(analysis.cost?.vaults[0]?.total).toBeGreaterThan(0);
  expect(readFileSync(join(root, "page.html"), "utf8")).toContain("<h1>Act soon</h1>");
  const plain = await falkordrill(["analyze", ...flags, "--what-if", "every=1h"], root);
  expect([plain.code, plain.stderr]).toEqual([0, ""]);
});

it("refuses what it cannot use", async () => {
  const nothing = await falkordrill(["analyze"], root);
  expect([nothing.code, nothing.stderr]).toEqual([2, expect.stringContaining("there is nothing to analyze")]);
  const amount = await falkordrill(["analyze", "--vault", "backups", "--monthly-cost", "much"], root);
  expect([amount.code, amount.stderr]).toEqual([2, expect.stringContaining("--monthly-cost much is not an amount")]);
});
