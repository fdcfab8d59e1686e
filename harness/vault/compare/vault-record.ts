// What a vault should hold, read in two small objects: the summary of its catalogue, and the entry that it is a summary
// of. Where they do not fit together the catalogue itself is read, which takes longer and gives the same.
import { DrillError, usageError } from "../../base/errors.ts";
import { entryHash, entryPath } from "../catalogue/entry.ts";
import { readMemory } from "../catalogue/memory.ts";
import { type Catalogue, readCatalogue } from "../catalogue/read-catalogue.ts";
import type { PastRemoval } from "../catalogue/removal-history.ts";
import { readSummary, summaryOf, summaryPath, type VaultSummary } from "../catalogue/summary.ts";
import type { Keyring } from "../keys/keyring.ts";
import { isCatalogued } from "../store/layout.ts";
import { recordContentIn } from "../store/signed-record.ts";
import type { Store } from "../store/store.ts";

const entryBytesMax = 8192;

export interface VaultRecord extends Pick<VaultSummary, "vault" | "number" | "points"> {
  readonly store: Store;
  /** What is wrong with the record itself, one sentence each. */
  readonly problems: readonly string[];
  /** Why the whole catalogue had to be read. */
  readonly note?: string;
  /** Undefined for what was never there, or was lost. */
  removal(id: string): Promise<PastRemoval | undefined>;
}

/** Throws where the catalogue cannot be trusted. */
export async function readVaultRecord(store: Store, keyring: Keyring): Promise<VaultRecord> {
  const { summary, ...read } = await readFresh(store, keyring);
  if (summary === undefined) {
    if (!(await isCatalogued(store)))
      throw usageError(
        `${store.where} was made by an earlier version and has no catalogue to compare`,
        "Begin one: falkordrill vault audit --adopt.",
      );
    return { store, vault: "", number: 0, points: new Map(), problems: [], removal: () => Promise.resolve(undefined) };
  }
  const memory = await readMemory(keyring, store.where);
  const known = memory === "unreadable" ? undefined : memory;
  const problems = [...read.problems];
  if (known !== undefined && (known.vault !== summary.vault || known.number > summary.number))
    problems.push(
      `${store.where} was put back to an older state: its catalogue ends with entry ${summary.number}, and this key ` +
        `ring saw entry ${known.number} of ${known.at}`,
    );
  let all: Promise<VaultSummary["removed"]> | undefined;
  const removal = async (id: string): Promise<PastRemoval | undefined> => {
    const found = summary.removed.get(id);
    if (found !== undefined || summary.removedSince === 1) return found;
    all ??= readCatalogue(store, keyring, 1).then((whole) => removalsIn(whole));
    return (await all).get(id);
  };
  const note = read.note === undefined ? {} : { note: read.note };
  return { store, vault: summary.vault, number: summary.number, points: summary.points, problems, removal, ...note };
}

function removalsIn(catalogue: Catalogue | undefined): VaultSummary["removed"] {
  return catalogue === undefined ? new Map() : summaryOf(catalogue, undefined, Number.POSITIVE_INFINITY).removed;
}

interface FreshSummary {
  /** Undefined where there is no catalogue. */
  readonly summary: VaultSummary | undefined;
  readonly problems: readonly string[];
  readonly note?: string;
}

async function readFresh(store: Store, keyring: Keyring): Promise<FreshSummary> {
  let known: VaultSummary | undefined;
  let note = `it has no ${summaryPath}`;
  try {
    known = await readSummary(store, keyring);
    if (known !== undefined && (await isNewest(store, known))) return { summary: known, problems: [] };
    if (known !== undefined) note = `${summaryPath} ends with entry ${known.number}, and the catalogue does not`;
  } catch (error) {
    if (!(error instanceof DrillError) || error.exit !== "dataWrong") throw error;
    note = error.message;
  }
  const catalogue = await readCatalogue(store, keyring, known?.number);
  if (catalogue === undefined && known === undefined) return { summary: undefined, problems: [] };
  const isOfIt = catalogue?.entries.some(
    ({ entry, sha256 }) => entry.number === known?.number && sha256 === known.sha256,
  );
  const problems =
    known === undefined || isOfIt === true
      ? []
      : [
          `${store.where} was put back to an older state: ${summaryPath} knows entry ${known.number} of the catalogue, ` +
            `which ends with entry ${catalogue?.number ?? 0}`,
        ];
  const summary = catalogue === undefined ? undefined : summaryOf(catalogue, isOfIt === true ? known : undefined);
  return { summary: summary ?? known, problems, note: `${store.where}: the whole catalogue was read, as ${note}` };
}

/** The entry that it names is there, and none after it. */
async function isNewest(store: Store, { number, sha256 }: VaultSummary): Promise<boolean> {
  const [own, next] = await Promise.all([hashOrLarge(store, entryPath(number)), store.get(entryPath(number + 1))]);
  return next === undefined && (own === sha256 || own === "large");
}

/** An entry that holds the whole state, or that of an adoption, is not fetched for its hash: that it is there is enough. */
async function hashOrLarge(store: Store, path: string): Promise<string | undefined> {
  try {
    const bytes = await store.get(path, entryBytesMax);
    return bytes === undefined ? undefined : entryHash(recordContentIn(bytes) ?? "");
  } catch (error) {
    if (error instanceof DrillError && error.findingCode === "object-damaged") return "large";
    throw error;
  }
}
