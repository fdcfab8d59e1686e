// Appends to the catalogue. Any number of processes may do so at once: an entry is stored only where none has its
// number yet, and whoever comes second reads the first one and takes the next number.
import { randomBytes } from "node:crypto";
import { hostname, userInfo } from "node:os";
import type { PrivateKey } from "openpgp";
import { type Clock, systemClock } from "../../base/clock.ts";
import { DrillError, environmentError } from "../../base/errors.ts";
import { packageVersion } from "../../base/package.ts";
import type { Keyring } from "../keys/keyring.ts";
import { isCatalogued } from "../store/layout.ts";
import { recordBytes } from "../store/signed-record.ts";
import type { Store } from "../store/store.ts";
import {
  applyEntry,
  changesNothing,
  type CatalogueEntry,
  type CatalogueEvent,
  catalogueFolder,
  encodeEntry,
  entryHash,
  entryPath,
  noEntry,
  stateEvery,
  stateList,
} from "./entry.ts";
import { grownTo, readMemory, writeMemory } from "./memory.ts";
import { type Catalogue, readCatalogue, type ReadEntry } from "./read-catalogue.ts";
import { writeSummary } from "./stored-summary.ts";

const attemptsMax = 100;

export interface CatalogueContext {
  readonly store: Store;
  readonly keyring: Keyring;
  /** Unlocked before, where many entries are written. */
  readonly signer?: PrivateKey;
  readonly clock?: Clock;
}

/**
 * Records these events in one entry, which may depend on what the catalogue says. A vault of an earlier layout has no
 * catalogue, and gets none here. Throws where the entries before cannot be trusted: a new one would vouch for them.
 */
export async function appendEntry(
  context: CatalogueContext,
  events: (catalogue: Catalogue | undefined) => readonly CatalogueEvent[] | Promise<readonly CatalogueEvent[]>,
): Promise<void> {
  const { store, keyring, clock = systemClock } = context;
  const signer = context.signer ?? (await keyring.signer());
  for (let attempt = 1; attempt <= attemptsMax; attempt++) {
    const catalogue = await readCatalogue(store, keyring);
    if (catalogue === undefined && !(await isCatalogued(store))) return;
    const asked = await events(catalogue);
    if (asked.length === 0) return;
    const memory = await readMemory(keyring, store.where);
    const given = [...((memory !== "unreadable" && memory?.unrecorded) || []), ...asked];
    const entry = entryAfter(catalogue, given, clock);
    const path = entryPath(entry.number);
    const content = encodeEntry(entry);
    // The entry before may be of a process that was killed before it was durable: a power cut must not leave a gap there.
    await store.sync(catalogueFolder);
    if (!(await store.putIfAbsent(path, await recordBytes(content, path, signer)))) continue;
    const now = catalogueWith(catalogue, { entry, sha256: entryHash(content) });
    await rememberOwn(context, catalogue, now, entry.events);
    await writeSummary({ store, keyring, signer }, now);
    return;
  }
  throw environmentError(`no entry could be added to the catalogue of ${store.where} in ${attemptsMax} attempts`);
}

/**
 * Whoever removes the newest entries removes those that nobody has looked at yet as well, so the key ring remembers its
 * own at once. It does so only where it had seen the entry before: one that follows a state which was put back would
 * hide that.
 */
async function rememberOwn(
  { store, keyring }: CatalogueContext,
  before: Catalogue | undefined,
  { vault, number, sha256, at, state }: Catalogue,
  events: readonly CatalogueEvent[],
): Promise<void> {
  const known = await readMemory(keyring, store.where);
  if (known === "unreadable") return;
  if (known !== undefined && (known.number !== before?.number || known.sha256 !== before.sha256)) return;
  const changed = new Set(events.flatMap(({ does, point }) => (changesNothing.has(does) ? [] : (point ?? []))));
  // The memory may know of increments that are not recorded yet.
  const seen = new Map(known?.points.map(({ id, chain }) => [id, chain?.number ?? 0]));
  const points = Array.from(state.values(), (point) =>
    changed.has(point.id) ? point : grownTo(point, seen.get(point.id) ?? 0),
  );
  writeMemory(keyring, { where: store.where, vault, number, sha256, at, points });
}

function catalogueWith(before: Catalogue | undefined, added: ReadEntry): Catalogue {
  const { vault, number, at } = added.entry;
  const state = new Map(before?.state);
  applyEntry(state, added.entry);
  return { vault, number, sha256: added.sha256, at, state, entries: [...(before?.entries ?? []), added] };
}

function entryAfter(catalogue: Catalogue | undefined, events: readonly CatalogueEvent[], clock: Clock): CatalogueEntry {
  const number = (catalogue?.number ?? 0) + 1;
  const entry: CatalogueEntry = {
    version: 1,
    vault: catalogue?.vault ?? randomBytes(8).toString("hex"),
    number,
    previous: catalogue?.sha256 ?? noEntry,
    at: new Date(clock.nowMs()).toISOString(),
    who: `${userInfo().username}@${hostname()}, falkordrill ${packageVersion()}, pid ${process.pid}`,
    events,
  };
  if (number % stateEvery !== 0) return entry;
  const state = new Map(catalogue?.state);
  applyEntry(state, entry);
  return { ...entry, state: stateList(state) };
}

/**
 * For work that must not fail because its record does: returns a note where the entries before cannot be trusted.
 */
export async function tryAppend(
  context: CatalogueContext,
  events: Parameters<typeof appendEntry>[1],
): Promise<string | undefined> {
  try {
    await appendEntry(context, events);
    return undefined;
  } catch (error) {
    if (!(error instanceof DrillError) || error.findingCode !== "catalogue-broken") throw error;
    return `NOT RECORDED: ${error.message}`;
  }
}
