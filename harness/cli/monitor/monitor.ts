// `falkordrill monitor`: metrics of vaults and drills for Prometheus, in the foreground until Ctrl-C.
import { tmpdir } from "node:os";
import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { systemClock } from "../../base/clock.ts";
import { usageError } from "../../base/errors.ts";
import { readSecretFile } from "../../base/files/secret-file.ts";
import { pasteable } from "../../base/invocation.ts";
import { oneLine } from "../../base/one-line.ts";
import { parseCount, parseDuration } from "../../base/units.ts";
import { pace } from "../../base/timer.ts";
import type { MonitoredVault, MonitorOptions } from "../../monitor/monitor.ts";
import type { VaultSetting } from "../../monitor/settings.ts";
import { isS3Url } from "../../vault/store/s3/s3-place.ts";
import { interruptible } from "../terminal/interrupt.ts";
import { givenVault } from "../vault/options.ts";

interface MonitorFlags {
  readonly vault: readonly string[];
  readonly keys?: string;
  readonly endpoint?: string;
  readonly region?: string;
  readonly runs: readonly string[];
  readonly disk: readonly string[];
  readonly config?: string;
  readonly every: string;
  readonly graphs: string;
  readonly listen: string;
  readonly tokenFile?: string;
  /** Commander's `--no-token`. */
  readonly token: boolean;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
}

export function registerMonitor(program: Command): void {
  const collect = (text: string, before: readonly string[]): readonly string[] => [...before, text];
  program
    .command("monitor")
    .description("metrics of vaults and drills for Prometheus under /metrics, in the foreground until Ctrl-C")
    .option("--vault <place>", "folder of a vault, or s3://bucket/prefix; repeatable", collect, [])
    .option(
      "--keys <dir>",
      "key ring of these vaults (default: <vault>-keys; needed for s3://); public keys are enough",
    )
    .option("--endpoint <url>", "address of an S3 store that is not Amazon's (default: AWS_ENDPOINT_URL)")
    .option("--region <name>", "region of the bucket (default: AWS_REGION, or what the AWS profile says)")
    .option("--runs <dir>", "folder that holds run directories, such as .falkordrill/runs; repeatable", collect, [])
    .option("--disk <name=dir>", "a disk whose free space matters, such as that of the server; repeatable", collect, [])
    .option("--config <file>", "configuration with a part monitor (default: falkordrill.config.* here)")
    .option("--every <duration>", "how often each is looked at", "30s")
    .option("--graphs <n>", "graphs of a vault that have series of their own, the least proven first", "200")
    .option("--listen <address>", "where to listen; other machines can reach it only with TLS", "127.0.0.1:9464")
    .option("--token-file <file>", "file with the bearer token that a scrape needs")
    .option("--no-token", "let everybody read who can connect")
    .option("--tls-cert <file>", "certificate, PEM")
    .option("--tls-key <file>", "its key, PEM")
    .action(watch);
}

async function watch(flags: MonitorFlags): Promise<void> {
  const { host, port } = addressOf(flags.listen);
  const token = await tokenOf(flags);
  const options = await optionsOf(flags);
  const [{ Monitor }, { monitorApp }, { listen }] = await Promise.all([
    import("../../monitor/monitor.ts"),
    import("../../monitor/app.ts"),
    import("../../service/server/listen.ts"),
  ]);
  await interruptible(async (signal) => {
    await using monitor = new Monitor(options);
    const app = monitorApp({ monitor, token, log });
    await using listening = await listen(app, { name: "the monitor", host, port, tls: tlsOf(flags) });
    process.stdout.write(`${listening.url}/metrics\n`);
    while (!signal.aborted) await pace(60_000, signal);
  });
}

function log(line: string): void {
  process.stderr.write(`${new Date(systemClock.nowMs()).toISOString()} ${oneLine(pasteable(line))}\n`);
}

async function tokenOf({ tokenFile, token }: MonitorFlags): Promise<string | undefined> {
  if (tokenFile !== undefined) {
    if (!token) throw usageError("give --token-file or --no-token, not both");
    const text = await readSecretFile(tokenFile);
    const { assertTokens } = await import("../../service/server/coordination/admin-access.ts");
    assertTokens(text);
    return text;
  }
  if (!token) return undefined;
  const hint = "Give --token-file <file>, or --no-token where whoever can connect may read.";
  throw usageError("it was not said who may read the metrics", hint);
}

function tlsOf({ tlsCert, tlsKey }: MonitorFlags): { readonly certFile: string; readonly keyFile: string } | undefined {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) throw usageError("--tls-cert and --tls-key go together");
  return { certFile: tlsCert, keyFile: tlsKey };
}

function addressOf(text: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, port] = /^(?:\[([\da-f:]+)\]|([^:]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host !== undefined && Number(port) <= 65_535) return { host, port: Number(port) };
  throw usageError(`--listen ${text} is not an address such as 127.0.0.1:9464 or [::1]:9464`);
}

async function optionsOf(flags: MonitorFlags): Promise<MonitorOptions> {
  const { loadConfig } = await import("../../drill/run/config.ts");
  const { policyOf } = await import("../../monitor/settings.ts");
  const { keyringBeside } = await import("../../system/reference/reference.ts");
  const { openVault } = await import("../../vault/store/vault.ts");
  const loaded = await loadConfig(flags.config);
  const folder = loaded === undefined ? "." : dirname(loaded.path);
  const { vaults = [], runs = [], disks = {} } = loaded?.config.monitor ?? {};
  const { rto, rpo } = loaded?.config.objectives ?? {};
  const given = (text: string | undefined): number | undefined =>
    text === undefined ? undefined : parseDuration(text);
  const monitored = (setting: VaultSetting, from: string): MonitoredVault => {
    const { name, vault, region = "", keys, endpoint, awsRegion, awsProfile, replicaOf, keep, zone } = setting;
    const path = isS3Url(vault) ? vault : resolve(from, vault);
    const place = givenVault({ vault: path, endpoint, region: awsRegion, awsProfile });
    const ring = keys === undefined ? keyringBeside(place) : resolve(from, keys);
    return {
      name,
      region,
      open: () => openVault(place),
      keys: ring,
      replicaOf,
      keep: keep && policyOf(keep),
      zone,
      ...(typeof place === "string" ? { folder: place } : {}),
    };
  };
  const flagged = flags.vault.map((vault) => {
    const s3 = isS3Url(vault) ? { endpoint: flags.endpoint, awsRegion: flags.region } : {};
    return monitored({ name: vault, vault, keys: flags.keys, ...s3 }, ".");
  });
  const all = [...vaults.map((setting) => monitored(setting, folder)), ...flagged];
  return {
    vaults: all,
    runs: [...runs.map((path) => resolve(folder, path)), ...flags.runs],
    disks: {
      temp: tmpdir(),
      ...Object.fromEntries(all.flatMap(({ name, folder: path }) => (path === undefined ? [] : [[name, path]]))),
      ...Object.fromEntries(Object.entries(disks).map(([name, path]) => [name, resolve(folder, path)])),
      ...Object.fromEntries(flags.disk.map((text) => diskOf(text))),
    },
    objectives: { rtoMs: given(rto), rpoMs: given(rpo) },
    everyMs: everyOf(flags.every),
    graphsMax: parseCount(flags.graphs),
    log,
  };
}

function everyOf(text: string): number {
  const everyMs = parseDuration(text);
  if (everyMs >= 1000) return everyMs;
  throw usageError(`--every ${text} is too short`, "Give at least 1s.");
}

function diskOf(text: string): readonly [name: string, folder: string] {
  const at = text.indexOf("=");
  if (at > 0 && at < text.length - 1) return [text.slice(0, at), resolve(text.slice(at + 1))];
  throw usageError(`--disk ${text} is not <name>=<folder>`, "Give for example --disk source=/var/lib/falkordb.");
}
