// `vault prune`, `vault pin`, `vault unpin`: what stays in a vault, what goes, and why.
import { type Command, Option } from "commander";
import { usageError } from "../../base/errors.ts";
import { formatBytes, formatCount } from "../../base/units.ts";
import { incrementId } from "../../vault/retention/inventory.ts";
import { pin, unpin } from "../../vault/store/pin.ts";
import { prune, type PointDecision, type PruneResult } from "../../vault/retention/prune.ts";
import { parseAge, type RetentionPolicy } from "../../vault/retention/retention.ts";
import { backupFolder, openVault, parsePoint } from "../../vault/store/vault.ts";
import { paintOut } from "../terminal/style.ts";
import { keyringOf, print, vaultCommand, givenVault, type VaultFlags } from "./options.ts";
import { linePrinter, stoppable } from "./progress.ts";

/** Rules of a prune, which other commands take as well. */
export interface KeepFlags {
  readonly keepLast?: string;
  readonly keepWithin?: string;
  readonly keepDaily?: string;
  readonly keepWeekly?: string;
  readonly keepMonthly?: string;
  readonly keepYearly?: string;
  readonly keepAll?: boolean;
  readonly zone: string;
}

interface PruneFlags extends VaultFlags, KeepFlags {
  readonly dryRun?: boolean;
}

interface PinFlags extends VaultFlags {
  readonly why: string;
}

const countMax = 10_000;
/** Leftover paths of crashed runs that are listed; --json has all of them. */
const pathsShown = 10;

export function registerVaultPrune(vault: Command): void {
  const command = vaultCommand(
    vault,
    "prune",
    "remove what no rule keeps, and what crashed runs left; prints why the rest is kept",
  );
  keepOptions(command)
    .option("--dry-run", "print what would be removed, and remove nothing")
    .addHelpText(
      "after",
      "\nWhatever the rules, these stay: the newest restore point, the newest one that a verify found good, what is\n" +
        "pinned, what a running restore or archiver uses, what the store has locked, and everything that a restore point which stays is built upon.",
    )
    .action(pruneCommand);
  vaultCommand(vault, "pin <id>", "keep a backup, or an increment <id>/<number>, whatever the rules of a prune say")
    .requiredOption("--why <text>", "the reason, shown to later users")
    .action(pinCommand);
  vaultCommand(vault, "unpin <id>", "let the rules of a prune decide on it again").action(unpinCommand);
}

export function keepOptions(command: Command): Command {
  return command
    .option("--keep-last <n>", "the newest n backups")
    .option("--keep-within <age>", "every restore point and moment of this span: 12h, 7d, 4w")
    .option("--keep-daily <n>", "one backup of each of the last n days that have any")
    .option("--keep-weekly <n>", "one of each of the last n weeks (ISO 8601) that have any")
    .option("--keep-monthly <n>", "one of each of the last n months that have any")
    .option("--keep-yearly <n>", "one of each of the last n years that have any")
    .option("--keep-all", "every restore point: only what crashed runs left goes")
    .addOption(
      new Option("--zone <name>", "IANA time zone in which a day is a day").default(
        Intl.DateTimeFormat().resolvedOptions().timeZone,
        "that of this machine",
      ),
    );
}

async function pruneCommand(flags: PruneFlags): Promise<void> {
  const store = await openVault(givenVault(flags));
  const keyring = await keyringOf(flags);
  const dryRun = flags.dryRun === true;
  const request = { rules: rulesOf(flags), zone: flags.zone, dryRun, progress: linePrinter() };
  const outcome = await stoppable((signal) => prune({ store, keyring }, { ...request, signal }));
  print(flags, { dryRun, zone: flags.zone, ...outcome }, linesOf(outcome, dryRun));
}

export function rulesOf(flags: KeepFlags): RetentionPolicy {
  const counts = {
    last: countOf("--keep-last", flags.keepLast),
    daily: countOf("--keep-daily", flags.keepDaily),
    weekly: countOf("--keep-weekly", flags.keepWeekly),
    monthly: countOf("--keep-monthly", flags.keepMonthly),
    yearly: countOf("--keep-yearly", flags.keepYearly),
  };
  return {
    ...counts,
    ...(flags.keepWithin === undefined ? {} : { within: parseAge(flags.keepWithin) }),
    ...(flags.keepAll === true ? { all: true } : {}),
  };
}

function countOf(flag: string, text: string | undefined): number {
  if (text === undefined) return 0;
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= countMax) return count;
  throw usageError(`${flag} ${text} is not a whole number from 1 to ${countMax}`);
}

function linesOf({ decisions, garbage, leftAlone }: PruneResult, dryRun: boolean): readonly string[] {
  const removed = decisions.filter(({ keep }) => !keep);
  const kept = decisions.filter(({ keep }) => keep);
  const verb = dryRun ? "would remove" : "removed";
  const left =
    garbage.objects === 0
      ? ""
      : `; ${verb} ${formatCount(garbage.objects)} object${garbage.objects === 1 ? "" : "s"} of crashed runs, ${formatBytes(garbage.bytes)}`;
  return [
    ...runsOf(decisions).map((run) => runLine(run, dryRun)),
    ...leftAlone,
    ...garbage.paths
      .slice(0, pathsShown)
      .map((path) => `${dryRun ? "remove" : "gone  "}  ${path}, which a crashed run left`),
    `kept ${sumOf(kept)}; ${verb} ${sumOf(removed)}${left}`,
  ];
}

/** An archive has thousands of increments: those of one backup with the same decision share one line. */
function runsOf(decisions: readonly PointDecision[]): readonly (readonly PointDecision[])[] {
  const runs: PointDecision[][] = [];
  for (const decision of decisions) {
    const before = runs.at(-1);
    if (before?.[0] !== undefined && kindOf(before[0]) === kindOf(decision)) before.push(decision);
    else runs.push([decision]);
  }
  return runs;
}

function kindOf({ id, keep, reasons }: PointDecision): string {
  const [base, number] = id.split("/");
  return number === undefined ? id : `${base} ${keep} ${reasons.map((reason) => reason.split(" ")[0]).join()}`;
}

function runLine(run: readonly PointDecision[], dryRun: boolean): string {
  const [newest] = run;
  if (newest === undefined) return "";
  const { id, at, keep, reasons } = newest;
  const word = keep ? "keep  " : paintOut("yellow", dryRun ? "remove" : "gone  ");
  const bytes = run.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
  const why = [...reasons, ...(run.length > 1 ? [`and ${formatCount(run.length - 1)} before it`] : [])];
  return `${word}  ${id.padEnd(34)}  ${at}  ${formatBytes(bytes).padStart(10)}  ${why.join(", ")}`.trimEnd();
}

function sumOf(decisions: readonly PointDecision[]): string {
  const bytes = decisions.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
  return `${formatCount(decisions.length)} restore point${decisions.length === 1 ? "" : "s"}, ${formatBytes(bytes)}`;
}

async function pinCommand(id: string, flags: PinFlags): Promise<void> {
  const store = await openVault(givenVault(flags));
  await stoppable((signal) => pin(store, folderOfPoint(id), flags.why, signal));
  print(flags, { pinned: id, why: flags.why }, [`pinned ${id}: ${flags.why}`]);
}

async function unpinCommand(id: string, flags: VaultFlags): Promise<void> {
  const store = await openVault(givenVault(flags));
  const wasPinned = await stoppable((signal) => unpin(store, folderOfPoint(id), signal));
  print(flags, { unpinned: id, wasPinned }, [wasPinned ? `unpinned ${id}` : `${id} was not pinned`]);
}

/** `<id>`, or `<id>/<number>` for an increment. */
function folderOfPoint(id: string): string {
  const { base, number } = parsePoint(id);
  return number === 0 ? backupFolder(base) : `segments/${incrementId(base, number)}`;
}
