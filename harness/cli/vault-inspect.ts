// `vault init`, `vault list`, `vault verify`: what is in a vault, and whether it would come back.
import type { Command } from "commander";
import { DrillError, exitCodes, messageOf } from "../base/errors.ts";
import { silentProgress } from "../base/progress.ts";
import { formatBytes, formatCount } from "../base/units.ts";
import { readInventory } from "../system/reference/inventory.ts";
import type { Manifest } from "../system/reference/manifest.ts";
import { type Pin, readPin } from "../system/reference/pin.ts";
import { PhaseTimer } from "../system/reference/phases.ts";
import { proofFailure } from "../system/reference/proof-outcome.ts";
import { partsOf, readParts } from "../system/reference/read-parts.ts";
import { ensureKeys, keyringFolder } from "../system/reference/reference.ts";
import { firstFault, readProofs, type StoredProof } from "../system/reference/proofs.ts";
import { openBackup, type RestoreContext } from "../system/reference/restore.ts";
import { listSegments, readSegment } from "../system/reference/segments.ts";
import { readValidation, type Validation } from "../system/reference/validation.ts";
import { backupFolder, initVault, listBackupIds, openVault, readManifest } from "../system/reference/vault.ts";
import { useBackups } from "../system/reference/vault-lock.ts";
import { verify } from "../system/reference/verify.ts";
import type { VerifyOutcome } from "../system/system.ts";
import { stoppable } from "./vault-progress.ts";
import { keyringOf, print, profileOf, vaultCommand, vaultFolder, type VaultFlags } from "./vault-options.ts";
import { isolatedEngines } from "./vault-server.ts";
import { latest } from "./vault-moment.ts";
import { phaseLine } from "./vault-restore.ts";

interface InitFlags extends VaultFlags {
  readonly profile: string;
  readonly keyless?: boolean;
}

interface VerifyFlags extends VaultFlags {
  readonly engine: string;
  readonly offline?: boolean;
}

export function registerVaultInspect(vault: Command): void {
  vaultCommand(vault, "init", "make a vault, and keys for it where the key ring has none")
    .option("--profile <name>", "of the key to make: interop, modern", "interop")
    .option("--keyless", "make no keys; import them with `vault keys import`")
    .action(init);
  vaultCommand(vault, "list", "list the backups, and which of them can be trusted").action(list);
  vaultCommand(vault, "verify [id]", "restore a backup into an isolated engine and record what was found")
    .option("--engine <kind>", "auto, embedded, container", "auto")
    .option("--offline", "check signature, hashes, decryption and decompression only; needs no engine")
    .action(verifyCommand);
}

async function init(flags: InitFlags): Promise<void> {
  const folder = vaultFolder(flags);
  const profile = profileOf(flags.profile);
  const keyring = await keyringOf(flags);
  await initVault(folder);
  if (flags.keyless !== true) await ensureKeys(keyring, profile);
  print(flags, { vault: folder, keys: keyring.folder }, [
    `vault ${folder}`,
    `keys  ${keyring.folder}`,
    "Without the secret key in there no backup can be read again. Keep a copy of it far from the vault.",
    ...(flags.keys === undefined ? [`(${keyringFolder("<vault>")} is the default; --keys names another folder)`] : []),
  ]);
}

/** One backup that cannot be trusted must not hide the others from who needs one now. */
async function list(flags: VaultFlags): Promise<void> {
  const store = await openVault(vaultFolder(flags));
  const keyring = await keyringOf(flags);
  await keyring.verifiers();
  const { leftAlone: damaged, points } = await stoppable((signal) => readInventory(store, keyring, signal));
  const backups: object[] = [];
  const lines: string[] = [];
  for (const id of await listBackupIds(store)) {
    try {
      const manifest = await readManifest(store, id, keyring);
      const folder = backupFolder(id);
      const [pin, verified] = [await readPin(store, folder), await readValidation(store, folder, keyring)];
      const chain = await chainOf({ store, keyring }, id);
      const shrunk = points.get(id)?.point.shrunk;
      backups.push({ ...manifest, trusted: true, parts: manifest.parts.length, pin, verified, shrunk, chain });
      lines.push(
        `${listLine(manifest)}${shrunk === undefined ? "" : `  SHRUNK: ${shrunk}`}${knownOf(pin, verified)}${chain === undefined ? "" : chainWords(chain)}`,
      );
    } catch (error) {
      if (!(error instanceof DrillError)) throw error;
      backups.push({ id, trusted: false, reason: error.message });
      lines.push(`${id}  NOT TO BE TRUSTED: ${error.message}`);
      process.exitCode = exitCodes.dataWrong;
    }
  }
  // A backup without a manifest, a gap in a chain, increments without their backup: nobody else would name them.
  if (damaged.length > 0) process.exitCode = exitCodes.dataWrong;
  lines.push(...damaged.map((why) => `DAMAGED: ${why}`));
  if (damaged.length > 0) lines.push("What stays damaged goes by: falkordrill vault discard <id> or <id>/<increment>");
  print(flags, { backups, damaged }, lines.length === 0 ? ["no backups yet"] : lines);
}

function listLine({ id, cut, storedBytes, rawBytes, encryption, content }: Manifest): string {
  const sum = (of: "nodes" | "edges"): string =>
    formatCount(content?.graphs.reduce((all, graph) => all + graph[of], 0) ?? 0);
  const databases = new Set(content?.graphs.map(({ database = 0 }) => database));
  const places = [...databases].some((database) => database !== 0) ? ` in databases ${[...databases].join(", ")}` : "";
  const held =
    content === null
      ? ""
      : `  ${content.graphs.length} graph${content.graphs.length === 1 ? "" : "s"}${places}, ${sum("nodes")} nodes, ${sum("edges")} edges`;
  return `${id}  ${cut.at}  ${formatBytes(storedBytes)} of ${formatBytes(rawBytes)}  ${encryption.profile}${held}`;
}

interface ListedChain {
  readonly increments: number;
  readonly until: string;
  readonly offset: number;
  readonly proof: StoredProof | undefined;
  readonly faultAtOffset: number | undefined;
}

/** The increments on a backup; undefined where there are none. */
async function chainOf({ store, keyring }: RestoreContext, base: string): Promise<ListedChain | undefined> {
  const numbers = await listSegments(store, base);
  const last = numbers.at(-1);
  if (last === undefined) return undefined;
  const { toAt, to } = (await readSegment(store, base, last, keyring)).manifest;
  const proofs = await readProofs(store, base, keyring);
  const faultAtOffset = firstFault(proofs)?.fault.offset;
  return { increments: numbers.length, until: toAt, offset: to, proof: proofs.at(-1), faultAtOffset };
}

function chainWords({ increments, until, proof, faultAtOffset }: ListedChain): string {
  const proven = proof === undefined ? "" : `, proven up to ${proof.at}`;
  const found = faultAtOffset === undefined ? proven : `, FOUND FAULTY at offset ${faultAtOffset}`;
  return `  + ${formatCount(increments)} increment${increments === 1 ? "" : "s"} until ${until}${found}`;
}

function knownOf(pin: Pin | undefined, verified: Validation | undefined): string {
  const found = verified === undefined ? "" : `  ${verified.ok ? "verified" : "FOUND FAULTY"} ${verified.at}`;
  return `${found}${pin === undefined ? "" : `  pinned: ${pin.why}`}`;
}

async function verifyCommand(id: string | undefined, flags: VerifyFlags): Promise<void> {
  const store = await openVault(vaultFolder(flags));
  const context: RestoreContext = { store, keyring: await keyringOf(flags) };
  const point = id === undefined || id === "latest" ? await latest(context) : id;
  const engines = isolatedEngines(flags.engine);
  const outcome = await stoppable((signal) =>
    flags.offline === true ? verifyOffline(context, point, signal) : verify(context, undefined, point, engines, signal),
  );
  process.exitCode = exitCodes[outcome.ok ? "pass" : (outcome.failure ?? "dataWrong")];
  const verdict = outcome.ok ? `backup ${point} is good` : `backup ${point} is NOT good`;
  print(flags, { point, ...outcome }, [
    verdict,
    ...outcome.problems,
    ...(outcome.looked === undefined ? [] : [outcome.looked]),
    ...outcome.phases.map(phaseLine),
  ]);
}

async function verifyOffline(context: RestoreContext, point: string, signal: AbortSignal): Promise<VerifyOutcome> {
  const timer = new PhaseTimer();
  await using _lease = await useBackups(context.store, "verify", [point]);
  try {
    const { manifest, keys } = await openBackup(context, point, { progress: silentProgress, signal }, timer);
    const readAll = async (): Promise<void> => {
      for await (const _part of readParts(context.store, partsOf(manifest), keys, signal));
    };
    await timer.during("decrypt + decompress", readAll, () => manifest.rawBytes);
    return { ok: true, problems: [], phases: timer.all() };
  } catch (error) {
    const failure = signal.aborted ? undefined : proofFailure(error);
    if (failure === undefined) throw error;
    return { ok: false, failure, problems: [messageOf(error)], phases: timer.all() };
  }
}
