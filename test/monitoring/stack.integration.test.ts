// The rest of monitoring/: the dashboard, whose every query gives data on what a monitor really says, and the files of the stack.
// Grafana and the images are not started here.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { systemClock } from "../../harness/base/clock.ts";
import { environment } from "../../harness/base/environment.ts";
import { packageRoot } from "../../harness/base/package.ts";
import { runCommand } from "../../harness/base/process/run-command.ts";
import { scrape, vaultIn } from "../../harness/monitor/testing/scrape.ts";
import { addTestRun, passedResult } from "../../harness/monitor/testing/test-runs.ts";
import { appendEntry } from "../../harness/vault/catalogue/append.ts";
import { proofFolder } from "../../harness/vault/chain/proofs.ts";
import { Keyring } from "../../harness/vault/keys/keyring.ts";
import { lockingStore } from "../../harness/vault/testing/locking-store.ts";
import { writeValidation } from "../../harness/vault/store/validation.ts";
import { initVault, openVault } from "../../harness/vault/store/vault.ts";
import { storeTestChain } from "../../harness/vault/testing/test-vault.ts";
import { dashboardRows, grafanaDashboard, grafanaFile } from "../../scripts/grafana-dashboard.ts";
import { linesOverTime } from "../runbooks/alert-timeline.ts";

const root = packageRoot();
const monitoring = join(root, "monitoring");
let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "falkordrill-stack-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const tool = await runCommand("promtool", ["--version"], { timeoutMs: 20_000 });
const isSkipped = tool.status !== 0 && !environment().requireBrowser;

/** What a monitor says of two vaults, one of which locks its objects, a drill and a disk. */
async function everything(): Promise<string> {
  const keyring = new Keyring(join(folder, "keys"));
  await keyring.generate("signer", "s", "interop");
  await keyring.generate("recipient", "r", "interop");
  const [here, there, runs] = [join(folder, "near"), join(folder, "far"), join(folder, "runs")];
  const store = await initVault(here);
  const at = new Date(systemClock.nowMs() - 3_600_000).toISOString();
  const base = await storeTestChain(store, keyring, at, { increments: 2, nodes: 500 });
  await appendEntry({ store, keyring }, () => [
    { does: "began", point: base },
    { does: "judged", point: base, number: 2, ok: true },
  ]);
  const found = { at, ok: true, problems: [], phases: [], offset: 1 };
  await writeValidation(store, proofFolder({ base, number: 2 }), found, await keyring.signer());
  await cp(here, there, { recursive: true });
  const locked = lockingStore({ mode: "compliance", forMs: 86_400_000 * 30 }, systemClock.nowMs());
  for (const { path } of await store.list("")) {
    const bytes = await store.get(path);
    if (bytes !== undefined) await locked.put(path, bytes);
  }
  await addTestRun(runs, "1", at, passedResult);
  const { text } = await scrape({
    vaults: [
      vaultIn(here, keyring, { keep: { last: 1 } }),
      vaultIn(there, keyring, { name: "far", region: "us", replicaOf: "near", open: () => openVault(there) }),
      vaultIn(here, keyring, { name: "locked", open: () => Promise.resolve(locked) }),
    ],
    runs: [runs],
    disks: { near: here },
    objectives: { rtoMs: 900_000, rpoMs: 300_000 },
  });
  return text;
}

describe("the dashboard", () => {
  it("is what its source says (else: npm run docs)", () => {
    expect(readFileSync(join(root, grafanaFile), "utf8")).toBe(grafanaDashboard());
  });

  it.skipIf(isSkipped)("asks only what gives data", async () => {
    const text = await everything();
    const stretch = { text, atMs: systemClock.nowMs(), minutes: 120, isMoving: true };
    const queries = Object.values(dashboardRows).flatMap((row) => row.flatMap((panel) => Object.values(panel.queries)));
    expect(queries.length).toBeGreaterThan(20);
    const asked = queries.map((query) => ({
      expr: `count(${query.replaceAll("$vault", ".*")}) > bool 0`,
      eval_time: "119m",
      exp_samples: [{ labels: "{}", value: 1 }],
    }));
    // A disk that fills, which the one of this test does not.
    const filling = {
      series: 'falkordrill_disk_free_bytes{disk="filling"}',
      values: Array.from({ length: 120 }, (_, at) => 1e12 - at * 1e9).join(" "),
    };
    const test = { interval: "1m", input_series: [...linesOverTime([stretch]), filling], promql_expr_test: asked };
    const file = join(folder, "queries.test.yaml");
    writeFileSync(file, stringify({ evaluation_interval: "1m", tests: [test] }, { aliasDuplicateObjects: false }));
    const { status, stdout, stderr } = await runCommand("promtool", ["test", "rules", file], { timeoutMs: 60_000 });
    expect([status, `${stdout}${stderr}`]).toEqual([0, expect.stringContaining("SUCCESS")]);
  });
});

describe("the stack", () => {
  interface Service {
    readonly command?: string | readonly string[];
    readonly volumes?: readonly string[];
    readonly secrets?: readonly string[];
  }
  const compose = parse(readFileSync(join(monitoring, "docker-compose.monitoring.yml"), "utf8")) as {
    readonly services: Readonly<Record<string, Service>>;
    readonly secrets: Readonly<Record<string, { readonly file: string }>>;
  };
  const services = Object.values(compose.services);

  it("mounts files that are there, and secrets that are named", () => {
    const mounted = services.flatMap(({ volumes = [] }) => volumes.map((volume) => volume.split(":")[0] ?? ""));
    const own = mounted.filter((path) => path.startsWith("."));
    expect(own.length).toBeGreaterThan(5);
    expect(own.filter((path) => !existsSync(join(monitoring, path)))).toEqual([]);
    expect(services.flatMap(({ secrets = [] }) => secrets).filter((name) => !(name in compose.secrets))).toEqual([]);
    const ignored = readFileSync(join(root, ".gitignore"), "utf8");
    for (const { file } of Object.values(compose.secrets)) expect(ignored).toContain(join("monitoring", file));
  });

  it("starts a monitor with flags that it has", () => {
    const flags = String(compose.services["monitor"]?.command).match(/--[\w-]+/g) ?? [];
    const known =
      readFileSync(join(root, "docs/reference/commands.md"), "utf8").split("## falkordrill monitor")[1] ?? "";
    expect(flags.length).toBeGreaterThan(4);
    expect(flags.filter((flag) => !known.includes(`${flag} `))).toEqual([]);
  });

  it.skipIf(isSkipped)("has a configuration that Prometheus takes", async () => {
    const file = join(monitoring, "prometheus.yaml");
    const checked = await runCommand("promtool", ["check", "config", "--syntax-only", file], { timeoutMs: 60_000 });
    expect([checked.status, checked.stdout]).toEqual([0, expect.stringContaining("SUCCESS")]);
  });
});
