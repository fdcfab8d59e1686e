// The backup system that a drill tests: for now the reference system, in a vault of its own.
import { join } from "node:path";
import { mkdir } from "node:fs/promises";
import { privateFolder } from "../../base/process/reaper.ts";
import { referenceSystem } from "../../system/reference/reference.ts";
import type { BackupSystem } from "../../system/system.ts";
import type { CyclePlan } from "../cycle-plan.ts";
import type { Drill } from "../drill.ts";
import { guardSystem } from "./guard-system.ts";

export async function systemUnderTest(
  drill: Drill,
  plan: CyclePlan,
  resources: AsyncDisposableStack,
  folder?: string,
): Promise<BackupSystem> {
  const vault = folder ?? (await vaultFolder(drill, resources));
  const { prove, encryption: profile, backupBytesPerSecond: bytesPerSecond } = plan;
  const system = await referenceSystem({
    vault,
    profile,
    ...(prove === undefined ? {} : { prove }),
    ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
  });
  const drilled = plan.mutate?.(system, { vault }) ?? system;
  // Reports call a backup encrypted or coordinated only where the system says that it is.
  drill.record.observation("system", { name: drilled.name, capabilities: [...drilled.capabilities] });
  return guardSystem(drilled, drill);
}

/** With --keep the vault stays in the run directory, keys included; else it goes with the scenario. */
export async function vaultFolder(drill: Drill, resources: AsyncDisposableStack): Promise<string> {
  if (!drill.options.keep) return join(resources.use(await privateFolder("vault")).path, "vault");
  const folder = drill.directory.file("vaults", drill.id.replaceAll("/", "."));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return join(folder, "vault");
}
