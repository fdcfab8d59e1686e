// `vault restore`: into a running, empty FalkorDB, or as an RDB file for another server. Safe to run in a
// hurry: nothing is touched unless the backup is intact, and existing data is never replaced.
import { resolve } from "node:path";
import type { Command } from "commander";
import { usageError } from "../../base/errors.ts";
import { formatBytes, formatCount, formatDuration } from "../../base/units.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import type { Progress } from "../../base/progress.ts";
import { serverAt } from "../../engine/server-at.ts";
import type { RecoveryTarget } from "../../vault/chain/find-moment.ts";
import type { RestoreResult } from "../../vault/restore/load-job.ts";
import type { Phase } from "../../base/phases.ts";
import { restoreBackup } from "../../vault/restore/restore.ts";
import { restoreLogically } from "../../vault/logical/restore-logical.ts";
import { restoreGraph } from "../../vault/restore/restore-graph.ts";
import { isolatedEngines } from "./server.ts";
import type { BackupContext } from "../../vault/backup/backup.ts";
import type { InPlaceResult } from "../../vault/in-place/in-place-work.ts";
import { restoreInPlace } from "../../vault/in-place/restore-in-place.ts";
import { partBytesDefault } from "../../vault/parts/write-parts.ts";
import type { Engine } from "../../engine/engine.ts";
import { type InPlaceFlags, inPlaceRequest, refuseStrayFlags, rolledBack } from "./restore-in-place.ts";
import type { Store } from "../../vault/store/store.ts";
import { openEither } from "../../vault/replicate/either-store.ts";
import { openVault } from "../../vault/store/vault.ts";
import { writeRdb } from "../../vault/restore/write-rdb.ts";
import { addServerFlags, overridesOf, type ServerFlags } from "../server-flags.ts";
import { type AskedMoment, momentAsked, passedOver } from "../../vault/restore/asked-moment.ts";
import { mayRestoreFrom } from "../../vault/restore/may-restore.ts";
import { keyringOf, print, vaultCommand, givenVault, type VaultFlags } from "./options.ts";
import type { CleanUp } from "../terminal/interrupt.ts";
import { rollBackTimeoutMs } from "../../vault/in-place/roll-back.ts";
import { linePrinter, stoppable } from "./progress.ts";

interface RestoreFlags extends VaultFlags, ServerFlags, InPlaceFlags {
  readonly to?: string;
  readonly rdbOut?: string;
  readonly at?: string;
  readonly trustWayBack?: boolean;
  readonly graph?: string;
  readonly as?: string;
  readonly logical?: boolean;
  readonly allowMissing?: boolean;
  readonly secondVault?: string;
  readonly secondEndpoint?: string;
  readonly secondRegion?: string;
  readonly secondAwsProfile?: string;
}

export function registerVaultRestore(vault: Command): void {
  addServerFlags(vaultCommand(vault, "restore [id]", "restore a backup; without an id or with `latest` the newest one"))
    .option("--to <redis-url>", "into this running FalkorDB, which must be empty unless it is --in-place")
    .option("--second-vault <place>", "a replica of the vault, read where --vault does not answer, or not any more")
    .option("--second-endpoint <url>", "address of the S3 store of --second-vault (default: AWS_ENDPOINT_URL)")
    .option("--second-region <name>", "region of its bucket (default: AWS_REGION, or what the AWS profile says)")
    .option("--second-aws-profile <name>", "AWS profile with its credentials (default: those of every AWS program)")
    .option("--at <moment>", "a moment: a time (ISO 8601), an offset, the id of a backup or increment, or `latest`")
    .option("--rdb-out <file>", "write the decrypted RDB here (0600), to start a server of your own from it")
    .option("--graph <name>", "only this graph, into a --to that may hold others and goes on working")
    .option("--as <name>", "with --graph: under this name")
    .option(
      "--logical",
      "by a reader of our own, where an engine cannot load its own dump, or is of another version; beside other graphs",
    )
    .option("--allow-faulty", "also what a backup, a verify or a proof found wrong; it is said, and restored")
    .option(
      "--allow-missing",
      "also from a vault in which backups are missing or were exchanged; it is said, and restored",
    )
    .option(
      "--trust-way-back",
      "into a rediss: server: the network from it back to this machine, over which the snapshot goes in clear, is trusted",
    )
    .option(
      "--in-place",
      "replace what --to holds: proven beside first, kept as a pinned backup, rolled back on a failure",
    )
    .option("--service <http-url>", "with --in-place: the graph service whose writes are paused meanwhile")
    .option("--service-token-file <file>", "file that holds the bearer token of that service")
    .option("--refuse-writes", "with --in-place and no --service: the server answers writes with an error meanwhile")
    .option("--yes", "with --in-place: replace what the server holds")
    .option("--roll-back", "with --in-place: bring back what --to held before a restore in place that was interrupted")
    .option("--keep-indexes", "leave indexes as they are loaded (slower with increments)")
    .action(restoreCommand);
}

/** What was there is brought back first, however long that takes. */
const cleanUp: CleanUp = {
  graceMs: rollBackTimeoutMs,
  onLeft:
    "The server may refuse writes now, and hold something else than before: " +
    "falkordrill vault list says what was begun and how to end it; a restore that was not in place is run once more.",
};

async function restoreCommand(id: string | undefined, flags: RestoreFlags): Promise<void> {
  refuseStrayFlags(flags);
  if (flags.as !== undefined && flags.graph === undefined) throw usageError("--as goes with --graph");
  if ((flags.to === undefined) === (flags.rdbOut === undefined))
    throw usageError(
      `a restore takes one of --to <redis-url> and --rdb-out <file>, and ${flags.to === undefined ? "neither was" : "both were"} given`,
      "--to loads an empty, running server; --rdb-out makes a dump.rdb for a server that is started from it.",
    );
  const progress = linePrinter();
  const context: BackupContext = {
    store: await storeOf(flags, progress),
    keyring: await keyringOf(flags),
    profile: "interop",
    partBytes: partBytesDefault,
  };
  if (flags.rollBack === true) {
    const target = await targetOf(flags);
    const words = await stoppable(
      async (signal) =>
        rolledBack(
          context,
          await inPlaceRequest(flags, { point: id ?? "rollback", at: undefined, target }, progress, signal),
        ),
      cleanUp,
    );
    print(flags, { words }, [words]);
    return;
  }
  for (const note of await mayRestoreFrom(context, { id, at: flags.at }, flags.allowMissing === true))
    progress.note(note);
  const { point, at } = await momentAsked(context, id, flags.at);
  if (at !== undefined && flags.rdbOut !== undefined)
    throw usageError(
      "a moment after a backup needs a running server, and --rdb-out has none",
      "Give --to <redis-url> in its place; --rdb-out takes a backup itself.",
    );
  if (id === undefined || id === "latest")
    for (const why of await passedOver(context, point)) progress.note(`NOT RESTORED: ${why}`);
  if (flags.logical === true) return await logically(flags, context, { point, at }, progress);
  if (flags.graph !== undefined) return await oneGraph(flags, flags.graph, context, { point, at }, progress);
  const faultyToo = { allowFaulty: flags.allowFaulty === true };
  const {
    phases,
    reached,
    safety,
    notes = [],
  } = await stoppable<Restored>(
    (signal) =>
      flags.rdbOut === undefined
        ? intoServer(context, point, { ...flags, moment: at }, progress, signal)
        : writeRdb(context, { point, progress, signal, ...faultyToo }, resolve(flags.rdbOut)).then(
            (written): Restored => ({
              phases: written,
            }),
          ),
    flags.rdbOut === undefined ? cleanUp : {},
  );
  const where = reached === undefined ? "" : `, at ${reached.at} (offset ${reached.offset})`;
  const complete = reached?.completeAt;
  const known = complete === undefined ? [] : [`everything that was acknowledged at ${complete} is in it`];
  const into = flags.rdbOut === undefined ? "" : ` to ${resolve(flags.rdbOut)}`;
  const note = into === "" ? [] : [appendOnlyNote];
  const kept = safety === undefined ? [] : [`what was there before is the backup ${safety}, which is pinned`];
  print(flags, { point, reached, safety, notes, phases }, [
    `restored ${point}${where}${into}`,
    ...known,
    ...kept,
    ...notes,
    ...note,
    ...phases.map(phaseLine),
  ]);
}

async function storeOf(flags: RestoreFlags, progress: Progress): Promise<Store> {
  const { secondVault: vault, secondEndpoint: endpoint, secondRegion: region, secondAwsProfile: awsProfile } = flags;
  if (vault === undefined) {
    const stray = [endpoint, region, awsProfile].some((flag) => flag !== undefined);
    if (stray) throw usageError("--second-endpoint, --second-region and --second-aws-profile go with --second-vault");
    return await openVault(givenVault(flags));
  }
  const second = givenVault({ vault, endpoint, region, awsProfile, side: "second" });
  return await openEither(givenVault(flags), second, (line) => progress.note(line));
}

async function oneGraph(
  flags: RestoreFlags,
  graph: string,
  context: BackupContext,
  { point, at }: AskedMoment,
  progress: Progress,
): Promise<void> {
  if (flags.to === undefined || flags.inPlace === true)
    throw usageError("--graph goes with --to, and neither with --rdb-out nor with --in-place");
  const { as = graph, allowFaulty = false } = flags;
  // The key goes over the connection to the target, so that needs no way back.
  const target = serverAt(flags.to, await overridesOf(flags));
  const request = { point, graph, as, target, engines: isolatedEngines("auto"), progress, allowFaulty };
  const moment = at === undefined ? {} : { at };
  const restored = await stoppable((signal) => restoreGraph(context, { ...request, ...moment, signal }));
  const { nodes, edges, phases, reached } = restored;
  const where = reached === undefined ? "" : `, at ${reached.at} (offset ${reached.offset})`;
  const what = `${formatCount(nodes)} nodes and ${formatCount(edges)} edges`;
  print(flags, { point, graph, as, ...restored }, [
    `restored the graph ${JSON.stringify(graph)} of ${point}${where} as ${JSON.stringify(as)}: ${what}`,
    ...phases.map(phaseLine),
  ]);
}

async function logically(
  flags: RestoreFlags,
  context: BackupContext,
  { point, at }: AskedMoment,
  progress: Progress,
): Promise<void> {
  if (flags.to === undefined || flags.inPlace === true)
    throw usageError("--logical goes with --to, and neither with --rdb-out nor with --in-place");
  if (at !== undefined)
    throw usageError(
      "--logical restores a backup itself, and a moment after it was asked for",
      "Give the id of a backup, without --at.",
    );
  const { graph: name, as = name } = flags;
  const target = serverAt(flags.to, await overridesOf(flags));
  const graph = name === undefined || as === undefined ? {} : { graph: { name, as } };
  const restored = await stoppable((signal) =>
    restoreLogically(context, { point, target, progress, signal, ...graph }),
  );
  print(flags, { point, ...restored }, [
    ...restored.graphs.map(
      ({ name: was, as: is, nodes, edges }) =>
        `restored the graph ${JSON.stringify(was)} of ${point} as ${JSON.stringify(is)}: ${formatCount(nodes)} nodes and ${formatCount(edges)} edges, proven equal`,
    ),
    ...(restored.keys + restored.libraries === 0
      ? []
      : [`with ${formatCount(restored.keys)} other keys and ${formatCount(restored.libraries)} function libraries`]),
    ...restored.phases.map(phaseLine),
  ]);
}

const appendOnlyNote =
  "a server with `appendonly yes` ignores this file: start it with `appendonly no`, then run CONFIG SET appendonly yes";

type Restored = Pick<RestoreResult, "phases" | "reached"> & Partial<Pick<InPlaceResult, "safety" | "notes">>;

async function intoServer(
  context: BackupContext,
  point: string,
  flags: RestoreFlags & { readonly moment: RecoveryTarget | undefined },
  progress: Progress,
  signal: AbortSignal,
): Promise<Restored> {
  const target = await targetOf(flags);
  const { moment, allowFaulty = false, keepIndexes = false } = flags;
  if (flags.inPlace === true)
    return await restoreInPlace(context, await inPlaceRequest(flags, { point, at: moment, target }, progress, signal));
  const at = moment === undefined ? {} : { at: moment };
  const request = { point, way: "wire", engines: embeddedEngines(), target, progress, signal } as const;
  return await restoreBackup(context, { ...request, ...at, allowFaulty, keepIndexes });
}

async function targetOf(flags: RestoreFlags): Promise<Engine> {
  const target = serverAt(flags.to ?? "", await overridesOf(flags));
  if (target.endpoint.tls !== undefined && flags.trustWayBack !== true)
    throw usageError(
      "the target would fetch the decrypted snapshot from this machine in clear, and its URL asks for TLS",
      "Add --trust-way-back if the network between the two is trusted, or take --rdb-out.",
    );
  return target;
}

export function phaseLine({ name, ms, bytes }: Phase): string {
  return `  ${name.padEnd(22)} ${formatDuration(ms).padStart(10)}${bytes === undefined ? "" : `  ${formatBytes(bytes)}`}`;
}
