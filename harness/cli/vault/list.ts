// `vault list`: what is in a vault, one line a backup, and which of it can be trusted.
import type { Command } from "commander";
import { DrillError, exitCodes, usageError } from "../../base/errors.ts";
import { formatBytes, formatCount } from "../../base/units.ts";
import { lockSummary, type LockSummary, lockSummaryWords } from "../../vault/object-lock/lock-summary.ts";
import { checkVault } from "../../vault/catalogue/check-vault.ts";
import { openRestores } from "../../vault/in-place/open-restores.ts";
import { readInventory } from "../../vault/retention/inventory.ts";
import type { Manifest } from "../../vault/store/manifest.ts";
import { type Pin, readPin } from "../../vault/store/pin.ts";
import { firstFault, readProofs, type StoredProof } from "../../vault/chain/proofs.ts";
import type { RestoreContext } from "../../vault/restore/restore.ts";
import { listSegments, readSegment } from "../../vault/chain/segments.ts";
import { suspicionWords } from "../../vault/store/noise.ts";
import { futureWords } from "../../vault/store/shrinkage.ts";
import { readValidation, type Validation } from "../../vault/store/validation.ts";
import { backupFolder, listBackupIds, openVault, readManifest } from "../../vault/store/vault.ts";
import { keyringOf, print, vaultCommand, givenVault, type VaultFlags } from "./options.ts";
import { stoppable } from "./progress.ts";

interface ListFlags extends VaultFlags {
  readonly full?: boolean;
  readonly locks?: boolean;
}

/** The increments on a backup. */
interface ListedChain {
  readonly count: number;
  readonly until: string;
  readonly offset: number;
  readonly proof: StoredProof | undefined;
  readonly fault: StoredProof | undefined;
}

/** One backup, as `--json` prints it. */
interface ListedBackup {
  readonly id: string;
  readonly at: string;
  readonly offset: number;
  /** These four are null where the snapshot was not understood. */
  readonly graphs: number | null;
  readonly nodes: number | null;
  readonly edges: number | null;
  readonly databases: readonly number[] | null;
  /** Keys that are not graphs; null where an earlier version did not count them. */
  readonly otherKeys: number | null;
  readonly storedBytes: number;
  readonly rawBytes: number;
  readonly profile: string;
  readonly increments: ListedChain | null;
  readonly verified: Pick<Validation, "at" | "ok" | "problems" | "untrusted"> | null;
  readonly pinned: Pin | null;
  /** Why it does not count as the newest backup: its source was empty or had suddenly shrunk. */
  readonly shrunk: string | null;
  /** Why it is suspected to hold noise in place of text. */
  readonly suspicion: string | null;
  /** With --locks: how the store has locked its objects and those of its increments. */
  readonly objectLock: LockSummary | null;
}

/** One whose manifest cannot be trusted says nothing else. */
interface Distrusted {
  readonly id: string;
  readonly damaged: string;
}

export function registerVaultList(vault: Command): void {
  vaultCommand(vault, "list", "list the backups, and which of them can be trusted")
    .option("--full", "with --json: the whole manifest of each")
    .option("--locks", "on S3: also until when the store has locked each, a request for each of its objects")
    .action(list);
}

/** One untrusted backup must not hide the others from a user who needs one now. */
async function list(flags: ListFlags): Promise<void> {
  if (flags.full === true && flags.json !== true) throw usageError("--full goes with --json");
  const store = await openVault(givenVault(flags));
  const keyring = await keyringOf(flags);
  await keyring.verifiers();
  const { problems, notes } = await checkVault({ store, keyring });
  const inventory = await stoppable((signal) => readInventory(store, keyring, signal));
  const found: (ListedBackup | Distrusted)[] = [];
  const documents: object[] = [];
  for (const id of await listBackupIds(store)) {
    try {
      const manifest = await readManifest(store, id, keyring);
      const doubt = inventory.points.get(id)?.point.doubt ?? null;
      const suspicion = manifest.suspicion === undefined ? null : suspicionWords(manifest.suspicion);
      const shrunk = doubt === suspicion ? null : doubt;
      const objectLock =
        flags.locks === true ? await stoppable((signal) => lockSummary(store, inventory, id, signal)) : null;
      const backup = { ...(await summaryOf({ store, keyring }, manifest)), shrunk, suspicion, objectLock };
      // As `vault verify` ends where it finds the same.
      if (isFaulty(backup)) process.exitCode = exitCodes.dataWrong;
      const damaged = [...inventory.damaged].find(([folder]) => folder.split("/")[1] === id)?.[1] ?? null;
      found.push(backup);
      documents.push({ ...backup, damaged, ...(flags.full === true ? { manifest } : {}) });
    } catch (error) {
      if (!(error instanceof DrillError)) throw error;
      const distrusted = { id, damaged: error.message };
      found.push(distrusted);
      documents.push(distrusted);
      process.exitCode = exitCodes.dataWrong;
    }
  }
  // A backup without a manifest, a gap in a chain, increments without their backup: nothing else would report them.
  const damaged = inventory.leftAlone;
  const { restores, problems: untrusted } = await openRestores({ store, keyring });
  const missing = [...problems.map(({ message }) => message), ...untrusted];
  if (damaged.length + missing.length > 0) process.exitCode = exitCodes.dataWrong;
  const lines = tableOf(found);
  lines.push(...damaged.map((why) => `DAMAGED: ${why}`));
  if (damaged.length > 0) lines.push("What stays damaged goes by: falkordrill vault discard <id> or <id>/<increment>");
  lines.push(...missing.map((why) => `PROBLEM: ${why}`));
  if (missing.length > 0)
    lines.push("More is said by falkordrill vault audit, which can also accept a loss that is known.");
  lines.push(...restores.map((restore) => `RESTORE: ${restore}`));
  for (const note of notes) process.stderr.write(`${note}\n`);
  print(
    flags,
    { vault: store.where, backups: documents, damaged, problems: missing, restores, notes },
    lines.length === 0 ? ["no backups yet"] : lines,
  );
}

async function summaryOf(
  context: RestoreContext,
  manifest: Manifest,
): Promise<Omit<ListedBackup, "shrunk" | "suspicion" | "objectLock">> {
  const { id, cut, content, storedBytes, rawBytes, encryption } = manifest;
  const folder = backupFolder(id);
  const verified = await readValidation(context.store, folder, context.keyring);
  const sum = (of: "nodes" | "edges"): number | null =>
    content?.graphs.reduce((all, graph) => all + graph[of], 0) ?? null;
  const databases = content?.graphs.map(({ database = 0 }) => database);
  return {
    id,
    at: cut.at,
    offset: cut.offset,
    graphs: content?.graphs.length ?? null,
    nodes: sum("nodes"),
    edges: sum("edges"),
    databases: databases === undefined ? null : [...new Set(databases)].toSorted((a, b) => a - b),
    otherKeys: content?.otherKeyCount ?? content?.otherKeys?.count ?? null,
    storedBytes,
    rawBytes,
    profile: encryption.profile,
    increments: (await chainOf(context, id)) ?? null,
    verified: verified === undefined ? null : knownOf(verified),
    pinned: (await readPin(context.store, folder)) ?? null,
  };
}

function knownOf({ at, ok, problems, untrusted }: Validation): ListedBackup["verified"] {
  return { at, ok, problems, ...(untrusted === undefined ? {} : { untrusted }) };
}

async function chainOf({ store, keyring }: RestoreContext, base: string): Promise<ListedChain | undefined> {
  const numbers = await listSegments(store, base);
  const last = numbers.at(-1);
  if (last === undefined) return undefined;
  const { toAt, to } = (await readSegment(store, base, last, keyring)).manifest;
  const proofs = await readProofs(store, base, keyring);
  return { count: numbers.length, until: toAt, offset: to, proof: proofs.at(-1), fault: firstFault(proofs)?.fault };
}

const head = ["ID", "CUT", "OFFSET", "GRAPHS", "NODES", "EDGES", "OTHER KEYS", "DATABASES", "STORED", "STATE"];
/** Columns of figures, which are right-aligned. */
const figures = new Set([2, 3, 4, 5, 6, 8]);

function tableOf(found: readonly (ListedBackup | Distrusted)[]): string[] {
  const rows = found.flatMap((backup) => ("damaged" in backup ? [] : [cellsOf(backup)]));
  const widths = head.map((title, column) =>
    Math.max(...[title, ...rows.map((row) => row[column] ?? "")].map(lengthOf)),
  );
  const lineOf = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        figures.has(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd();
  const lines = found.map((backup) =>
    "damaged" in backup ? `${backup.id}  NOT TO BE TRUSTED: ${backup.damaged}` : lineOf(cellsOf(backup)),
  );
  const isNew = found.some((backup) => "offset" in backup && backup.offset === 0);
  return [...(rows.length === 0 ? [] : [lineOf(head)]), ...lines, ...(isNew ? [`offset 0: ${neverReplicated}`] : [])];
}

/** What the offset 0 of a cut means. */
export const neverReplicated = "the server had never had a replica before, which is not an error";

function lengthOf({ length }: string): number {
  return length;
}

function cellsOf(backup: ListedBackup): readonly string[] {
  const { id, at, offset, graphs, nodes, edges, otherKeys, databases, storedBytes } = backup;
  const counted = (count: number | null): string => (count === null ? "?" : formatCount(count));
  const places = databases === null ? "?" : databases.length === 0 ? "-" : databases.join(",");
  return [
    id,
    seconds(at),
    String(offset),
    counted(graphs),
    counted(nodes),
    counted(edges),
    counted(otherKeys),
    places,
    formatBytes(storedBytes),
    stateOf(backup),
  ];
}

/** Shown also where the original finding is no longer known. */
function isFaulty({ verified, increments }: ListedBackup): boolean {
  return verified?.ok === false || increments?.fault !== undefined;
}

function stateOf({ increments, verified, pinned, shrunk, suspicion, objectLock }: ListedBackup): string {
  const words: string[] = shrunk === null ? [] : [shrunk === futureWords ? shrunk.toUpperCase() : `SHRUNK: ${shrunk}`];
  if (suspicion !== null) words.push(`SUSPICIOUS: ${suspicion}`);
  if (verified?.untrusted === true) words.push("RECORD OF ITS VERIFY CANNOT BE TRUSTED");
  else if (verified !== null) words.push(`${verified.ok ? "verified" : "FOUND FAULTY"} ${seconds(verified.at)}`);
  if (increments !== null) words.push(chainWords(increments));
  if (pinned !== null) words.push(`pinned: ${pinned.why}`);
  if (objectLock !== null) words.push(lockSummaryWords(objectLock));
  if (verified === null) words.unshift("not verified");
  return words.join(", ");
}

function chainWords({ count, until, proof, fault }: ListedChain): string {
  const chain = `+${formatCount(count)} increment${count === 1 ? "" : "s"} until ${seconds(until)}`;
  if (fault?.untrusted === true) return `${chain} (A PROOF CANNOT BE TRUSTED)`;
  if (fault !== undefined) return `${chain} (FOUND FAULTY at offset ${fault.offset})`;
  return proof === undefined ? chain : `${chain} (proven up to ${seconds(proof.at)})`;
}

/** Ids distinguish backups made within the same second. */
function seconds(at: string): string {
  return at.replace(/\.\d+Z$/, "Z");
}
