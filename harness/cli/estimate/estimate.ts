// `falkordrill estimate`: what a backup of a server will take, and a recovery, before one is made. Exit 12 where the
// recovery is foretold to take longer than the objective.
import type { Command } from "commander";
import type { ForetoldRecovery } from "../../../reports/analysis/foretold.ts";
import { address, parseServerUrl } from "../../base/endpoint.ts";
import { exitCodes } from "../../base/errors.ts";
import { systemClock } from "../../base/clock.ts";
import { formatBytes, formatCount, formatDuration, parseDuration } from "../../base/units.ts";
import type { ServerEstimate } from "../../vault/estimate/estimate-server.ts";
import { flagValue } from "../flag-value.ts";
import { type LookedAt, lookedAt, lookedAtCommand, type LookedAtFlags } from "../monitor/looked-at.ts";
import { addServerFlags, overridesOf, type ServerFlags } from "../server-flags.ts";
import { interruptible } from "../terminal/interrupt.ts";

interface EstimateFlags extends LookedAtFlags, ServerFlags {
  readonly url: string;
  readonly rto?: string;
  readonly json?: boolean;
}

export function registerEstimate(program: Command): void {
  const command = program
    .command("estimate")
    .description("size of a backup, memory and recovery time of a server, from a small sample; it only reads")
    .requiredOption("--url <redis-url>", "the FalkorDB that would be backed up");
  lookedAtCommand(addServerFlags(command))
    .option("--rto <duration>", "limit of a recovery (default: objectives.rto of the configuration)")
    .option("--json", "print the estimate as JSON")
    .action((flags: EstimateFlags) => interruptible((signal) => run(flags, signal)));
}

async function run(flags: EstimateFlags, signal: AbortSignal): Promise<void> {
  const { estimateServer } = await import("../../vault/estimate/estimate-server.ts");
  const endpoint = parseServerUrl(flags.url, await overridesOf(flags));
  const looked = await lookedAt(flags);
  const server = await estimateServer(endpoint, signal);
  const limitMs = flags.rto === undefined ? looked.objectives.rtoMs : flagValue("--rto", flags.rto, parseDuration);
  const recoveries = await recoveriesOf(looked, server, limitMs, signal);
  const where = address(endpoint);
  const lines = [...serverLines(where, server), ...recoveryLines(looked, recoveries)];
  const document = { server: where, ...server, limitSeconds: limitMs && limitMs / 1000, recoveries };
  process.stdout.write(`${flags.json === true ? JSON.stringify(document, undefined, 2) : lines.join("\n")}\n`);
  if (limitMs !== undefined && recoveries.some(({ seconds }) => seconds * 1000 > limitMs))
    process.exitCode = exitCodes.objectiveMissed;
}

async function recoveriesOf(
  { vaults }: LookedAt,
  { rawBytes }: ServerEstimate,
  limitMs: number | undefined,
  signal: AbortSignal,
): Promise<readonly ForetoldRecovery[]> {
  if (vaults.length === 0) return [];
  const [{ readVaultHistory }, { foretellRecovery }] = await Promise.all([
    import("../../analyze/vault-history.ts"),
    import("../../../reports/analysis/foretold.ts"),
  ]);
  const limitSeconds = limitMs === undefined ? undefined : limitMs / 1000;
  const found: ForetoldRecovery[] = [];
  for (const vault of vaults) {
    const foretold = foretellRecovery(await readVaultHistory(vault, signal), {
      rawBytes,
      nowMs: systemClock.nowMs(),
      limitSeconds,
    });
    if (foretold !== undefined) found.push(foretold);
  }
  return found;
}

function serverLines(where: string, server: ServerEstimate): readonly string[] {
  const { graphs, nodes, edges, sampled, sampleMs, storedBytes, rawBytes, memoryBytes } = server;
  const counted = `${formatCount(nodes)} nodes and ${formatCount(edges)} edges in ${formatCount(graphs)} ${graphs === 1 ? "graph" : "graphs"}`;
  return [
    `${where}: ${counted}, of which ${formatCount(sampled)} were read in ${formatDuration(sampleMs)}`,
    `  backup     about ${formatBytes(storedBytes)} stored, of ${formatBytes(rawBytes)} in the snapshot`,
    `  memory     ${formatBytes(memoryBytes)} in the server that loads it`,
  ];
}

function recoveryLines({ vaults }: LookedAt, recoveries: readonly ForetoldRecovery[]): readonly string[] {
  if (recoveries.length === 0)
    return [
      vaults.length === 0
        ? "  recovery   unknown: --vault names a vault whose restores were measured"
        : "  recovery   unknown: no verify of the vault has measured a restore yet; run `falkordrill vault verify`",
    ];
  return recoveries.flatMap(({ vault, restores, largestBytes, seconds, interval, forecast }) => {
    const time = (value: number): string => formatDuration(value * 1000);
    const range = interval === undefined ? "" : `, nine of ten between ${time(interval[0])} and ${time(interval[1])}`;
    const from = `from ${formatCount(restores)} measured of ${vault}, the largest of ${formatBytes(largestBytes)}`;
    const breaks =
      forecast === undefined ? [] : [`  objective  ${time(forecast.limit)}: ${saidOf(forecast)}; ${forecast.why}`];
    return [`  recovery   about ${time(seconds)}${range}, ${from}`, ...breaks];
  });
}

function saidOf({ state, breaksAt, earliest, latest }: NonNullable<ForetoldRecovery["forecast"]>): string {
  const day = (at: string): string => at.slice(0, 10);
  if (state === "broken") return "it is broken now";
  if (state === "too short") return "too few backups for a forecast";
  if (breaksAt === undefined) return "it holds at the growth of the backups";
  const range =
    earliest === undefined ? "" : ` (between ${day(earliest)} and ${latest === undefined ? "never" : day(latest)})`;
  return `at the growth of the backups it breaks on ${day(breaksAt)}${range}`;
}
