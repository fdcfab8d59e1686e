// `vault archive`: follows a FalkorDB for as long as it runs, so that any moment can be restored. Ctrl-C ends it in good
// order.
import type { Command } from "commander";
import { environmentError, exitCodes, usageError } from "../../base/errors.ts";
import { oneLine } from "../../base/one-line.ts";
import { parseBytes, parseDuration } from "../../base/units.ts";
import { serverAt } from "../../engine/server-at.ts";
import { writeMetrics } from "./archive-metrics.ts";
import { ReferenceArchiver } from "../../vault/archive/archiver.ts";
import type { ProofStatus, ProveOptions } from "../../vault/archive/background-proof.ts";
import { type ArchiveStatus, proofWords, statusLine } from "../../vault/archive/archive-status.ts";
import { namingWrongKeyring } from "../../vault/catalogue/wrong-keyring.ts";
import { addServerFlags, overridesOf, type ServerFlags } from "../server-flags.ts";
import { coordinatorOf, type ServiceFlags } from "./backup.ts";
import { backupContextOf, vaultCommand, type VaultFlags } from "./options.ts";
import { linePrinter, stoppable } from "./progress.ts";
import { isolatedEngines } from "./server.ts";
import { flagValue } from "../flag-value.ts";

const proveEveryMinMs = 1000;

interface ArchiveFlags extends VaultFlags, ServerFlags, ServiceFlags {
  readonly url: string;
  readonly profile: string;
  readonly segmentBytes: string;
  readonly segmentAge: string;
  readonly backlog: string;
  readonly buffer: string;
  readonly giveUp: string;
  readonly statusEvery: string;
  readonly proveEvery?: string;
  readonly engine: string;
  readonly metrics?: string;
}

export function registerVaultArchive(vault: Command): void {
  addServerFlags(
    vaultCommand(
      vault,
      "archive",
      "follow a running FalkorDB, so that every moment of it can be restored; until Ctrl-C",
    ),
  )
    .requiredOption("--url <redis-url>", "the FalkorDB, e.g. redis://127.0.0.1:6379")
    .option("--service <http-url>", "the graph service whose writes pause for the cut of a full backup")
    .option("--service-token-file <file>", "file that holds the bearer token of that service")
    .option("--profile <name>", "interop (opens with gpg and zstd), modern (SEIPDv2 with GCM)", "interop")
    .option("--segment-bytes <size>", "seal a segment when it holds this much of the stream", "8MiB")
    .option("--segment-age <duration>", "or when its first change is this old: what a crash can cost", "10s")
    .option("--backlog <size>", "how much the server keeps for an archiver that was away, at least", "64MiB")
    .option("--buffer <size>", "how much may wait in memory for a slow vault", "16MiB")
    .option("--give-up <duration>", "how long a server or a vault that fails is tried again", "1h")
    .option("--status-every <duration>", "how often to say how far it is", "10s")
    .option(
      "--prove-every <duration>",
      "how often to restore the chain into an isolated engine and compare it with the source, e.g. 1d; never by default",
    )
    .option("--engine <kind>", "of those isolated engines: auto, embedded, container", "auto")
    .option("--metrics <file>", "keep a file for the textfile collector of node_exporter up to date")
    .action(archive);
}

/** docs/internals/chains.md says which. */
const notProven =
  "not covered without --prove-every: some writes that fail on the source make later changes of its stream wrong, and " +
  "nothing but a proof shows it";

async function archive(flags: ArchiveFlags): Promise<void> {
  const coordinator = await coordinatorOf(flags);
  const context = await backupContextOf(flags);
  const prove = await proveOptions(flags);
  const report = statusReporter(flags);
  await stoppable(async (signal) => {
    const options = {
      source: serverAt(flags.url, await overridesOf(flags)),
      coordinator,
      progress: { ...linePrinter(), note: (line: string) => report.note(line) },
      signal,
      segmentBytes: flagValue("--segment-bytes", flags.segmentBytes, parseBytes),
      segmentAgeMs: flagValue("--segment-age", flags.segmentAge, parseDuration),
      backlogBytes: flagValue("--backlog", flags.backlog, parseBytes),
      bufferBytes: flagValue("--buffer", flags.buffer, parseBytes),
      giveUpMs: flagValue("--give-up", flags.giveUp, parseDuration),
      ...(prove === undefined ? {} : { prove }),
      onStatus: (status: ArchiveStatus) => report.status(status),
    };
    await using archiver = await namingWrongKeyring(context, () => ReferenceArchiver.start(context, options));
    report.begin(archiver);
    if (prove === undefined) report.note(notProven);
    await archiver.ended;
    report.end(archiver);
    process.exitCode = archiveExitCode(archiver.proof);
  });
}

/** Checked before the server is touched: an archive that cannot be proven is not what was asked for. */
async function proveOptions({ proveEvery, engine }: ArchiveFlags): Promise<ProveOptions | undefined> {
  const engines = isolatedEngines(engine);
  if (proveEvery === undefined) return undefined;
  const everyMs = flagValue("--prove-every", proveEvery, parseDuration);
  if (everyMs < proveEveryMinMs) throw usageError(`--prove-every ${proveEvery} is too often; 1s is the least`);
  const why = await engines.unavailable();
  if (why !== undefined) throw environmentError(`a proof needs an engine, and there is none: ${why}`);
  return { everyMs, engines };
}

/** Exit code: a chain that was found wrong counts even if it was since replaced; else the last proof decides. */
export function archiveExitCode(proof: ProofStatus | undefined): number {
  if (proof === undefined) return exitCodes.pass;
  if (proof.wrong > 0) return exitCodes.dataWrong;
  if (proof.isUnloadable === true) return exitCodes.notRecovered;
  return proof.notCarriedOut !== undefined ? exitCodes.inconclusive : exitCodes.pass;
}

interface StatusReporter {
  begin(archiver: ReferenceArchiver): void;
  note(line: string): void;
  status(status: ArchiveStatus): void;
  end(archiver: ReferenceArchiver): void;
}

/** Reports status as plain lines on stderr; with --json as lines of JSON on stdout, of which the last is the summary. */
function statusReporter(flags: ArchiveFlags): StatusReporter {
  const beats = Math.max(1, Math.round(flagValue("--status-every", flags.statusEvery, parseDuration) / 1000));
  let beat = 0;
  let last: ArchiveStatus | undefined;
  const json = (type: string, document: object): void =>
    void process.stdout.write(`${JSON.stringify({ type, ...document })}\n`);
  const line = (text: string): void => void process.stderr.write(`${oneLine(text)}\n`);
  return {
    begin: ({ base }) => {
      if (flags.json === true) json("following", { base });
      else line(`following ${base}; Ctrl-C ends it in good order`);
    },
    note: (text) => (flags.json === true ? json("note", { text }) : line(text)),
    status: (status) => {
      last = status;
      if (flags.metrics !== undefined) writeMetrics(flags.metrics, status);
      if (beat++ % beats !== 0) return;
      if (flags.json === true) json("status", status);
      else line(statusLine(status));
    },
    end: ({ sealed, proof }) => {
      if (flags.json === true) json("summary", { ...sealed, last, proof });
      else {
        const reached = `chain ${sealed?.base ?? "?"} reaches ${sealed?.at ?? "?"}, offset ${String(sealed?.offset)}`;
        process.stdout.write(`${oneLine(`${reached}${proof === undefined ? "" : `; ${proofWords(proof)}`}`)}\n`);
      }
    },
  };
}
