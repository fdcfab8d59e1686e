// The monitor, Prometheus and Alertmanager as processes, with the files of monitoring/ at a second where they say a minute: what is
// wrong with a real vault comes to a webhook, ends there when it is mended, and is not buried when nothing is known any more.
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { systemClock } from "../../harness/base/clock.ts";
import { environment } from "../../harness/base/environment.ts";
import { packageRoot } from "../../harness/base/package.ts";
import { freePort } from "../../harness/base/process/ports.ts";
import { privateFolder } from "../../harness/base/process/reaper.ts";
import { waitFor } from "../../harness/base/wait.ts";
import { Keyring } from "../../harness/vault/keys/keyring.ts";
import { initVault } from "../../harness/vault/store/vault.ts";
import { storeTestChain } from "../../harness/vault/testing/test-vault.ts";
import { type ChildServer, startChildServer } from "../../fixtures/object-stores/child-server.ts";

interface Delivered {
  readonly status: "firing" | "resolved";
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

const programs = ["prometheus", "prometheus-alertmanager"];
const isMissing = programs.some((program) => spawnSync(program, ["--version"]).error !== undefined);
const monitoring = join(packageRoot(), "monitoring");
const resources = new AsyncDisposableStack();
const { path: folder } = resources.use(await privateFolder("delivery"));
const delivered: Delivered[] = [];
afterAll(() => resources.disposeAsync());

/** Port of a webhook that keeps what comes. */
async function listen(): Promise<number> {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += String(chunk)));
    request.on("end", () => {
      delivered.push(...(JSON.parse(body) as { alerts: readonly Delivered[] }).alerts);
      response.end();
    });
  });
  resources.use(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
}

async function copyOf(name: string, ...changes: readonly (readonly [RegExp, string])[]): Promise<void> {
  let content = readFileSync(join(monitoring, name), "utf8");
  for (const [pattern, replacement] of changes) {
    expect(content).toMatch(pattern);
    content = content.replaceAll(pattern, replacement);
  }
  await writeFile(join(folder, name), content);
}

function start(program: string, ...args: readonly string[]): ChildServer {
  return resources.use(startChildServer(program, args, folder));
}

/** Alerts that came since so many had, once one of them is this one. */
async function untilDelivered(alert: string, status: Delivered["status"], since = 0): Promise<Delivered> {
  const isIt = (one: Delivered): boolean => one.labels["alertname"] === alert && one.status === status;
  return await waitFor(() => delivered.slice(since).find((one) => isIt(one)), {
    what: `${alert} to be delivered as ${status}`,
    timeoutMs: 60_000,
  });
}

describe.skipIf(isMissing && !environment().requireBrowser)("alerts of a vault", { timeout: 240_000 }, () => {
  it("come to a webhook, end there, and are held back where no metrics come in", async () => {
    const keyring = new Keyring(join(folder, "vault-keys"));
    await keyring.generate("signer", "s", "interop");
    await keyring.generate("recipient", "r", "interop");
    const vault = await initVault(join(folder, "vault"));
    await writeFile(join(folder, "token"), "0123456789abcdef-of-the-test\n", { mode: 0o600 });
    const [monitor, prometheus, alertmanager, webhook] = [
      await freePort(),
      await freePort(),
      await freePort(),
      await listen(),
    ];
    await copyOf("falkordrill.rules.yaml", [/\b1m$/gm, "1s"]);
    await copyOf("alertmanager.yaml", [/: (?:10s|1m)$/gm, ": 1s"], [/127\.0\.0\.1:9095/g, `127.0.0.1:${webhook}`]);
    await writeFile(
      join(folder, "prometheus.yaml"),
      `global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [falkordrill.rules.yaml]
alerting: { alertmanagers: [{ static_configs: [{ targets: ["127.0.0.1:${alertmanager}"] }] }] }
scrape_configs:
  - job_name: falkordrill
    authorization: { credentials_file: token }
    static_configs: [{ targets: ["127.0.0.1:${monitor}"] }]
`,
    );
    const bin = join(packageRoot(), "bin", "falkordrill.js");
    const of = ["--vault", "vault", "--token-file", "token", "--every", "1s", "--listen", `127.0.0.1:${monitor}`];
    const watching = start(process.execPath, bin, "monitor", ...of);
    const own = (port: number): string => `--web.listen-address=127.0.0.1:${port}`;
    const kept = ["--storage.path=alerts", "--cluster.listen-address="];
    start("prometheus-alertmanager", "--config.file=alertmanager.yaml", ...kept, own(alertmanager));
    start("prometheus", "--config.file=prometheus.yaml", "--storage.tsdb.path=series", own(prometheus));

    const { labels, annotations } = await untilDelivered("FalkorDrillNothingRestorable", "firing");
    expect(labels).toMatchObject({ vault: "vault", severity: "critical" });
    expect(annotations["summary"]).toBe("Nothing in the vault vault can be restored");
    expect(annotations["runbook_url"]).toMatch(/alerts\.md#falkordrillnothingrestorable$/);
    expect(await untilDelivered("FalkorDrillNeverProven", "firing")).toBeDefined();

    const before = delivered.length;
    await storeTestChain(vault, keyring, new Date(systemClock.nowMs() - 3_600_000).toISOString());
    expect(await untilDelivered("FalkorDrillNothingRestorable", "resolved", before)).toBeDefined();

    const mended = delivered.length;
    await watching[Symbol.asyncDispose]();
    expect(await untilDelivered("FalkorDrillMonitorDown", "firing", mended)).toBeDefined();
    const held = await waitFor(
      async () => {
        const answer = await fetch(
          `http://127.0.0.1:${alertmanager}/api/v2/alerts?filter=alertname="FalkorDrillVaultVanished"`,
        );
        const [alert] = (await answer.json()) as { status: { state: string; inhibitedBy: readonly string[] } }[];
        return alert?.status.state === "suppressed" ? alert.status.inhibitedBy.length : undefined;
      },
      { what: "the vault that vanished to be held back", timeoutMs: 60_000 },
    );
    expect([held, delivered.filter((one) => one.labels["alertname"] === "FalkorDrillVaultVanished")]).toEqual([1, []]);
  });
});
