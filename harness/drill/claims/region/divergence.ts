// Two vaults are compared: as a replication left them, and each time with one difference put into a copy of the second.
import { cp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { summaryPath } from "../../../vault/catalogue/stored-summary.ts";
import { manifestPath } from "../../../vault/catalogue/holdings.ts";
import type { BackupSystem } from "../../../system/system.ts";
import type { Drill } from "../../drill.ts";
import { backUpState, prepareRetention } from "../retention/retention-setup.ts";
import { replicateTo } from "./second-vault.ts";

interface Difference {
  readonly name: string;
  readonly depth: "records" | "bytes";
  /** The first object that differs; undefined where none does. */
  readonly object: string | undefined;
  /** Done to the folder of the second vault. */
  readonly put: (folder: string) => Promise<void>;
}

export async function findsDivergence(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const first = await prepareRetention(drill, resources);
  const { system, vault } = first;
  if (system.replicate === undefined || system.compareVaults === undefined)
    return drill.record.notCovered(`divergence: the ${system.name} system compares no vaults`);
  const far = `${vault}-far`;
  resources.defer(() => rm(far, { recursive: true, force: true }));
  const old = await backUpState(first, 1);
  await using second = (await replicateTo(drill, system, far)).second;
  const none = { object: undefined, put: () => Promise.resolve() };
  await mustFind(drill, system, far, { name: "no difference", depth: "bytes", ...none });
  // What a summary that is behind its catalogue does not know of.
  const earlier = await readFile(join(far, summaryPath));
  const own = await backUpState({ ...first, system: second, vault: far }, 2);
  const part = `backups/${old.id}/part-00000.zst.pgp`;
  const differences: readonly Difference[] = [
    {
      name: "a backup of its own in the second vault",
      depth: "records",
      object: manifestPath(own.id, 0),
      put: () => Promise.resolve(),
    },
    {
      name: "the same behind an old summary",
      depth: "records",
      object: manifestPath(own.id, 0),
      put: (folder) => writeFile(join(folder, summaryPath), earlier),
    },
    { name: "a part that is missing", depth: "bytes", object: part, put: (folder) => rm(join(folder, part)) },
    { name: "a part cut short", depth: "bytes", object: part, put: (folder) => truncate(join(folder, part), 100) },
    { name: "one byte of a part", depth: "bytes", object: part, put: (folder) => flipByte(join(folder, part)) },
  ];
  for (const difference of differences) {
    const copy = `${far}-copy`;
    try {
      await cp(far, copy, { recursive: true });
      await difference.put(copy);
      await mustFind(drill, system, copy, difference);
    } finally {
      await rm(copy, { recursive: true, force: true });
    }
  }
  drill.record.requireWitnesses("vaultsCompared");
}

async function mustFind(
  { record, signal, progress, id }: Drill,
  system: BackupSystem,
  to: string,
  { name, depth, object }: Difference,
): Promise<void> {
  progress.step(`compare: ${name}`);
  const found = (await system.compareVaults?.({ to, depth, signal })) ?? [];
  record.witness("vaultsCompared", 1);
  if (found[0] === object) return;
  const message = `with ${name}, the comparison by ${depth} names ${found[0] ?? "nothing"} and not ${object ?? "that nothing differs"}`;
  record.finding({ code: "divergence-missed", severity: "error", subject: id, message, evidence: { found } });
}

export async function flipByte(path: string): Promise<void> {
  const bytes = await readFile(path);
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(path, bytes);
}
