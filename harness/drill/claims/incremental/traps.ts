// Every quirk of the replication stream in sequence, each followed by an increment. The source's content is restored:
// because the chain holds it, or because the system recognised that it does not and made a full backup instead.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Engine, EngineProvider } from "../../../engine/engine.ts";
import { privateFolder } from "../../../base/process/reaper.ts";
import { connect } from "../../../falkordb/client/connection.ts";
import type { BackupSystem } from "../../../system/system.ts";
import type { Drill } from "../../drill.ts";
import { incrementalSystem, type Link, proveLink, smallSource, takeIncrement } from "./small-source.ts";
import { restoreTimeoutMs, type Trap, traps } from "./replication-quirks.ts";
import { failedLabel, type QuirkSetup } from "./quirk-setup.ts";

/** Plays every trap, or of three one, and their increments one after the other. */
export async function survivesTraps(drill: Drill, oneOf: 1 | 3): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const imports = await importFolder(drill, resources);
  const source = await smallSource(drill, resources, imports === undefined ? {} : { IMPORT_FOLDER: `${imports}/` });
  const system = await incrementalSystem(drill, resources);
  const played = traps.filter((_, number) => number % oneOf === 0);
  const links = await playTraps(drill, system, { source, imports, played });
  // The user's server may have limits, and a replay must not be cut off by them.
  const limited = { ...drill, engines: withTimeouts(drill.engines) };
  for (const link of links) await proveLink(limited, system, link);
  drill.record.requireWitnesses("trapsInChain", "trapsAnsweredWithFulls", "linksRestored", "entitiesCompared");
}

async function playTraps(
  drill: Drill,
  system: BackupSystem,
  { source, imports, played }: { source: Engine; imports: string | undefined; played: readonly Trap[] },
): Promise<Link[]> {
  const { progress, signal, record } = drill;
  await using connection = await connect(source.endpoint);
  const stage: QuirkSetup = { connection, signal, imports };
  // What a query left before the full backup is in its snapshot, so it does not require another one.
  await failedLabel(stage, "poisoned before");
  await system.backup({ source, coordinator: undefined, progress, signal });
  await connection.query("poisoned before", "CREATE (:Ghost {id: 1, fresh: 1}), (:Later)");
  const links: Link[] = [await takeIncrement(drill, system, source, "a source that was poisoned before the backup")];
  for (const [number, trap] of played.entries()) {
    if (trap.needsImports === true && imports === undefined) {
      record.notCovered(`${trap.name}: the folder that the source loads from is out of reach`);
      continue;
    }
    progress.step(`trap: ${trap.name}`);
    await trap.before?.(stage, `trap ${number}`);
    await trap.play(stage, `trap ${number}`);
    const link = await takeIncrement(drill, system, source, trap.name);
    record.witness(link.increment.continued ? "trapsInChain" : "trapsAnsweredWithFulls", 1);
    record.metric(`fullFor:${trap.name}`, link.increment.continued ? 0 : 1);
    links.push(link);
  }
  return links;
}

async function importFolder(drill: Drill, resources: AsyncDisposableStack): Promise<string | undefined> {
  if (drill.engines.kind !== "embedded") return undefined;
  const folder = join(resources.use(await privateFolder("imports")).path, "import");
  await mkdir(folder);
  return folder;
}

function withTimeouts(engines: EngineProvider): EngineProvider {
  const limits = { TIMEOUT_DEFAULT: String(restoreTimeoutMs), TIMEOUT_MAX: String(restoreTimeoutMs) };
  return {
    kind: engines.kind,
    unavailable: () => engines.unavailable(),
    start: (options = {}) => engines.start({ ...options, moduleArgs: { ...options.moduleArgs, ...limits } }),
  };
}
