// `vault init` and `vault verify`: creates a vault, and checks that its backups can be restored.
import type { Command } from "commander";
import { exitCodes, usageError } from "../../base/errors.ts";
import { formatCount } from "../../base/units.ts";
import type { VerifiedPoint } from "../../vault/chain/chain-check.ts";
import { ensureKeys, keyringFolder } from "../../system/reference/reference.ts";
import type { RestoreContext } from "../../vault/restore/restore.ts";
import { isWithin } from "../../vault/keys/outside-vaults.ts";
import { checkVault } from "../../vault/catalogue/check-vault.ts";
import { forget } from "../../vault/catalogue/memory.ts";
import { suspicionWords } from "../../vault/store/noise.ts";
import type { StoreProbe } from "../../vault/store/s3/probe-store.ts";
import { initVault, openVault, readManifest } from "../../vault/store/vault.ts";
import { verify, verifyOffline } from "../../vault/restore/verify.ts";
import { keyringOf, print, profileOf, vaultCommand, givenVault, type VaultFlags } from "./options.ts";
import { objectLockForm, parseObjectLock } from "./object-lock.ts";
import { latest, passedOver } from "../../vault/restore/asked-moment.ts";
import { stoppable } from "./progress.ts";
import { phaseLine } from "./restore.ts";
import { isolatedEngines } from "./server.ts";

interface InitFlags extends VaultFlags {
  readonly profile: string;
  readonly keyless?: boolean;
  readonly objectLock?: string;
}

interface VerifyFlags extends VaultFlags {
  readonly engine: string;
  readonly offline?: boolean;
}

export function registerVaultInspect(vault: Command): void {
  vaultCommand(vault, "init", "make a vault, and keys for it where the key ring has none")
    .option("--profile <name>", "of the key to make: interop, modern", "interop")
    .option("--keyless", "make no keys; import them with `vault keys import`")
    .option(`--object-lock ${objectLockForm}`, "on S3: lock what is written, e.g. governance=30d or compliance=30d")
    .action(init);
  vaultCommand(
    vault,
    "verify [id]",
    "restore a backup into an isolated engine, read its increments, and record what was found",
  )
    .option("--engine <kind>", "auto, embedded, container", "auto")
    .option("--offline", "check signature, hashes, decryption and decompression only; needs no engine")
    .action(verifyCommand);
}

async function init(flags: InitFlags): Promise<void> {
  const place = givenVault(flags);
  const profile = profileOf(flags.profile);
  const keyring = await keyringOf(flags);
  if (typeof place === "string" && isWithin(keyring.folder, place))
    throw usageError(
      `the key ring ${keyring.folder} would be in the vault, and whoever stores the vault could read every backup`,
      "Give another folder by --keys.",
    );
  const objectLock = flags.objectLock === undefined ? undefined : parseObjectLock(flags.objectLock);
  let probe: StoreProbe | undefined;
  const onProbe = (found: StoreProbe): void => {
    probe = found;
    for (const note of found.notes) process.stderr.write(`${note}\n`);
  };
  const store = await initVault(place, undefined, onProbe, objectLock);
  // What the key ring saw in this place is another vault.
  await forget(keyring, store.where);
  if (flags.keyless !== true) await ensureKeys(keyring, profile);
  print(flags, { vault: store.where, keys: keyring.folder, store: probe, objectLock }, [
    `vault ${store.where}`,
    ...(objectLock === undefined
      ? []
      : [
          `locks ${flags.objectLock}: renew them daily, with credentials that this host does not have: falkordrill vault extend-locks --keep-daily 7`,
        ]),
    `keys  ${keyring.folder}`,
    flags.keyless === true
      ? "No key was made. Import the public keys of the recipients (falkordrill vault keys import <file>), and make a signer: falkordrill vault keys generate --role signer"
      : "Without the secret key in there no backup can be read again. Keep a copy of it far from the vault.",
    ...(flags.keys === undefined ? [`(${keyringFolder("<vault>")} is the default; --keys names another folder)`] : []),
  ]);
}

async function verifyCommand(id: string | undefined, flags: VerifyFlags): Promise<void> {
  const store = await openVault(givenVault(flags));
  const context: RestoreContext = { store, keyring: await keyringOf(flags) };
  const isNewest = id === undefined || id === "latest";
  const point = isNewest ? await latest(context) : id;
  // "The newest backup" never means the newest intact one: a damaged newest backup must be reported.
  const newer = isNewest ? await passedOver(context, point) : [];
  const checked = await checkVault(context);
  const problems = checked.problems.map(({ message }) => message);
  const engines = isolatedEngines(flags.engine);
  const outcome = await stoppable((signal) =>
    flags.offline === true ? verifyOffline(context, point, signal) : verify(context, undefined, point, engines, signal),
  );
  // Reported and no fault: what is there is whole, and can be restored.
  const { suspicion } = (await readManifest(store, point, context.keyring).catch(() => undefined)) ?? {};
  const suspected = suspicion === undefined ? undefined : suspicionWords(suspicion);
  const failure = outcome.failure ?? (outcome.ok && newer.length + problems.length === 0 ? "pass" : "dataWrong");
  process.exitCode = exitCodes[failure];
  print(flags, { point, ...outcome, newer, suspicion: suspected ?? null, vaultProblems: problems }, [
    verdictOf(point, outcome),
    ...(suspected === undefined ? [] : [`SUSPICIOUS: ${suspected}`]),
    ...outcome.problems,
    ...newer,
    ...problems.map((problem) => `PROBLEM: ${problem}`),
    ...checked.notes,
    ...(outcome.notes ?? []),
    ...(outcome.looked === undefined ? [] : [outcome.looked]),
    ...outcome.phases.map(phaseLine),
  ]);
}

function verdictOf(point: string, { ok, problems, increments }: VerifiedPoint): string {
  const count = increments?.count ?? 0;
  const many = `${formatCount(count)} increment${count === 1 ? "" : "s"}`;
  if (ok) return `backup ${point} is good${count === 0 ? "" : `, and its ${many} can be read`}`;
  const isOnlyChain = increments !== undefined && increments.problems.length === problems.length;
  return isOnlyChain ? `backup ${point} is good, and its increments are NOT` : `backup ${point} is NOT good`;
}
