// The vaults, run directories and disks that `monitor` and `analyze` look at: those of the configuration, and those of flags.
import { tmpdir } from "node:os";
import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { usageError } from "../../base/errors.ts";
import { parseDuration } from "../../base/units.ts";
import type { MonitoredVault } from "../../monitor/monitor.ts";
import type { OperateSetting, VaultSetting } from "../../monitor/settings.ts";
import { isS3Url } from "../../vault/store/s3/s3-place.ts";
import { givenVault } from "../vault/options.ts";
import { flagValue } from "../flag-value.ts";

export interface LookedAtFlags {
  readonly vault: readonly string[];
  readonly keys?: string;
  readonly endpoint?: string;
  readonly region?: string;
  readonly runs: readonly string[];
  readonly config?: string;
}

export interface LookedAt {
  readonly vaults: readonly (MonitoredVault & { readonly place: string })[];
  readonly runs: readonly string[];
  readonly logs: readonly string[];
  readonly disks: Readonly<Record<string, string>>;
  /** The setting, with the folder of the configuration, to which its paths are relative. */
  readonly operate?: { readonly setting: OperateSetting; readonly cwd: string };
  readonly objectives: {
    readonly rtoMs?: number | undefined;
    readonly rpoMs?: number | undefined;
    readonly windowMs?: number | undefined;
    readonly monthlyCost?: number | undefined;
  };
}

export function collect(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}

export function lookedAtCommand(command: Command): Command {
  return command
    .option("--vault <place>", "folder of a vault, or s3://bucket/prefix; repeatable", collect, [])
    .option(
      "--keys <dir>",
      "key ring of these vaults (default: <vault>-keys; needed for s3://); public keys are enough",
    )
    .option("--endpoint <url>", "address of an S3 store that is not Amazon's (default: AWS_ENDPOINT_URL)")
    .option("--region <name>", "region of the bucket (default: AWS_REGION, or what the AWS profile says)")
    .option("--runs <dir>", "folder that holds run directories, such as .falkordrill/runs; repeatable", collect, [])
    .option("--config <file>", "configuration with a part monitor (default: falkordrill.config.* here)");
}

export async function lookedAt(flags: LookedAtFlags): Promise<LookedAt> {
  const { loadConfig } = await import("../../drill/run/config.ts");
  const { policyOf } = await import("../../monitor/settings.ts");
  const { keyringBeside } = await import("../../system/reference/reference.ts");
  const { openVault } = await import("../../vault/store/vault.ts");
  const loaded = await loadConfig(flags.config);
  const folder = loaded === undefined ? "." : dirname(loaded.path);
  const { vaults = [], runs = [], logs = [], disks = {}, operate } = loaded?.config.monitor ?? {};
  const { rto, rpo, window, monthlyCost } = loaded?.config.objectives ?? {};
  const given = (name: string, text: string | undefined): number | undefined =>
    text === undefined ? undefined : flagValue(`objectives.${name}`, text, parseDuration);
  const looked = (setting: VaultSetting, from: string): LookedAt["vaults"][number] => {
    const {
      name,
      vault,
      region = "",
      keys,
      endpoint,
      awsRegion,
      awsProfile,
      replicaOf,
      keep,
      zone,
      archiveMetrics,
    } = setting;
    const path = isS3Url(vault) ? vault : resolve(from, vault);
    const place = givenVault({ vault: path, endpoint, region: awsRegion, awsProfile });
    const ring = keys === undefined ? keyringBeside(place) : resolve(from, keys);
    return {
      name,
      region,
      place: path,
      open: () => openVault(place),
      keys: ring,
      replicaOf,
      keep: keep && policyOf(keep),
      zone,
      archiveMetrics: archiveMetrics && resolve(from, archiveMetrics),
      ...(typeof place === "string" ? { folder: place } : {}),
    };
  };
  const flagged = flags.vault.map((vault) => {
    const s3 = isS3Url(vault) ? { endpoint: flags.endpoint, awsRegion: flags.region } : {};
    return looked({ name: vault, vault, keys: flags.keys, ...s3 }, ".");
  });
  const all = [...vaults.map((setting) => looked(setting, folder)), ...flagged];
  return {
    vaults: all,
    runs: [...runs.map((path) => resolve(folder, path)), ...flags.runs],
    logs: logs.map((path) => resolve(folder, path)),
    disks: {
      temp: tmpdir(),
      ...Object.fromEntries(all.flatMap(({ name, folder: path }) => (path === undefined ? [] : [[name, path]]))),
      ...Object.fromEntries(Object.entries(disks).map(([name, path]) => [name, resolve(folder, path)])),
    },
    ...(operate === undefined ? {} : { operate: { setting: operate, cwd: resolve(folder) } }),
    objectives: { rtoMs: given("rto", rto), rpoMs: given("rpo", rpo), windowMs: given("window", window), monthlyCost },
  };
}

export function diskOf(text: string): readonly [name: string, folder: string] {
  const at = text.indexOf("=");
  if (at > 0 && at < text.length - 1) return [text.slice(0, at), resolve(text.slice(at + 1))];
  throw usageError(`--disk ${text} is not <name>=<folder>`, "Give for example --disk source=/var/lib/falkordb.");
}
