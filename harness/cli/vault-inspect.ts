// `vault init`, `vault list`, `vault verify`: what is in a vault, and whether it would come back.
import type { Command } from "commander";
import { DrillError, exitCodes, usageError } from "../base/errors.ts";
import { silentProgress } from "../base/progress.ts";
import { formatBytes, formatCount } from "../base/units.ts";
import type { EngineKind } from "../engine/engine.ts";
import { engineProvider } from "../engine/engines.ts";
import type { Manifest } from "../system/reference/manifest.ts";
import { type Pin, readPin } from "../system/reference/pin.ts";
import { PhaseTimer } from "../system/reference/phases.ts";
import { partsOf, readParts } from "../system/reference/read-parts.ts";
import { ensureKeys, keyringFolder } from "../system/reference/reference.ts";
import { openBackup, type RestoreContext } from "../system/reference/restore.ts";
import { readValidation, type Validation } from "../system/reference/validation.ts";
import { backupFolder, initVault, listBackupIds, openVault, readManifest } from "../system/reference/vault.ts";
import { useBackups } from "../system/reference/vault-lock.ts";
import { verify } from "../system/reference/verify.ts";
import { stoppable } from "./vault-progress.ts";
import { keyringOf, print, profileOf, vaultCommand, vaultFolder, type VaultFlags } from "./vault-options.ts";
import { latest, phaseLine } from "./vault-restore.ts";

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
  const backups: object[] = [];
  const lines: string[] = [];
  for (const id of await listBackupIds(store)) {
    try {
      const manifest = await readManifest(store, id, keyring);
      const folder = backupFolder(id);
      const [pin, verified] = [await readPin(store, folder), await readValidation(store, folder, keyring)];
      backups.push({ ...manifest, trusted: true, parts: manifest.parts.length, pin, verified });
      lines.push(`${listLine(manifest)}${knownOf(pin, verified)}`);
    } catch (error) {
      if (!(error instanceof DrillError)) throw error;
      backups.push({ id, trusted: false, reason: error.message });
      lines.push(`${id}  NOT TO BE TRUSTED: ${error.message}`);
      process.exitCode = exitCodes.dataWrong;
    }
  }
  print(flags, { backups }, lines.length === 0 ? ["no backups yet"] : lines);
}

function listLine({ id, cut, storedBytes, rawBytes, encryption, content }: Manifest): string {
  const nodes = content?.graphs.reduce((sum, graph) => sum + graph.nodes, 0);
  const held = content === null ? "" : `  ${content.graphs.length} graphs, ${formatCount(nodes ?? 0)} nodes`;
  return `${id}  ${cut.at}  ${formatBytes(storedBytes)} of ${formatBytes(rawBytes)}  ${encryption.profile}${held}`;
}

function knownOf(pin: Pin | undefined, verified: Validation | undefined): string {
  const found = verified === undefined ? "" : `  ${verified.ok ? "verified" : "FOUND FAULTY"} ${verified.at}`;
  return `${found}${pin === undefined ? "" : `  pinned: ${pin.why}`}`;
}

async function verifyCommand(id: string | undefined, flags: VerifyFlags): Promise<void> {
  const store = await openVault(vaultFolder(flags));
  const context: RestoreContext = { store, keyring: await keyringOf(flags) };
  const point = id === undefined || id === "latest" ? await latest(context) : id;
  const kinds: readonly string[] = ["auto", "embedded", "container"];
  if (!kinds.includes(flags.engine)) throw usageError(`--engine "${flags.engine}" is none of ${kinds.join(", ")}`);
  const outcome = await stoppable((signal) =>
    flags.offline === true
      ? verifyOffline(context, point, signal)
      : verify(context, undefined, point, engineProvider(flags.engine as "auto" | EngineKind), signal),
  );
  process.exitCode = outcome.ok ? exitCodes.pass : exitCodes.dataWrong;
  const verdict = outcome.ok ? `backup ${point} is good` : `backup ${point} is NOT good`;
  print(flags, { point, ...outcome }, [verdict, ...outcome.problems, ...outcome.phases.map(phaseLine)]);
}

async function verifyOffline(
  context: RestoreContext,
  point: string,
  signal: AbortSignal,
): Promise<{
  readonly ok: true;
  readonly problems: readonly string[];
  readonly phases: ReturnType<PhaseTimer["all"]>;
}> {
  const timer = new PhaseTimer();
  await using _lease = await useBackups(context.store, "verify", [point]);
  const { manifest, keys } = await openBackup(context, point, { progress: silentProgress, signal }, timer);
  const readAll = async (): Promise<void> => {
    for await (const _part of readParts(context.store, partsOf(manifest), keys, signal));
  };
  await timer.during("decrypt + decompress", readAll, () => manifest.rawBytes);
  return { ok: true, problems: [], phases: timer.all() };
}
