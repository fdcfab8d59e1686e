// `vault extend-locks` and `vault hold`: object lock, by which the store itself lets nobody delete what a restore needs.
import { type Command } from "commander";
import { exitCodes, explanationOf, type ExitReason, usageError } from "../../base/errors.ts";
import { pace } from "../../base/timer.ts";
import { formatCount, parseDuration } from "../../base/units.ts";
import { type ExtendedLocks, extendLocks } from "../../vault/object-lock/extend-locks.ts";
import { holdPoint } from "../../vault/object-lock/hold.ts";
import type { RenewalTimes } from "../../vault/object-lock/renewal.ts";
import { objectLockMaxMs } from "../../vault/store/layout.ts";
import { type ObjectLockRule, objectLockModes, type Store } from "../../vault/store/store.ts";
import { openVault, parsePoint } from "../../vault/store/vault.ts";
import { givenVault, keyringOf, print, vaultCommand, type VaultFlags } from "./options.ts";
import { linePrinter, stoppable } from "./progress.ts";
import { type KeepFlags, keepOptions, rulesOf } from "./prune.ts";
import { flagValue } from "../flag-value.ts";

interface ExtendFlags extends VaultFlags, KeepFlags {
  readonly objectLock?: string;
  readonly every: string;
  readonly skipped: string;
  readonly dryRun?: boolean;
  readonly follow?: boolean;
}

interface HoldFlags extends VaultFlags {
  readonly off?: boolean;
}

/** Paths of one kind that are printed; --json has all of them. */
const pathsShown = 5;

export const objectLockForm = "<mode=age>";

/** "compliance=30d" */
export function parseObjectLock(text: string): ObjectLockRule {
  const [, name, age = ""] = /^([a-z]+)=(.+)$/.exec(text) ?? [];
  const mode = objectLockModes.find((one) => one === name);
  if (mode === undefined)
    throw usageError(`--object-lock ${text} is not a mode and an age`, "For example: --object-lock compliance=30d.");
  const forMs = flagValue(`--object-lock ${text}:`, age, parseDuration);
  if (forMs < 1000 || forMs > objectLockMaxMs)
    throw usageError(`--object-lock ${text} is not between a second and ten years`);
  return { mode, forMs };
}

export function registerVaultObjectLock(vault: Command): void {
  const extend = vaultCommand(
    vault,
    "extend-locks",
    "renew the object lock of everything that a kept restore point needs; writes and deletes nothing",
  )
    .option(`--object-lock ${objectLockForm}`, "governance=30d or compliance=30d (default: as given to `vault init`)")
    .option("--every <duration>", "how often this is run", "1d")
    .option("--skipped <n>", "how many runs in a row may not take place", "1")
    .option("--follow", "go on until Ctrl-C, and renew again each time")
    .option("--dry-run", "print what would be renewed, and renew nothing");
  keepOptions(extend)
    .addHelpText(
      "after",
      "\nGive the rules that the prune has: what they do not keep is not renewed. Run it where the credentials of the\n" +
        "backup host are not, with a key ring of public keys. Exit 10: something needed is hidden or was not locked.\n" +
        "12: a renewal was late. 14: the store refused to extend a lock.",
    )
    .action(extendCommand);
  vaultCommand(vault, "hold <id>", "put a backup, with the increments on it (or up to <id>/<number>), under legal hold")
    .option("--off", "lift the hold of the backup and all its increments")
    .action(holdCommand);
}

async function extendCommand(flags: ExtendFlags): Promise<void> {
  const store = await openVault(givenVault(flags));
  const keyring = await keyringOf(flags);
  const times = timesOf(flags, store);
  const basics = { rules: rulesOf(flags), zone: flags.zone, times, dryRun: flags.dryRun === true };
  const progress = linePrinter();
  const once = (signal: AbortSignal): Promise<ExtendedLocks> =>
    extendLocks({ store, keyring }, { ...basics, progress, signal });
  if (flags.follow !== true) {
    report(flags, await stoppable(once));
    return;
  }
  await stoppable(async (signal) => {
    while (!signal.aborted) {
      // The next run does what this one could not; locks stand for several periods.
      await once(signal).then(
        (result) => report(flags, result),
        (error: unknown) => {
          if (signal.aborted) throw error;
          progress.note(`the renewal failed, and is run again: ${explanationOf(error)}`);
        },
      );
      await pace(times.everyMs, signal);
    }
  });
}

function timesOf({ objectLock, every, skipped }: ExtendFlags, { where, objectLocks }: Store): RenewalTimes {
  if (objectLocks === undefined)
    throw usageError(`${where} is a folder, which cannot lock objects`, "Object lock needs a vault on S3.");
  const rule = objectLock === undefined ? objectLocks.rule : parseObjectLock(objectLock);
  if (rule === undefined)
    throw usageError(`${where} was made without object lock`, "Say how to lock: --object-lock compliance=30d.");
  if (!/^\d{1,3}$/.test(skipped)) throw usageError(`--skipped ${skipped} is not a whole number`);
  const everyMs = flagValue("--every", every, parseDuration);
  if (everyMs < 1000) throw usageError(`--every ${every} is too often; 1s is the least`);
  return { rule, everyMs, skippedMax: Number(skipped) };
}

function report(flags: ExtendFlags, result: ExtendedLocks): void {
  print(flags, result, linesOf(result, flags.dryRun === true));
  const exit = exitOf(result);
  if (exit !== undefined) process.exitCode = exitCodes[exit];
}

function exitOf({ hidden, unlocked, late, refused }: ExtendedLocks): ExitReason | undefined {
  if (hidden.length + unlocked.length > 0) return "dataWrong";
  if (late.length > 0) return "objectiveMissed";
  return refused.length > 0 ? "environment" : undefined;
}

function linesOf(result: ExtendedLocks, dryRun: boolean): readonly string[] {
  const { needed, extended, leftToEnd, until, late, unlocked, hidden, refused } = result;
  const verb = dryRun ? "would extend" : "extended";
  return [
    ...some("HIDDEN: a delete marker is before an object that a restore needs", hidden),
    ...some("NOT LOCKED: this vault locks what it writes, and it had no lock", unlocked),
    ...some("LATE: its lock ended, or was to end within one period", late),
    ...some(
      "REFUSED",
      refused.map(({ path, why }) => `${path}: ${why}`),
    ),
    ...(leftToEnd.length === 0
      ? []
      : [`restore points that no rule keeps, left to the end of their locks: ${formatCount(leftToEnd.length)}`]),
    `${verb} ${formatCount(extended)} of ${formatCount(needed)} locks; ` +
      (until === null ? "not all that is needed is locked" : `all that is needed is locked until ${until}`),
  ];
}

function some(what: string, paths: readonly string[]): readonly string[] {
  const more = paths.length - pathsShown;
  return [
    ...paths.slice(0, pathsShown).map((path) => `${what}: ${path}`),
    ...(more > 0 ? [`${what}: ${formatCount(more)} more`] : []),
  ];
}

async function holdCommand(point: string, flags: HoldFlags): Promise<void> {
  const { base: id, number } = parsePoint(point);
  const isOn = flags.off !== true;
  if (!isOn && number > 0)
    throw usageError(`a hold is lifted of a backup and all its increments`, `Give: vault hold --off ${id}`);
  const store = await openVault(givenVault(flags));
  const last = number === 0 ? {} : { last: number };
  const objects = await stoppable((signal) => holdPoint(store, { id, ...last, isOn }, signal));
  const words = isOn ? "is under legal hold" : "is under legal hold no more";
  print(flags, { point, held: isOn, objects }, [`${point} ${words}: ${formatCount(objects)} objects`]);
}
