// The segments of a vault: written one after the other, each with its manifest last, and read back in order with every
// signature and every link checked. What a segment holds, decrypted and decompressed, are the bytes of the replication
// stream between two offsets.
import { hash } from "node:crypto";
import type * as openpgp from "openpgp";
import { passPoint } from "../../base/process/crash-point.ts";
import { DrillError, environmentError } from "../../base/errors.ts";
import { packageVersion } from "../../base/package.ts";
import { silentProgress } from "../../base/progress.ts";
import { compressionLevel } from "../parts/compression.ts";
import type { KeyEntry, Keyring } from "../keys/keyring.ts";
import type { EncryptionProfile, Manifest } from "../store/manifest.ts";
import type { PartWorkers } from "../parts/part-workers.ts";
import { checkParts, readParts, type StoredParts } from "../parts/read-parts.ts";
import { decodeSegment, encodeSegment, type SegmentManifest, segmentVersion } from "./segment-manifest.ts";
import { isEmptied, type Store } from "../store/store.ts";
import { readSigned, writeSigned } from "../store/signed.ts";
import { readManifestDocument, requireBackupId } from "../store/vault.ts";
import { markFinished, markUnfinished, removePoint } from "../store/unfinished.ts";
import { type PartSource, writeParts } from "../parts/write-parts.ts";

/** Small, because a segment on its way holds a few of them in memory for weeks. */
const segmentPartBytes: number = 2 ** 20;

/** The end of a chain, to which the next segment is linked: the last segment, or the cut of the base. */
export interface ChainHead {
  readonly base: string;
  /** Number of the last segment; 0 for the base. */
  readonly number: number;
  /** SHA-256 of the last segment's manifest, or of the base's. */
  readonly sha256: string;
  readonly replid: string;
  readonly offset: number;
  /** ISO 8601. */
  readonly at: string;
}

export interface LinkedSegment {
  readonly manifest: SegmentManifest;
  readonly head: ChainHead;
}

/** What can be wrong with a chain, as the codes of findings. */
type ChainFault =
  | "chain-missing"
  | "chain-reordered"
  | "chain-foreign"
  | "chain-duplicated"
  | "chain-manifest-swapped"
  | "chain-link"
  | "chain-gap";

export interface SegmentContext {
  readonly store: Store;
  readonly workers: PartWorkers;
  readonly profile: EncryptionProfile;
  readonly recipients: readonly KeyEntry[];
  readonly signer: openpgp.PrivateKey;
  readonly signal: AbortSignal;
  /** Called for each segment that is in the vault; it must not throw. */
  readonly onStored?: (head: ChainHead, sealed: SegmentManifest["sealed"]) => Promise<void>;
  /** Throws where another archiver may have taken the chain over. */
  readonly mustHold: () => Promise<void>;
}

/** What the writer of a segment knows once it has ended. */
export type SegmentFacts = Pick<
  SegmentManifest,
  "replid" | "to" | "toAt" | "times" | "complete" | "sealed" | "commands" | "hazards" | "schemas"
>;

export function segmentFolder(base: string, number: number): string {
  requireBackupId(base);
  return `segments/${base}/${String(number).padStart(8, "0")}`;
}

export function segmentPath(base: string, number: number, name: string): string {
  return `${segmentFolder(base, number)}/${name}`;
}

function segmentParts(manifest: SegmentManifest): StoredParts {
  return {
    parts: manifest.parts,
    pathOf: (name) => segmentPath(manifest.base, manifest.number, name),
    profile: manifest.encryption.profile,
  };
}

/**
 * Stores the bytes of `source` until it ends, and then the manifest. `ended` is called after the last part, and
 * `previous` may be a backup that completes only then. A failed segment removes its parts, unless they may be those of an
 * archiver that has taken over.
 */
export async function writeSegment(
  context: SegmentContext,
  place: Pick<SegmentManifest, "base" | "number">,
  source: PartSource,
  ended: () => Promise<{ readonly previous: ChainHead; readonly facts: SegmentFacts }>,
): Promise<ChainHead> {
  const { store, workers, profile, recipients, signer, signal, mustHold } = context;
  const { base, number } = place;
  const pathOf = (name: string): string => segmentPath(base, number, name);
  const folder = segmentFolder(base, number);
  let stored: { readonly head: ChainHead; readonly sealed: SegmentManifest["sealed"] };
  try {
    await mustHold();
    await markUnfinished(store, folder, "segment");
    const parts = await writeParts(source, {
      pathOf,
      store: addingOnly(store),
      workers,
      keys: recipients.map(({ publicKey }) => publicKey),
      profile,
      partBytes: segmentPartBytes,
      observe: () => {},
      progress: silentProgress,
      signal,
    });
    passPoint("chain/parts-stored");
    const { previous, facts } = await ended();
    const manifest: SegmentManifest = {
      version: segmentVersion,
      tool: `falkordrill ${packageVersion()}`,
      base,
      number,
      previous: previous.sha256,
      from: previous.offset,
      fromAt: previous.at,
      ...facts,
      encryption: { profile, recipients: recipients.map(({ name, fingerprint }) => ({ name, fingerprint })) },
      compression: { format: "zstd", level: compressionLevel },
      rawBytes: source.bytes,
      storedBytes: parts.reduce((sum, part) => sum + part.storedBytes, 0),
      parts,
    };
    const bytes = encodeSegment(manifest);
    const head = headOf(manifest, hash("sha256", bytes));
    // Before it is signed: a segment that would not link must never be in the vault.
    checkLink(previous, decodeSegment(bytes, pathOf("manifest.json")));
    await mustHold();
    passPoint("chain/lease-checked");
    await writeSigned(addingOnly(store), pathOf("manifest.json"), bytes, signer);
    passPoint("chain/manifest-stored");
    await markFinished(store, folder);
    stored = { head, sealed: facts.sealed };
  } catch (error) {
    const isOurs = await mustHold().then(
      () => true,
      () => false,
    );
    if (isOurs) await removePoint(store, folder).catch(() => {});
    throw error;
  }
  await context.onStored?.(stored.head, stored.sealed);
  return stored.head;
}

/** A store in which nothing is replaced: two archivers of one chain would mix their segments of the same number. */
function addingOnly(store: Store): Store {
  return {
    ...store,
    put: async (path, bytes, signal) => {
      if (await store.putIfAbsent(path, bytes, signal)) return;
      // What a killed run left here was emptied, where it could not be deleted.
      const there = (await store.list(path)).find((object) => object.path === path);
      if (there !== undefined && isEmptied(there)) return await store.put(path, bytes, signal);
      throw environmentError(`${path} is in ${store.where} already`, "Another archiver continues this chain; end one.");
    },
  };
}

/** The base of a chain, as what its first segment is linked to. */
export async function readBase(store: Store, base: string, keyring: Keyring): Promise<ChainHead> {
  const { manifest, sha256 } = await readManifestDocument(store, base, keyring);
  return baseHead(manifest, sha256);
}

export function baseHead({ id, cut: { replid, offset, at } }: Manifest, sha256: string): ChainHead {
  return { base: id, number: 0, sha256, replid, offset, at };
}

/** The link of a chain that ends with this segment; 0 for its base. */
export async function readLink(store: Store, base: string, number: number, keyring: Keyring): Promise<ChainHead> {
  return number === 0 ? await readBase(store, base, keyring) : (await readSegment(store, base, number, keyring)).head;
}

/** The numbers of the segments that have a manifest, in order. */
export async function listSegments(store: Store, base: string): Promise<readonly number[]> {
  requireBackupId(base);
  const objects = await store.list(`segments/${base}/`);
  return objects.flatMap(({ path }) => {
    const number = /^segments\/[^/]+\/(\d{8})\/manifest\.json$/.exec(path)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
}

/** One segment by itself: its signature and format are checked, not yet its link. */
export async function readSegment(
  store: Store,
  base: string,
  number: number,
  keyring: Keyring,
): Promise<LinkedSegment> {
  const path = segmentPath(base, number, "manifest.json");
  const bytes = await readSigned(store, path, keyring);
  const manifest = decodeSegment(bytes, path);
  /** Finding code for a manifest in the wrong place. */
  const whyElsewhere = async (): Promise<ChainFault> => {
    if (manifest.base !== base) return "chain-foreign";
    const own = await store.get(segmentPath(base, manifest.number, "manifest.json"));
    if (own?.equals(bytes) === true) return "chain-duplicated";
    const parts = { ...segmentParts(manifest), pathOf: (name: string) => segmentPath(base, number, name) };
    const areItsParts = await checkParts(store, parts, new AbortController().signal).then(
      () => true,
      () => false,
    );
    return areItsParts ? "chain-reordered" : "chain-manifest-swapped";
  };
  if (manifest.base !== base || manifest.number !== number)
    throw broken(path, `it is the manifest of segment ${manifest.number} of ${manifest.base}`, await whyElsewhere());
  return { manifest, head: headOf(manifest, hash("sha256", bytes)) };
}

/** Refuses a segment that does not follow its predecessor. */
function checkLink(previous: ChainHead, manifest: SegmentManifest): void {
  const path = segmentPath(manifest.base, manifest.number, "manifest.json");
  if (manifest.base !== previous.base) throw broken(path, `its base is not ${previous.base}`, "chain-foreign");
  if (manifest.number !== previous.number + 1)
    throw broken(path, `number ${previous.number + 1} was expected`, "chain-reordered");
  if (manifest.previous !== previous.sha256) throw broken(path, "it names another predecessor", "chain-link");
  if (manifest.from !== previous.offset)
    throw broken(path, `it begins at offset ${manifest.from}, its predecessor ends at ${previous.offset}`, "chain-gap");
  if (manifest.fromAt !== previous.at)
    throw broken(path, "it begins at another time than its predecessor ends", "chain-gap");
}

/** The segments of a base in order, each checked with its link before it is yielded. Throws at the first bad one. */
export async function* readChain(store: Store, base: string, keyring: Keyring): AsyncGenerator<LinkedSegment> {
  yield* readChainAfter(store, await readBase(store, base, keyring), keyring);
}

/** The segments that follow one link of a chain, checked in the same way. */
export async function* readChainAfter(store: Store, head: ChainHead, keyring: Keyring): AsyncGenerator<LinkedSegment> {
  const { base } = head;
  let previous = head;
  for (const number of (await listSegments(store, base)).filter((listed) => listed > head.number)) {
    if (number !== previous.number + 1) {
      const path = segmentPath(base, previous.number + 1, "manifest.json");
      throw broken(path, `it is missing, and ${number} is there`, "chain-missing");
    }
    const segment = await readSegment(store, base, number, keyring);
    checkLink(previous, segment.manifest);
    previous = segment.head;
    yield segment;
  }
}

/** The segment that follows this link of its chain, checked in the same way; undefined where there is none yet. */
export async function readNextSegment(
  store: Store,
  head: ChainHead,
  keyring: Keyring,
): Promise<LinkedSegment | undefined> {
  const { base, number } = head;
  if ((await store.get(segmentPath(base, number + 1, "manifest.json"))) === undefined) return undefined;
  const segment = await readSegment(store, base, number + 1, keyring);
  checkLink(head, segment.manifest);
  return segment;
}

/** Hashes every stored part of a segment. */
export function checkSegment(store: Store, manifest: SegmentManifest, signal: AbortSignal): Promise<void> {
  return checkParts(store, segmentParts(manifest), signal);
}

/** The bytes (from, to] of the stream, in chunks of any size. Only verified bytes. */
export function readSegmentBytes(
  store: Store,
  manifest: SegmentManifest,
  keys: readonly openpgp.PrivateKey[],
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  return readParts(store, segmentParts(manifest), keys, signal);
}

function headOf({ base, number, replid, to, toAt }: SegmentManifest, sha256: string): ChainHead {
  return { base, number, sha256, replid, offset: to, at: toAt };
}

function broken(path: string, why: string, code: ChainFault): DrillError {
  return new DrillError(`the chain is broken at ${path}: ${why}`, {
    exit: "dataWrong",
    code,
    hint: "Nothing of this segment or after it was used; what is before it can be restored.",
  });
}
