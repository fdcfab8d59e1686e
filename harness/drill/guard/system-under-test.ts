// The backup system that a drill tests: the reference system in its own vault, or one from the configuration.
import { join } from "node:path";
import { mkdir } from "node:fs/promises";
import type { Finding } from "../../check/check.ts";
import { privateFolder } from "../../base/process/reaper.ts";
import { referenceSystem } from "../../system/reference/reference.ts";
import type { BackupSystem, SystemContext, SystemFactory } from "../../system/system.ts";
import type { CyclePlan } from "../cycle-plan.ts";
import { DrillError, explanationOf } from "../../base/errors.ts";
import type { Drill } from "../drill.ts";
import { guardSystem } from "./guard-system.ts";
import { asSystem } from "./stray-errors.ts";

export async function systemUnderTest(
  drill: Drill,
  plan: CyclePlan,
  resources: AsyncDisposableStack,
  folder?: string,
): Promise<BackupSystem> {
  const vault = folder ?? (await vaultFolder(drill, resources));
  const { backupSystem, mutate } = drill.options;
  const system =
    backupSystem === undefined
      ? await reference(plan, vault)
      : await own(backupSystem, drill, { folder: vault, prove: plan.prove });
  const drilled = mutate?.(system, { vault }) ?? system;
  // Reports call a backup encrypted or coordinated only if the system reports that it is.
  drill.record.observation("system", { name: drilled.name, capabilities: [...drilled.capabilities] });
  const guarded = guardSystem(drilled, drill);
  // An object serves all scenarios, and its creator disposes of it.
  return typeof backupSystem === "object" ? { ...guarded, [Symbol.asyncDispose]: () => Promise.resolve() } : guarded;
}

async function reference(plan: CyclePlan, vault: string): Promise<BackupSystem> {
  const { prove, encryption: profile, backupBytesPerSecond: bytesPerSecond } = plan;
  return await referenceSystem({
    vault,
    profile,
    ...(prove === undefined ? {} : { prove }),
    ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
  });
}

async function own(
  system: BackupSystem | SystemFactory,
  drill: Drill,
  { folder, prove }: Pick<SystemContext, "folder" | "prove">,
): Promise<BackupSystem> {
  if (typeof system === "object") return system;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { progress, signal, options, record } = drill;
  const note = (finding: Finding): void => record.finding(finding);
  const notCovered = (sentence: string): void => record.notCovered(sentence);
  const context = { folder, progress, signal, prove, note, notCovered };
  try {
    return await asSystem(options.system, async () => await system(context));
  } catch (cause) {
    const message = `the ${options.system} system could not be made: ${explanationOf(cause)}`;
    throw new DrillError(message, { exit: "notRecovered", code: "system-failed", cause });
  }
}

/** With --keep the vault stays in the run directory, keys included; otherwise it is removed with the scenario. */
export async function vaultFolder(drill: Drill, resources: AsyncDisposableStack): Promise<string> {
  if (!drill.options.keep) return join(resources.use(await privateFolder("vault")).path, "vault");
  const folder = drill.directory.file("vaults", drill.id.replaceAll("/", "."));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return join(folder, "vault");
}
