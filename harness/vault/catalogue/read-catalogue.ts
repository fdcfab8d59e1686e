// Reads the catalogue of a vault: from its newest entry, whose signature is checked, back along the hashes to the last
// entry that holds the whole state.
import type { Keyring } from "../keys/keyring.ts";
import { DrillError, errorMessage } from "../../base/errors.ts";
import { readRecord, readRecordContent } from "../store/signed-record.ts";
import type { Store } from "../store/store.ts";
import {
  applyEntry,
  catalogueBroken,
  type CataloguedPoint,
  catalogueFolder,
  type CatalogueEntry,
  decodeEntry,
  entryHash,
  entryNumberOf,
  entryPath,
  noEntry,
  stateList,
} from "./entry.ts";

export interface Catalogue {
  /** Random id of the catalogue. */
  readonly vault: string;
  /** Number and hash of the newest entry. */
  readonly number: number;
  readonly sha256: string;
  readonly at: string;
  readonly state: ReadonlyMap<string, CataloguedPoint>;
  /** The entries that were read, oldest first, each with its hash. */
  readonly entries: readonly ReadEntry[];
}

export interface ReadEntry {
  readonly entry: CatalogueEntry;
  readonly sha256: string;
}

/**
 * Undefined where there is none. `from` is the oldest entry that the caller needs; 1 reads and checks all of them.
 * Throws where what is there cannot be trusted.
 */
export async function readCatalogue(
  store: Store,
  keyring: Keyring,
  from: number = Number.POSITIVE_INFINITY,
): Promise<Catalogue | undefined> {
  const numbers = (await store.list(`${catalogueFolder}/`)).flatMap(({ path }) => entryNumberOf(path) ?? []);
  const newest = numbers.at(-1);
  if (newest === undefined) return undefined;
  const gap = numbers.findIndex((number, index) => number !== index + 1);
  if (gap >= 0) throw catalogueBroken(`${entryPath(gap + 1)} is missing, and later entries are there`);
  const entries = [await newestEntry(store, keyring, newest)];
  for (let [oldest] = entries; oldest !== undefined; [oldest] = entries) {
    const { number, previous, state } = oldest.entry;
    if (number === 1 || (state !== undefined && number <= from)) break;
    entries.unshift(await linkedEntry(store, number - 1, previous));
  }
  return catalogueOf(entries);
}

function catalogueOf(entries: readonly ReadEntry[]): Catalogue {
  const [first] = entries;
  const last = entries.at(-1);
  if (first === undefined || last === undefined) throw new Error("a catalogue has an entry");
  if (first.entry.number === 1 && first.entry.previous !== noEntry)
    throw catalogueBroken(`${entryPath(1)} names an entry before it`);
  const state = new Map<string, CataloguedPoint>();
  if (first.entry.state === undefined) applyEntry(state, first.entry);
  for (const { entry } of entries) {
    if (entry !== first.entry) applyEntry(state, entry);
    if (entry.vault !== first.entry.vault)
      throw catalogueBroken(`${entryPath(entry.number)} belongs to the vault ${entry.vault}`);
    if (entry.state === undefined) continue;
    if (entry === first.entry) for (const point of entry.state) state.set(point.id, point);
    else if (JSON.stringify(stateList(state)) !== JSON.stringify(entry.state))
      throw catalogueBroken(`the state in ${entryPath(entry.number)} is not what the entries before it give`);
  }
  const { vault, number, at } = last.entry;
  return { vault, number, sha256: last.sha256, at, state, entries };
}

async function newestEntry(store: Store, keyring: Keyring, number: number): Promise<ReadEntry> {
  const path = entryPath(number);
  return await parse(path, number, () => readRecord(store, path, keyring));
}

/** The signature of a later entry covers this hash. */
async function linkedEntry(store: Store, number: number, sha256: string): Promise<ReadEntry> {
  const path = entryPath(number);
  const found = await parse(path, number, () => readRecordContent(store, path));
  if (found.sha256 !== sha256) throw catalogueBroken(`${path} is not the entry that the one after it names`);
  return found;
}

async function parse(path: string, number: number, read: () => Promise<string>): Promise<ReadEntry> {
  let entry: CatalogueEntry;
  let content: string;
  try {
    content = await read();
    entry = decodeEntry(content, path);
  } catch (error) {
    // A newer format, or a store that does not answer, says nothing about the vault.
    if (error instanceof DrillError && error.exit !== "dataWrong") throw error;
    throw catalogueBroken(errorMessage(error), error);
  }
  if (entry.number !== number) throw catalogueBroken(`${path} is entry ${entry.number}`);
  return { entry, sha256: entryHash(content) };
}
