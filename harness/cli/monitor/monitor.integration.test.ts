// `falkordrill monitor` as a process, as Prometheus meets it: two processes say the same, and nothing without the token.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { environment } from "../../base/environment.ts";
import { packageRoot } from "../../base/package.ts";
import { Keyring } from "../../vault/keys/keyring.ts";
import { writeValidation } from "../../vault/store/validation.ts";
import { backupFolder, initVault, readManifest, writeManifest } from "../../vault/store/vault.ts";
import { appendEntry } from "../../vault/catalogue/append.ts";
import { storeTestChain } from "../../vault/testing/test-vault.ts";
import { withoutLooks } from "../../monitor/testing/scrape.ts";
import { falkordrill } from "../testing/command-line.ts";

vi.setConfig({ testTimeout: 60_000 });
const root = await mkdtemp(join(tmpdir(), "falkordrill-monitor-command-"));
const vault = join(root, "vault");
const keyring = new Keyring(`${vault}-keys`);
await keyring.generate("signer", "s", "interop");
await keyring.generate("recipient", "r", "interop");
const store = await initVault(vault);
const id = await storeTestChain(store, keyring, "2026-11-21T03:00:00.000Z", { increments: 2, nodes: 500 });
await nameGraph('hostile "graph"\\\n} 1\n# HELP falkordrill_lie x\u202e', id);
const proof = { at: "2026-11-22T03:00:00.000Z", ok: true, problems: [], phases: [], offset: 7 };
await writeValidation(store, backupFolder(id), proof, await keyring.signer());
const token = "0123456789abcdef-of-the-test";
await writeFile(join(root, "token"), `${token}\n`, { mode: 0o600 });
const config = join(root, "falkordrill.config.yaml");
await writeFile(
  config,
  `objectives: { rto: 15m, rpo: 5m }
monitor:
  vaults:
    - { name: near, region: eu, vault: vault, keep: { daily: 7 } }
  disks: { source: . }
`,
);

const running = new Set<ChildProcess>();
afterAll(async () => {
  for (const child of running) child.kill("SIGKILL");
  await rm(root, { recursive: true });
});

/** A graph may have any name. */
async function nameGraph(name: string, point: string): Promise<void> {
  const manifest = await readManifest(store, point, keyring);
  const content = { graphs: [{ name, nodes: 500, edges: 0, schema: 0 }], schemas: [], udfLibraries: [] };
  const sha256 = await writeManifest(store, { ...manifest, content }, await keyring.signer());
  await appendEntry({ store, keyring }, () => [{ does: "added", point, sha256 }]);
}

interface Process {
  readonly url: string;
  readonly child: ChildProcess;
  readonly stderr: () => string;
}

async function start(...more: readonly string[]): Promise<Process> {
  const bin = join(packageRoot(), "bin", "falkordrill.js");
  const args = [bin, "monitor", "--config", config, "--listen", "127.0.0.1:0", ...more];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  let stderr = "";
  child.stderr.on("data", (text) => (stderr += String(text)));
  for await (const line of createInterface(child.stdout)) return { url: line, child, stderr: () => stderr };
  throw new Error(`it ended: ${stderr}`);
}

async function scrapeOf({ url }: Process, withToken: string = token): Promise<{ status: number; text: string }> {
  const answer = await fetch(url, { headers: { authorization: `Bearer ${withToken}` } });
  return { status: answer.status, text: await answer.text() };
}

/** What the disk and the time alone change. */
function lasting(text: string): string {
  return withoutLooks(text).replaceAll(/^falkordrill_(?:disk_|vault_growth_).*$/gm, "");
}

describe("falkordrill monitor", () => {
  let first: Process;
  beforeAll(async () => {
    first = await start("--token-file", "token");
  });

  const isMissing = spawnSync("promtool", ["--version"]).error !== undefined;
  const isSkipped = isMissing && !environment().requireBrowser;
  it.skipIf(isSkipped)("says what promtool finds no fault with, whatever a graph is called", async () => {
    const { text } = await scrapeOf(first);
    expect(text).toContain(String.raw`graph="hostile \"graph\"\\\n} 1\n# HELP falkordrill_lie x`);
    const { status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], { input: text, encoding: "utf8" });
    expect([`${stdout}${stderr}`, status]).toEqual(["", 0]);
  });

  it("says the same after it was killed and started anew, and ends at SIGTERM", async () => {
    const { status, text } = await scrapeOf(first);
    expect([status, first.stderr()]).toEqual([200, ""]);
    expect((await scrapeOf(first, `${token}x`)).status).toBe(403);
    first.child.kill("SIGKILL");
    const second = await start("--no-token");
    const again = await scrapeOf(second);
    expect(lasting(again.text)).toBe(lasting(text));
    expect(text).toContain(
      'falkordrill_vault_restore_proven_timestamp_seconds{vault="near",region="eu",depth="property"} 1795316400\n',
    );
    expect(text).toContain('falkordrill_objective_seconds{objective="rpo"} 300\n');
    expect(text).toMatch(/^falkordrill_disk_free_bytes\{disk="source"\} \d+$/m);
    const ended = new Promise((resolve) => second.child.once("exit", resolve));
    second.child.kill("SIGTERM");
    expect(await ended).toBe(0);
  });

  it.each([
    ["nobody named who may read", [], "it was not said who may read the metrics"],
    ["both", ["--token-file", "token", "--no-token"], "give --token-file or --no-token, not both"],
    ["a short token", ["--token-file", "short"], "the token is too short"],
    [
      "others may connect in clear",
      ["--no-token", "--listen", "0.0.0.0:0"],
      "the monitor does not listen on 0.0.0.0 without TLS",
    ],
    ["half a certificate", ["--no-token", "--tls-cert", "x"], "--tls-cert and --tls-key go together"],
    ["no port", ["--no-token", "--listen", "localhost"], "is not an address such as"],
    ["a disk without a folder", ["--no-token", "--disk", "x="], "is not <name>=<folder>"],
    ["too often", ["--no-token", "--every", "10ms"], "--every 10ms is too short"],
    ["a bucket without keys", ["--no-token", "--vault", "s3://bucket/p"], "a vault on S3 needs --keys"],
  ])("ends with 2 where %s", async (_, flags, message) => {
    await writeFile(join(root, "short"), "short\n", { mode: 0o600 });
    const ended = await falkordrill(["monitor", "--config", config, ...flags], root);
    expect([ended.code, ended.stderr, ended.stdout]).toEqual([2, expect.stringContaining(message), ""]);
  });
});
