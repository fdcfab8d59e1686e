// `falkordrill monitor`: pages and metrics of vaults and drills, in the foreground until Ctrl-C.
import { resolve } from "node:path";
import type { Command } from "commander";
import { systemClock } from "../../base/clock.ts";
import { usageError } from "../../base/errors.ts";
import { readSecretFile } from "../../base/files/secret-file.ts";
import { pasteable } from "../../base/invocation.ts";
import { oneLine } from "../../base/one-line.ts";
import { parseCount, parseDuration } from "../../base/units.ts";
import { pace } from "../../base/timer.ts";
import type { OperationsOptions } from "../../monitor/operate/operations.ts";
import type { MonitorOptions } from "../../monitor/monitor.ts";
import { interruptible } from "../terminal/interrupt.ts";
import { collect, diskOf, type LookedAt, lookedAt, lookedAtCommand, type LookedAtFlags } from "./looked-at.ts";
import { flagValue } from "../flag-value.ts";

interface MonitorFlags extends LookedAtFlags {
  readonly disk: readonly string[];
  readonly every: string;
  readonly graphs: string;
  readonly listen: string;
  readonly tokenFile?: string;
  readonly operateTokenFile?: string;
  /** Commander's `--no-token`. */
  readonly token: boolean;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
}

export function registerMonitor(program: Command): void {
  const command = program
    .command("monitor")
    .description("pages and metrics of vaults and drills, for people and Prometheus, in the foreground until Ctrl-C");
  lookedAtCommand(command)
    .option("--disk <name=dir>", "a disk whose free space matters, such as that of the server; repeatable", collect, [])
    .option("--every <duration>", "how often each is looked at", "30s")
    .option("--graphs <n>", "graphs of a vault that have series of their own, the least proven first", "200")
    .option("--listen <address>", "where to listen; other machines can reach it only with TLS", "127.0.0.1:9464")
    .option("--token-file <file>", "file with the bearer token that a scrape needs")
    .option("--operate-token-file <file>", "file with the token of those who may start what monitor.operate names")
    .option("--no-token", "let everybody read who can connect")
    .option("--tls-cert <file>", "certificate, PEM")
    .option("--tls-key <file>", "its key, PEM")
    .action(watch);
}

async function watch(flags: MonitorFlags): Promise<void> {
  const { host, port } = addressOf(flags.listen);
  const token = await tokenOf(flags);
  const { operate: configured, ...looked } = await lookedAt(flags);
  const operateToken = await operateTokenOf(flags, token, configured !== undefined);
  const options = optionsOf(flags, looked);
  const [{ Monitor }, { Operations }, { operateCommands }, { monitorApp }, { listen }] = await Promise.all([
    import("../../monitor/monitor.ts"),
    import("../../monitor/operate/operations.ts"),
    import("../../monitor/operate/commands.ts"),
    import("../../monitor/app.ts"),
    import("../../service/server/listen.ts"),
  ]);
  await interruptible(async (signal) => {
    await using resources = new AsyncDisposableStack();
    const operationsOf = ({ setting, cwd }: NonNullable<LookedAt["operate"]>): OperationsOptions => ({
      folder: resolve(cwd, setting.folder),
      cwd,
      commands: operateCommands(setting),
    });
    const operate =
      operateToken === undefined || configured === undefined
        ? undefined
        : { token: operateToken, operations: resources.use(await Operations.open(operationsOf(configured))) };
    const logs = [...(options.logs ?? []), ...(operate === undefined ? [] : [operate.operations.outputs])];
    await using monitor = new Monitor({ ...options, logs });
    const tls = tlsOf(flags);
    const app = monitorApp({ monitor, token, operate, isTls: tls !== undefined, stopping: signal, log });
    await using listening = await listen(app, { name: "the monitor", host, port, tls });
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

/** Undefined where nothing can be started from a page. */
async function operateTokenOf(
  { operateTokenFile }: MonitorFlags,
  token: string | undefined,
  isConfigured: boolean,
): Promise<string | undefined> {
  if (operateTokenFile === undefined) {
    if (isConfigured) log("nobody may start what monitor.operate names: no --operate-token-file was given");
    return undefined;
  }
  if (!isConfigured)
    throw usageError("--operate-token-file was given, and the configuration has no commands under monitor.operate");
  if (token === undefined)
    throw usageError(
      "--operate-token-file needs --token-file",
      "Who may start something is asked for a token, and so is who reads.",
    );
  const text = await readSecretFile(operateTokenFile);
  const { assertTokens } = await import("../../service/server/coordination/admin-access.ts");
  assertTokens(text, { read: token });
  return text;
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

function optionsOf(flags: MonitorFlags, looked: Omit<LookedAt, "operate">): MonitorOptions {
  return {
    ...looked,
    disks: { ...looked.disks, ...Object.fromEntries(flags.disk.map((text) => diskOf(text))) },
    everyMs: everyOf(flags.every),
    graphsMax: flagValue("--graphs", flags.graphs, parseCount),
    log,
  };
}

function everyOf(text: string): number {
  const everyMs = flagValue("--every", text, parseDuration);
  if (everyMs >= 1000) return everyMs;
  throw usageError(`--every ${text} is too short`, "Give at least 1s.");
}
