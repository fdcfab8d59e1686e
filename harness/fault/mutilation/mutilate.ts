// One object of a vault is changed behind its back, and the vault is used as before: listed, audited, every restore point
// read. Whatever comes out must be what was stored; what does not must be told.
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { errorMessage } from "../../base/errors.ts";
import { checkVault } from "../../vault/catalogue/check-vault.ts";
import { Keyring } from "../../vault/keys/keyring.ts";
import { openVault } from "../../vault/store/vault.ts";
import { keysName, readVaultState, vaultName, type VaultState } from "../power-cut/vault-state.ts";
import type { Objects } from "./mutilations.ts";

/** `told`: a command names it. `harmless`: everything is as before. `unnoticed`: something is lost or changed, in silence. */
export type Effect = "told" | "harmless" | "unnoticed";

export interface Looked {
  readonly state: VaultState;
  /** Sentences of the commands about what is wrong. */
  readonly told: readonly string[];
}

export async function readObjects(folder: string): Promise<Objects> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return new Map(await Promise.all(files.map(async (file) => [relative(folder, file), await readFile(file)] as const)));
}

/** Makes the vault of `folder` hold exactly these objects, and restores what its key ring remembers of it. */
export async function layOut(folder: string, vault: Objects, keys: Objects): Promise<void> {
  for (const [name, objects] of [[vaultName, vault] as const, [keysName, keys] as const]) {
    await rm(join(folder, name), { recursive: true, force: true });
    for (const [path, bytes] of objects) {
      await mkdir(dirname(join(folder, name, path)), { recursive: true, mode: 0o700 });
      await writeFile(join(folder, name, path), bytes, { mode: 0o600 });
    }
  }
}

/** What a user sees of it. */
export async function look(folder: string): Promise<Looked> {
  const state = await readVaultState(folder);
  const told = Object.entries(state).flatMap(([what, value]) =>
    value.startsWith("broken") ? [`${what}: ${value}`] : [],
  );
  try {
    const store = await openVault(join(folder, vaultName));
    const { problems } = await checkVault({ store, keyring: new Keyring(join(folder, keysName)) }, 1);
    return { state, told: [...told, ...problems.map(({ message }) => message)] };
  } catch (error) {
    return { state, told: [...told, errorMessage(error)] };
  }
}

export function effectOf(before: Looked, after: Looked): Effect {
  if (after.told.length > 0) return "told";
  const names = [...new Set([...Object.keys(before.state), ...Object.keys(after.state)])];
  const changed = names.filter((name) => before.state[name] !== after.state[name]);
  if (changed.length === 0) return "harmless";
  const [was, is] = [before.state, after.state];
  // A pin holds whatever its reason says; a listing shows a point as faulty, and settings that cannot be read are told by
  // the next run that looks for them.
  const isSafe = (name: string): boolean =>
    (name.startsWith("pin ") && is[name] !== undefined) ||
    (name.startsWith("verified ") && (is[name] === "bad" || was[name] === "good")) ||
    (name.startsWith("settings ") && is[name] !== undefined);
  return changed.every(isSafe) ? "told" : "unnoticed";
}
