// The history of one vault as an analysis needs it: what is there, and what its catalogue says was.
import type { KeptPoint, Judged, VaultHistory } from "../../reports/analysis/history.ts";
import { eventsBack, type CataloguedEvents } from "../monitor/vault/catalogue-history.ts";
import { type VaultLook, type VaultLookOptions, VaultWatcher } from "../monitor/vault/look-at-vault.ts";
import { proofFolder } from "../vault/chain/proofs.ts";
import { folderOf } from "../vault/store/garbage.ts";
import { readValidation } from "../vault/store/validation.ts";
import { baseOf, numberOf, readManifest } from "../vault/store/vault.ts";
import { lookAtDisk } from "../monitor/monitor.ts";

export interface AnalyzedVault extends VaultLookOptions {
  readonly name: string;
  /** Where it is, as a command line names it. */
  readonly place: string;
  /** Where it is a folder. */
  readonly folder?: string | undefined;
}

export async function readVaultHistory(vault: AnalyzedVault, signal: AbortSignal): Promise<VaultHistory> {
  const look = await new VaultWatcher(vault).lookClosely(signal);
  const { facts, store, keyring, inventory, head } = look;
  const { events } = head === undefined ? { events: [] } : await eventsBack(store, head, 0);
  const oldestFirst = events.toReversed();
  const points = Array.from(inventory.points.values(), ({ point, objects }): KeptPoint => ({
    id: point.id,
    base: baseOf(point.id),
    isFull: numberOf(point.id) === 0,
    atMs: point.atMs,
    objectBytes: objects.map(({ sizeBytes }) => sizeBytes),
  }));
  const full = points.filter(({ isFull }) => isFull);
  const held = new Set([...inventory.points.values()].map(({ folder }) => folder));
  return {
    name: vault.name,
    place: vault.place,
    keys: vault.keys,
    attempts: attemptsOf(oldestFirst),
    points,
    backups: await Promise.all(
      full.map(async ({ id, atMs }) => {
        const { storedBytes, rawBytes, content } = await readManifest(store, id, keyring);
        const graphs = (content?.graphs ?? []).map(({ name, database = 0, nodes, edges }) => ({
          name: database === 0 ? name : `${name} (database ${database})`,
          entities: nodes + edges,
        }));
        return { id, atMs, storedBytes, rawBytes, graphs };
      }),
    ),
    judged: await judgedOf(oldestFirst, look),
    entriesMs: [...new Set(oldestFirst.map(({ atMs }) => atMs))],
    lastRemovedMs: oldestFirst.findLast(({ event }) => event.does === "removed")?.atMs,
    otherBytes: store.objects.filter(({ path }) => !held.has(folderOf(path))).map(({ sizeBytes }) => sizeBytes),
    lockEndMs: facts.objectLock?.firstEndMs,
    ringKeys: facts.keys,
    disk: vault.folder === undefined ? undefined : await lookAtDisk(vault.folder),
    keep: vault.keep,
    zone: vault.zone ?? "UTC",
  };
}

type Events = CataloguedEvents["events"];

function attemptsOf(events: Events): VaultHistory["attempts"] {
  const attempts = new Map<string, { beganMs: number; endedMs: number | undefined }>();
  for (const { event, atMs } of events) {
    const { does, point = "" } = event;
    if (does === "began") attempts.set(point, { beganMs: atMs, endedMs: undefined });
    const began = attempts.get(point);
    if (does === "added" && began !== undefined) began.endedMs ??= atMs;
  }
  return [...attempts.values()];
}

/** How long a proof took says the record next to the point, which may be gone or tell of a later one. */
async function judgedOf(events: Events, { store, keyring }: VaultLook): Promise<readonly Judged[]> {
  const found: Judged[] = [];
  const newest = new Set<string>();
  for (const { event, atMs } of events.toReversed()) {
    const { does, point: base, number = 0, ok } = event;
    if (does !== "judged" || base === undefined || ok === undefined) continue;
    const folder = proofFolder({ base, number });
    const record = newest.has(folder) ? undefined : await readValidation(store, folder, keyring);
    newest.add(folder);
    const ms = record?.phases.reduce((end, { startMs, ms: took }) => Math.max(end, startMs + took), 0);
    const restored = record?.phases.find(({ name }) => name === "fully operational");
    const restoredMs = restored === undefined ? undefined : restored.startMs + restored.ms;
    found.push({ atMs, ok, base, number, ms: ms === undefined || ms === 0 ? undefined : ms, restoredMs });
  }
  return found.toReversed();
}
