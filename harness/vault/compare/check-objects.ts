// Whether a vault holds what it records: by the names of its objects and the hashes of the manifests at both ends of each
// chain, or with every byte. The record has the hash of each backup's manifest and of its last increment's, each manifest
// has that of the one before it and of its own parts: so one hash leads to the next, down to the last part.
import { hash } from "node:crypto";
import { DrillError } from "../../base/errors.ts";
import { shortHash, type SummaryPoint } from "../catalogue/summary-lines.ts";
import { decodeSegment } from "../chain/segment-manifest.ts";
import type { Keyring } from "../keys/keyring.ts";
import { fetchPart } from "../parts/read-parts.ts";
import { release } from "../parts/release.ts";
import { eachInParallel } from "../parts/in-parallel.ts";
import { isPart } from "../store/layout.ts";
import { decodeManifest, type ManifestPart } from "../store/manifest.ts";
import { whyNotSigned } from "../store/signed.ts";
import type { Store } from "../store/store.ts";
import type { VaultDivergence } from "./divergence.ts";
import { folderOfPoint, isShown, type Listing, lastShown, manifestOf } from "./listing.ts";
import type { VaultRecord } from "./vault-record.ts";
import { baseOf, numberOf } from "../store/vault.ts";

/** Requests under way at once. */
export const requestsAtOnce = 16;

export interface CheckedSide {
  readonly record: VaultRecord;
  readonly listing: Listing;
  /** Backups that another process writes or copies right now. */
  readonly inUse: ReadonlySet<string>;
}

/** By names only. */
export function checkNames({ record, listing, inUse }: CheckedSide): readonly VaultDivergence[] {
  const { store, points } = record;
  const { where } = store;
  const found: VaultDivergence[] = [];
  const add = (kind: VaultDivergence["kind"], point: string, object: string, why: string): void => {
    found.push({ kind, point, object, where, message: `${object} in ${where} ${why}` });
  };
  for (const { id, is, number } of points.values()) {
    if (is !== "there") continue;
    // An increment that is not recorded yet has one before it.
    for (let at = 0; at <= Math.max(number, lastShown(listing, id)); at++) {
      const point = at === 0 ? id : `${id}/${at}`;
      if (!isShown(listing, point)) add("missing", point, manifestOf(point), "is missing");
    }
  }
  for (const [path] of listing.strays) add("extra", "", path, "is no object of a vault");
  for (const [point, objects] of listing.points) {
    const [id, number] = [baseOf(point), numberOf(point)];
    const recorded = points.get(id);
    if (inUse.has(id) || recorded?.is === "going") continue;
    const [object = ""] = objects.keys();
    if (recorded === undefined && isShown(listing, point))
      add("extra", point, manifestOf(point), "is not in its catalogue: it was brought there, or put back");
    else if (!isShown(listing, point) && !(recorded?.is === "there" && number <= recorded.number))
      add("half", point, object, "has no manifest: the restore point was begun there and is not whole");
  }
  return found;
}

/** The manifests whose hashes are recorded; with `bytes` all of them, and every part. */
export async function checkHashes(
  { record, listing }: CheckedSide,
  other: Listing,
  keyring: Keyring,
  { bytes, signal }: { readonly bytes: boolean; readonly signal: AbortSignal },
): Promise<readonly VaultDivergence[]> {
  const { store, points } = record;
  const held = [...points.values()].filter(({ id, is }) => is === "there" && isShown(listing, id));
  const found = await eachInParallel(requestsAtOnce, held, async (point) => {
    signal.throwIfAborted();
    return bytes ? await checkChain(store, { listing, other }, point, keyring) : await checkEnds(store, point);
  });
  return found.flat();
}

async function checkEnds(
  store: Store,
  { id, manifest, number, end }: SummaryPoint,
): Promise<readonly VaultDivergence[]> {
  const ends: [point: string, expected: string | undefined][] = [[id, manifest]];
  if (number > 0) ends.push([`${id}/${number}`, end]);
  const found = await Promise.all(
    ends.map(async ([point, expected]) => {
      const bytes = expected === undefined ? undefined : await store.get(manifestOf(point));
      // What is missing is named by its name.
      return bytes === undefined || shortHash(hash("sha256", bytes)) === expected ? [] : [notRecorded(store, point)];
    }),
  );
  return found.flat();
}

function notRecorded({ where }: Store, point: string): VaultDivergence {
  const object = manifestOf(point);
  const message = `${object} in ${where} is not the one that its catalogue records`;
  return { kind: "altered", point, object, where, message };
}

/** From its end to its beginning, as each manifest holds the hash of the one before it. */
async function checkChain(
  store: Store,
  { listing, other }: { readonly listing: Listing; readonly other: Listing },
  recorded: SummaryPoint,
  keyring: Keyring,
): Promise<readonly VaultDivergence[]> {
  const { id } = recorded;
  const found: VaultDivergence[] = [];
  let linked: string | undefined;
  for (let number = Math.max(recorded.number, lastShown(listing, id)); number >= 0; number--) {
    const point = number === 0 ? id : `${id}/${number}`;
    const object = manifestOf(point);
    const bytes = isShown(listing, point) ? await store.get(object) : undefined;
    const known = number === 0 ? recorded.manifest : number === recorded.number ? recorded.end : undefined;
    const expected = [linked, known].filter((each) => each !== undefined);
    linked = undefined;
    if (bytes === undefined) continue;
    const actual = shortHash(hash("sha256", bytes));
    const isExpected = expected.every((each) => each === actual);
    // What no hash leads to is compared with the other vault's, where that has it.
    const isKnown = expected.length > 0 || (await whyNotSigned(store, object, keyring)) === undefined;
    if (!isKnown && isShown(other, point)) continue;
    if (!isExpected || !isKnown) {
      found.push(notRecorded(store, point));
      continue;
    }
    const named = namedIn(point, bytes);
    linked = named?.previous;
    if (named === undefined) found.push(notRecorded(store, point));
    else found.push(...(await checkParts(store, listing, point, named.parts)));
  }
  return found;
}

interface Named {
  readonly parts: readonly ManifestPart[];
  /** Short hash of the manifest before. */
  readonly previous?: string;
}

/** What a manifest names by its hash; undefined for what is no manifest. */
export function namedIn(point: string, manifest: Buffer): Named | undefined {
  const path = manifestOf(point);
  try {
    if (numberOf(point) === 0) return { parts: decodeManifest(manifest, path).parts };
    const { parts, previous, base, number: own } = decodeSegment(manifest, path);
    return base === baseOf(point) && own === numberOf(point) ? { parts, previous: shortHash(previous) } : undefined;
  } catch (error) {
    if (error instanceof DrillError && error.exit === "dataWrong") return undefined;
    throw error;
  }
}

async function checkParts(
  store: Store,
  listing: Listing,
  point: string,
  parts: readonly ManifestPart[],
): Promise<readonly VaultDivergence[]> {
  const folder = folderOfPoint(point);
  const { where } = store;
  const found: VaultDivergence[] = [];
  for (const part of parts) {
    const object = `${folder}/${part.name}`;
    try {
      release(await fetchPart(store, object, part));
    } catch (error) {
      if (!(error instanceof DrillError) || error.exit !== "dataWrong") throw error;
      const kind = error.findingCode === "object-missing" ? "missing" : "altered";
      found.push({ kind, point, object, where, message: error.message });
    }
  }
  const known = new Set(parts.map(({ name }) => `${folder}/${name}`));
  for (const object of listing.points.get(point)?.keys() ?? [])
    if (isPart(object) && !known.has(object)) {
      const message = `${object} in ${where} is a part of which the manifest knows nothing`;
      found.push({ kind: "extra", point, object, where, message });
    }
  return found;
}
