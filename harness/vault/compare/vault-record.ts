// What a vault should hold, read in a few small objects: the summary of its catalogue, the entry that it is a summary of,
// and of its groups those that are asked for. Where these do not fit together the catalogue itself is read, which takes
// longer and gives the same.
import { DrillError, usageError } from "../../base/errors.ts";
import { entryHash, entryPath } from "../catalogue/entry.ts";
import { readMemory } from "../catalogue/memory.ts";
import { readCatalogue } from "../catalogue/read-catalogue.ts";
import type { PastRemoval } from "../catalogue/removal-history.ts";
import { readSummary, summaryPath } from "../catalogue/stored-summary.ts";
import { pointsOf, summaryOf, type VaultSummary } from "../catalogue/summary.ts";
import type { SummaryPoint } from "../catalogue/summary-lines.ts";
import type { Keyring } from "../keys/keyring.ts";
import { isCatalogued } from "../store/layout.ts";
import { recordContentIn } from "../store/signed-record.ts";
import type { Store } from "../store/store.ts";

const entryBytesMax = 4096;

/** What is read first: with the summary, whose groups are read where they are asked for. */
interface VaultHead {
  readonly store: Store;
  readonly summary: VaultSummary;
  /** What is wrong with the record itself, one sentence each. */
  readonly problems: readonly string[];
  /** Why the whole catalogue had to be read. */
  readonly note?: string;
  /** Undefined for what was never there, or was lost. */
  removal(id: string): Promise<PastRemoval | undefined>;
}

export interface VaultRecord extends VaultHead {
  /** By id, in that order: all, or those that another vault may have otherwise. */
  readonly points: ReadonlyMap<string, SummaryPoint>;
}

const noSummary: VaultSummary = {
  vault: "",
  number: 0,
  sha256: "",
  groups: [],
  tail: [],
  backups: 0,
  increments: 0,
  removed: undefined,
  removedSince: 1,
};

/** Throws where a catalogue cannot be trusted. Groups with one hash in both are left out, unless `all` are asked for. */
export async function readRecords(
  stores: readonly [from: Store, to: Store],
  keyring: Keyring,
  all: boolean,
): Promise<{ readonly from: VaultRecord; readonly to: VaultRecord }> {
  /** Vaults whose summary has a group that is not what it says. */
  const unreadable = new Map<Store, string>();
  for (;;) {
    const summaries = [readSummary({ store: stores[0], keyring }), readSummary({ store: stores[1], keyring })] as const;
    if (!all) void Promise.all(summaries).then(readGroupsAhead, () => {});
    const [from, to] = await Promise.all([
      readHead(stores[0], keyring, summaries[0], unreadable.get(stores[0])),
      readHead(stores[1], keyring, summaries[1], unreadable.get(stores[1])),
    ]);
    const common = all ? new Set<string>() : equalGroups(from.summary, to.summary);
    const before = unreadable.size;
    const withPoints = async (head: VaultHead): Promise<VaultRecord> => {
      const { groups, tail } = head.summary;
      const read = await pointsOf(groups.filter(({ hash }) => !common.has(hash))).catch((error: unknown) => {
        if (!isDamage(error)) throw error;
        unreadable.set(head.store, error.message);
        return [];
      });
      const points = [...read, ...tail].toSorted((a, b) => (a.id < b.id ? -1 : 1));
      return { ...head, points: new Map(points.map((point) => [point.id, point])) };
    };
    const [here, there] = await Promise.all([withPoints(from), withPoints(to)]);
    if (unreadable.size === before) return { from: here, to: there };
  }
}

/** Whether each summary is the newest is asked meanwhile: that is one turn less to a vault far away. */
function readGroupsAhead([from, to]: readonly [VaultSummary | undefined, VaultSummary | undefined]): void {
  if (from === undefined || to === undefined) return;
  const common = equalGroups(from, to);
  for (const group of [...from.groups, ...to.groups]) if (!common.has(group.hash)) void group.read().catch(() => {});
}

/** But the newest of them, where no newer restore point is in both: what comes after the newest common one came later. */
function equalGroups(from: VaultSummary, to: VaultSummary): ReadonlySet<string> {
  const there = new Set(to.groups.map(({ hash }) => hash));
  const equal = from.groups.map(({ hash }) => hash).filter((hash) => there.has(hash));
  const newer = new Set(to.tail.filter(({ is }) => is === "there").map(({ id }) => id));
  const isCommonNewer = from.tail.some(({ id, is }) => is === "there" && newer.has(id));
  return new Set(isCommonNewer ? equal : equal.slice(0, -1));
}

async function readHead(
  store: Store,
  keyring: Keyring,
  stored: Promise<VaultSummary | undefined>,
  unreadable: string | undefined,
): Promise<VaultHead> {
  const { summary, ...read } = await readFresh(store, keyring, stored, unreadable);
  if (summary === undefined) {
    if (!(await isCatalogued(store)))
      throw usageError(
        `${store.where} was made by an earlier version and has no catalogue to compare`,
        "Begin one: falkordrill vault audit --adopt.",
      );
    return { store, summary: noSummary, problems: [], removal: () => Promise.resolve(undefined) };
  }
  const memory = await readMemory(keyring, store.where);
  const known = memory === "unreadable" ? undefined : memory;
  const problems = [...read.problems];
  if (known !== undefined && (known.vault !== summary.vault || known.number > summary.number))
    problems.push(
      `${store.where} was put back to an older state: its catalogue ends with entry ${summary.number}, and this key ` +
        `ring saw entry ${known.number} of ${known.at}`,
    );
  let recent: Promise<ReadonlyMap<string, PastRemoval> | undefined> | undefined;
  let all: typeof recent;
  const fromCatalogue = async (): Promise<ReadonlyMap<string, PastRemoval> | undefined> => {
    const catalogue = await readCatalogue(store, keyring, 1);
    if (catalogue === undefined) return undefined;
    return await (await summaryOf(catalogue, undefined, Number.POSITIVE_INFINITY)).removed?.read();
  };
  const removal = async (id: string): Promise<PastRemoval | undefined> => {
    recent ??= Promise.resolve(summary.removed?.read()).catch((error: unknown) => {
      if (!isDamage(error)) throw error;
      return (all ??= fromCatalogue());
    });
    const found = (await recent)?.get(id);
    if (found !== undefined || summary.removedSince === 1) return found;
    all ??= fromCatalogue();
    return (await all)?.get(id);
  };
  const note = read.note === undefined ? {} : { note: read.note };
  return { store, summary, problems, removal, ...note };
}

function isDamage(error: unknown): error is DrillError {
  return error instanceof DrillError && error.exit === "dataWrong";
}

interface FreshSummary {
  /** Undefined where there is no catalogue. */
  readonly summary: VaultSummary | undefined;
  readonly problems: readonly string[];
  readonly note?: string;
}

/** `unreadable` says why the stored summary is of no use. */
async function readFresh(
  store: Store,
  keyring: Keyring,
  stored: Promise<VaultSummary | undefined>,
  unreadable: string | undefined,
): Promise<FreshSummary> {
  let known: VaultSummary | undefined;
  let note = unreadable ?? `it has no ${summaryPath}`;
  try {
    known = await stored;
    if (unreadable === undefined && known !== undefined) {
      if (await isNewest(store, known)) return { summary: known, problems: [] };
      note = `${summaryPath} ends with entry ${known.number}, and the catalogue does not`;
    }
  } catch (error) {
    if (!isDamage(error)) throw error;
    note = error.message;
  }
  const catalogue = await readCatalogue(store, keyring, unreadable === undefined ? known?.number : 1);
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
  const base = isOfIt === true && unreadable === undefined ? known : undefined;
  let summary = known;
  try {
    if (catalogue !== undefined) summary = await summaryOf(catalogue, base);
  } catch (error) {
    if (base === undefined || !isDamage(error)) throw error;
    return await readFresh(store, keyring, stored, error.message);
  }
  return { summary, problems, note: `${store.where}: the whole catalogue was read, as ${note}` };
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
