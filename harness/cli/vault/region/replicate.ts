// `vault replicate`: a second vault, elsewhere, with every restore point of the first. Once, or until Ctrl-C.
import { isDeepStrictEqual } from "node:util";
import { type Command, Option } from "commander";
import { DrillError, exitCodes, usageError } from "../../../base/errors.ts";
import { shellWord } from "../../../base/invocation.ts";
import { oneLine } from "../../../base/one-line.ts";
import { formatBytes, formatCount, formatDuration, parseDuration, parseRate } from "../../../base/units.ts";
import { follow, type FollowStatus } from "../../../vault/replicate/follow.ts";
import { mustBeTwo } from "../../../vault/replicate/leases.ts";
import { parseWindow, RateLimit } from "../../../vault/parts/rate-limit.ts";
import { type Copied, Replicator, type ReplicatedMoment, type Round } from "../../../vault/replicate/replicator.ts";
import { refuseWrongKeyring } from "../../../vault/catalogue/wrong-keyring.ts";
import { Calendar } from "../../../vault/retention/calendar.ts";
import type { Keyring } from "../../../vault/keys/keyring.ts";
import type { Store } from "../../../vault/store/store.ts";
import { openVault, type VaultPlace } from "../../../vault/store/vault.ts";
import { givenVault, keyringOf, print, type VaultFlags } from "../options.ts";
import { compareHelp, compareOf } from "./compare.ts";
import { probeLockHelp, probeLockOf } from "./probe-lock.ts";
import { linePrinter, stoppable } from "../progress.ts";
import { flagValue } from "../../flag-value.ts";

/** More often is a burden on both vaults, and gains nothing. */
const everyMinMs = 50;

const pointsShown = 3;

interface ReplicateFlags extends Pick<VaultFlags, "keys" | "passphraseFile" | "passphraseFd" | "json"> {
  readonly from?: string;
  readonly fromEndpoint?: string;
  readonly fromRegion?: string;
  readonly fromAwsProfile?: string;
  readonly to: string;
  readonly toEndpoint?: string;
  readonly toRegion?: string;
  readonly toAwsProfile?: string;
  readonly follow?: boolean;
  readonly every: string;
  readonly compareEvery: string;
  readonly giveUp: string;
  readonly statusEvery: string;
  readonly maxRate?: string;
  readonly maxRateAt?: readonly string[];
  readonly zone: string;
  readonly probeLock?: boolean;
  readonly compare?: string | true;
}

export function registerVaultReplicate(vault: Command): void {
  vault
    .command("replicate")
    .description(
      "copy the restore points that a second vault lacks; removes nothing there and needs no secret recipient key",
    )
    .option("--from <place>", "the vault to copy from: a folder, or s3://bucket/prefix")
    .requiredOption("--to <place>", "the vault to copy into; `vault init` makes one")
    .option("--from-endpoint <url>", "address of the S3 store of --from (default: AWS_ENDPOINT_URL)")
    .option("--from-region <name>", "region of its bucket (default: AWS_REGION, or what the AWS profile says)")
    .option("--from-aws-profile <name>", "AWS profile with its credentials (default: those of every AWS program)")
    .option("--to-endpoint <url>", "the same for --to")
    .option("--to-region <name>", "the same for --to")
    .option("--to-aws-profile <name>", "the same for --to: credentials of its own, which need not be able to delete")
    .option(
      "--keys <dir>",
      "folder of the key ring: trusts the signers, signs the catalogue there (default: <from>-keys)",
    )
    .option("--passphrase-file <file>", "file that holds the passphrase of the secret keys")
    .option("--passphrase-fd <n>", "file descriptor to read that passphrase from, e.g. 3 with 3< <(pass show backup)")
    .option("--follow", "go on until Ctrl-C, and copy what comes to the first vault")
    .option("--every <duration>", "with --follow: how often the newest chain is looked at", "1s")
    .option("--compare-every <duration>", "with --follow: how often both vaults are compared as a whole", "1m")
    .option("--give-up <duration>", "with --follow: how long a vault that fails is tried again", "1h")
    .option("--status-every <duration>", "with --follow: how often to say how far it is", "10s")
    .option("--max-rate <size>", "send at most so many bytes a second, e.g. 20MiB")
    .option(
      "--max-rate-at <times=size>",
      "another limit at a time of day: 08:00-18:00=5MiB, 22:00-06:00=none; as often as needed",
      (text: string, before: readonly string[] | undefined) => [...(before ?? []), text],
    )
    .addOption(
      new Option("--zone <name>", "IANA time zone of those times").default(
        Intl.DateTimeFormat().resolvedOptions().timeZone,
        "that of this machine",
      ),
    )
    .option("--compare [depth]", "copy nothing: compare both vaults by records (the default), listing or bytes")
    .option("--probe-lock", "copy nothing: attack locked objects in the store of --to, and say whether its locks lock")
    .option("--json", "print one JSON document on stdout; with --follow one a line, of which the last is the summary")
    .addHelpText("after", `\n${compareHelp}\n\n${probeLockHelp}`)
    .action(replicate);
}

async function replicate(flags: ReplicateFlags): Promise<void> {
  const fromFlags = vaultFlags(flags, "from");
  const toPlace = givenVault(vaultFlags(flags, "to"));
  if (flags.probeLock === true) {
    await probeLockOf(flags, toPlace);
    return;
  }
  if (flags.from === undefined)
    throw usageError("--from is missing", "Give the vault to copy from, or --probe-lock to test the locks of --to.");
  const fromPlace = givenVault(fromFlags);
  if (isDeepStrictEqual(fromPlace, givenVault({ ...vaultFlags(flags, "to"), side: "from" })))
    throw usageError(`--from and --to are the same vault, ${flags.from}`);
  const keyring = await keyringOf({ ...flags, ...fromFlags });
  if (flags.compare !== undefined) {
    const vaults = { from: await openVault(fromPlace), to: await openTo(toPlace, keyring) };
    for (const store of Object.values(vaults)) await refuseWrongKeyring({ store, keyring });
    await compareOf({ ...flags, compare: flags.compare }, keyring, vaults);
    return;
  }
  const limit = new RateLimit({
    ...(flags.maxRate === undefined ? {} : { bytesPerSecond: flagValue("--max-rate", flags.maxRate, parseRate) }),
    windows: (flags.maxRateAt ?? []).map(parseWindow),
    calendar: new Calendar(flags.zone),
  });
  const times = {
    everyMs: flagValue("--every", flags.every, parseDuration),
    roundEveryMs: flagValue("--compare-every", flags.compareEvery, parseDuration),
    giveUpMs: flagValue("--give-up", flags.giveUp, parseDuration),
  };
  if (times.everyMs < everyMinMs) throw usageError(`--every ${flags.every} is too often; ${everyMinMs}ms is the least`);
  const [from, to] = [await openVault(fromPlace), await openTo(toPlace, keyring)];
  // It would report each restore point, and leave a lease.
  for (const store of [from, to]) await refuseWrongKeyring({ store, keyring });
  await mustBeTwo({ from, to });
  const progress = linePrinter();
  await stoppable(async (signal) => {
    const options = { limit, progress, signal };
    await using replicator = await Replicator.create({ from, to, keyring }, options);
    if (flags.follow !== true) {
      const round = await replicator.round();
      await replicator.end();
      report(flags, { from: from.where, to: to.where }, replicator.copied, replicator.newest, round);
      return;
    }
    const onStatus = statusReporter(flags);
    const { copied, newest, lagMaxMs, last } = await follow(replicator, { ...options, ...times, onStatus });
    report(flags, { from: from.where, to: to.where, lagMaxMs }, copied, newest, last);
  });
}

/** A second vault has the key ring of the first. */
async function openTo(place: VaultPlace, { folder }: Keyring): Promise<Store> {
  try {
    return await openVault(place);
  } catch (error) {
    if (!(error instanceof DrillError) || error.hint?.includes(" vault init ") !== true) throw error;
    throw usageError(error.message, `${error.hint} --keys ${shellWord(folder)}`);
  }
}

function vaultFlags(flags: ReplicateFlags, side: "from" | "to"): VaultFlags {
  const [endpoint, region, awsProfile] = [flags[`${side}Endpoint`], flags[`${side}Region`], flags[`${side}AwsProfile`]];
  return { vault: flags[side], endpoint, region, awsProfile, side };
}

const noRound: Round = { problems: [], repaired: [], onlyThere: [], removedThere: [] };

/** The first problem decides: a second vault that is not what it seems is worse than none. */
function report(
  flags: ReplicateFlags,
  what: { readonly from: string; readonly to: string; readonly lagMaxMs?: number },
  copied: Readonly<Copied>,
  newest: ReplicatedMoment | undefined,
  round: Round | undefined,
): void {
  const { problems, repaired, onlyThere, removedThere } = round ?? noRound;
  const document = { ...what, compared: round !== undefined, copied, newest: newest ?? null, ...(round ?? noRound) };
  const moment =
    newest === undefined ? "" : `; newest moment ${newest.at}, ${formatDuration(newest.lagMs)} old when it arrived`;
  const lines = [
    ...problems.map((problem) => `PROBLEM: ${problem}`),
    ...repaired.map((folder) => `repaired: ${folder} had lost a part in ${what.to}, and is whole again`),
    ...newestOf(`only in ${what.to}`, onlyThere),
    ...newestOf("removed there by its own rules, and not copied again", removedThere),
    ...(round === undefined ? ["stopped before both were compared: more may be lacking"] : []),
    copied.backups + copied.increments + repaired.length === 0
      ? round === undefined || problems.length > 0
        ? `copied nothing into ${what.to}`
        : `nothing to copy: ${what.to} lacks nothing`
      : `copied ${copiedWords(copied)} into ${what.to}${moment}`,
  ];
  // With --follow the statuses are lines of JSON already, of which this is the last.
  if (flags.follow === true && flags.json === true) printTyped(flags, "summary", document, "");
  else print(flags, document, lines);
  if (problems.length > 0) process.exitCode = exitCodes.dataWrong;
}

/** Such points only become more, run after run; --json names all of them. */
function newestOf(what: string, points: readonly string[]): readonly string[] {
  const shown = points.toSorted().slice(-pointsShown);
  const more = points.length - shown.length;
  return [...shown.map((point) => `${what}: ${point}`), ...(more > 0 ? [`${what}: ${formatCount(more)} more`] : [])];
}

function copiedWords({ backups, increments, objects, bytes }: Readonly<Copied>): string {
  const plural = (count: number, noun: string): string => `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
  const points = [
    ...(backups === 0 ? [] : [plural(backups, "backup")]),
    ...(increments === 0 ? [] : [plural(increments, "increment")]),
  ];
  return points.length === 0 ? "nothing" : `${points.join(" and ")}, ${plural(objects, "part")}, ${formatBytes(bytes)}`;
}

/** The first of so many statuses is printed, and each in which something new is wrong. */
function statusReporter(flags: ReplicateFlags): (status: FollowStatus) => void {
  const every = Math.max(
    1,
    Math.round(
      flagValue("--status-every", flags.statusEvery, parseDuration) / flagValue("--every", flags.every, parseDuration),
    ),
  );
  let beat = 0;
  let known: readonly string[] = [];
  return ({ copied, newest, lagMaxMs, last }) => {
    const problems = last?.problems ?? [];
    const isNew = problems.some((problem) => !known.includes(problem));
    known = problems;
    for (const problem of isNew ? problems : []) printTyped(flags, "problem", { problem }, `PROBLEM: ${problem}`);
    if (beat++ % every !== 0) return;
    const line =
      newest === undefined
        ? "in step; nothing came yet"
        : `in step up to ${newest.at}, which took ${formatDuration(newest.lagMs)} to arrive; the slowest ${formatDuration(Math.max(lagMaxMs, newest.lagMs))}; copied ${copiedWords(copied)}`;
    printTyped(flags, "status", { copied, newest: newest ?? null, lagMaxMs }, line);
  };
}

function printTyped({ json }: ReplicateFlags, type: string, document: object, line: string): void {
  if (json === true) process.stdout.write(`${JSON.stringify({ type, ...document })}\n`);
  else process.stderr.write(`${oneLine(line)}\n`);
}
