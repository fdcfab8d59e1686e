// How the system under test restores, where a scenario does not depend on it.
import type { Engine, EngineProvider } from "../../engine/engine.ts";
import type { BackupSystem, RestoreRequest, RestoreWay } from "../../system/system.ts";

/** The planned way, or in place where the system can do nothing else. */
export function restoreWay(
  { capabilities }: Pick<BackupSystem, "capabilities">,
  planned: "file" | "wire" | "logical",
): RestoreWay {
  const isCapable = capabilities.has(`restore-${planned}`);
  return !isCapable && capabilities.has("restore-in-place") ? "in-place" : planned;
}

/** Makes the source a machine that was set up again: the same address and settings, and no data. */
export async function startAnew(source: Engine, signal: AbortSignal): Promise<void> {
  if (source.kind === "external") return await source.wipe();
  await source.kill();
  await source.wipe();
  await source.restart({ signal });
}

/** Where a restore goes: into the source, which loses everything first, or into an engine that the system starts. */
export async function restoreTarget(
  system: BackupSystem,
  {
    source,
    engines,
    signal,
  }: { readonly source: Engine; readonly engines: EngineProvider; readonly signal: AbortSignal },
): Promise<Pick<RestoreRequest, "way" | "target" | "engines">> {
  const way = restoreWay(system, "file");
  if (way !== "in-place") return { way, engines };
  await startAnew(source, signal);
  return { way, engines, target: source };
}
