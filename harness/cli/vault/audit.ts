// `vault audit`: whether a vault is what its catalogue and this key ring's memory say, and who did what in it.
import { resolve } from "node:path";
import type { Command } from "commander";
import { exitCodes, usageError } from "../../base/errors.ts";
import { formatCount } from "../../base/units.ts";
import { verifyAuditLog } from "../../service/server/coordination/audit-log.ts";
import { adopt } from "../../vault/catalogue/adopt.ts";
import { checkVault } from "../../vault/catalogue/check-vault.ts";
import type { CatalogueEntry, CatalogueEvent } from "../../vault/catalogue/entry.ts";
import { readCatalogue } from "../../vault/catalogue/read-catalogue.ts";
import { openVault } from "../../vault/store/vault.ts";
import { givenVault, keyringOf, print, vaultCommand, type VaultFlags } from "./options.ts";

interface AuditFlags extends VaultFlags {
  readonly adopt?: boolean;
  readonly head?: string;
  readonly last: string;
  readonly serviceLog?: string;
}

export function registerVaultAudit(vault: Command): void {
  vaultCommand(vault, "audit", "check that nothing was removed, put back or brought in, and print who did what")
    .option("--last <n>", "how many entries to print; --json has all of them", "20")
    .option("--head <number:sha256>", "an entry noted earlier, as this command prints it, that must still be there")
    .option(
      "--service-log <file>",
      "also the audit log of a graph service or a monitor: its pauses, and what it started",
    )
    .option("--adopt", "take what is there now for what should be there: a vault of an earlier version, a known loss")
    .action(audit);
}

async function audit(flags: AuditFlags): Promise<void> {
  const store = await openVault(givenVault(flags));
  const context = { store, keyring: await keyringOf(flags) };
  const adopted = flags.adopt === true ? await adopt(context) : undefined;
  const { head, problems: found, notes } = await checkVault(context, 1);
  const entries = head === undefined ? [] : ((await readCatalogue(store, context.keyring, 1))?.entries ?? []);
  const problems = found.map(({ message }) => message);
  if (flags.head !== undefined) problems.push(...missingHead(flags.head, entries));
  const log = flags.serviceLog === undefined ? undefined : await verifyAuditLog(resolve(flags.serviceLog));
  if (log?.problem !== undefined)
    problems.push(`the audit log of the service is broken at line ${log.problem.line}: ${log.problem.why}`);
  if (problems.length > 0) process.exitCode = exitCodes.dataWrong;
  const document = { head: head ?? null, problems, notes, entries: entries.map(({ entry }) => entry), serviceLog: log };
  print(flags, adopted === undefined ? document : { ...document, adopted }, [
    ...entries.slice(-countOf(flags.last)).flatMap(({ entry }) => linesOf(entry)),
    ...(adopted?.accepted ?? []).map((problem) => `ADOPTED: ${problem}`),
    ...problems.map((problem) => `PROBLEM: ${problem}`),
    ...notes,
    ...(log === undefined
      ? []
      : [`service log: ${formatCount(log.entries)} entries, the last has the hash ${log.lastHash}`]),
    head === undefined ? "no catalogue" : `head ${head.number}:${head.sha256}`,
  ]);
}

function countOf(text: string): number {
  if (/^\d{1,8}$/.test(text) && Number(text) > 0) return Number(text);
  throw usageError(`--last ${text} is not a whole number from 1`);
}

function missingHead(
  text: string,
  entries: readonly { readonly entry: CatalogueEntry; readonly sha256: string }[],
): readonly string[] {
  const [, number, sha256] = /^(\d{1,8}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (number === undefined)
    throw usageError(
      `--head ${text} is not <number>:<sha256>`,
      "Give the last line of an earlier audit without `head`.",
    );
  const there = entries.find(({ entry }) => entry.number === Number(number));
  return there?.sha256 === sha256 ? [] : [`entry ${number} of the catalogue is not the one that was noted`];
}

function linesOf({ number, at, who, events }: CatalogueEntry): readonly string[] {
  return events.map((event) => `${String(number).padStart(6)}  ${at}  ${wordsOf(event)}  (${who})`);
}

function wordsOf({ does, point, number = 0, why }: CatalogueEvent): string {
  const subject = point === undefined ? "" : ` ${number === 0 ? point : `${point}/${number}`}`;
  return `${does.padEnd(8)}${subject}${why === undefined ? "" : `: ${why}`}`;
}
