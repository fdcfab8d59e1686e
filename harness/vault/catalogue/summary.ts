// A summary of the catalogue in one small object: which restore points the vault should hold, each with the hash of its
// manifest, and what it removed. Whoever adds an entry writes it anew. It says as of which entry it is, so that one that
// a crash, an older program or a faster writer left behind is recognised, and never gives a wrong answer.
import { hash } from "node:crypto";
import type { PrivateKey } from "openpgp";
import { z } from "zod";
import { DrillError } from "../../base/errors.ts";
import type { Keyring } from "../keys/keyring.ts";
import { parseManifest } from "../store/manifest.ts";
import { readRecord, recordBytes } from "../store/signed-record.ts";
import type { Store } from "../store/store.ts";
import { type CataloguedPoint, catalogueFolder } from "./entry.ts";
import type { Catalogue } from "./read-catalogue.ts";
import { type PastRemoval, RemovalHistory, type RemovalReason, removalReasons } from "./removal-history.ts";

const summaryVersion = 1;
export const summaryPath: string = `${catalogueFolder}/summary.json`;
/** How many removals are in it, the latest ones. */
const removedMaxDefault = 300;

export interface SummaryPoint {
  readonly id: string;
  readonly is: CataloguedPoint["is"];
  /** Number of the entry that recorded it. */
  readonly entry: number;
  /** Why it is about to go. */
  readonly reason?: RemovalReason;
  /** Short hash of its manifest, where the catalogue knows it. */
  readonly manifest?: string;
  /** The last increment of its chain, as far as it is recorded; 0 for none. */
  readonly number: number;
  /** Short hash of the manifest of that increment. It covers all increments before, as each names the one before it. */
  readonly end?: string;
  /** A rule removed the increments after it. */
  readonly isCut: boolean;
}

export interface VaultSummary {
  /** Id of the catalogue. */
  readonly vault: string;
  /** Number and hash of the entry up to which this is a summary; 0 and an empty text where there is none. */
  readonly number: number;
  readonly sha256: string;
  readonly points: ReadonlyMap<string, SummaryPoint>;
  readonly removed: ReadonlyMap<string, PastRemoval>;
  /** Every removal is here that this entry or a later one recorded. */
  readonly removedSince: number;
}

/** 132 bits of a SHA-256, in 22 characters. */
export function shortHash(sha256: string): string {
  return Buffer.from(sha256, "hex").toString("base64url").slice(0, 22);
}

/** The same for all vaults that should hold the same restore points. */
export function rootOf({ points }: Pick<VaultSummary, "points">): string {
  const held = [...points.values()].filter(({ is }) => is === "there");
  return hash("sha256", held.map(({ id, manifest, number, end }) => `${id} ${manifest} ${number} ${end}\n`).join(""));
}

/** `known` is an earlier summary, to which only the later entries are added; without it all that were read. */
export function summaryOf(
  catalogue: Catalogue,
  known?: VaultSummary,
  removedMax: number = removedMaxDefault,
): VaultSummary {
  const { vault, number, sha256, state, entries } = catalogue;
  const at = entries.findIndex((read) => read.entry.number === known?.number && read.sha256 === known.sha256);
  const history = at === -1 ? new RemovalHistory() : historyOf(known);
  const [first] = entries;
  if (at === -1) for (const { id, chain } of first?.entry.state ?? []) history.reach(id, chain?.number ?? 0);
  for (const { entry } of entries.slice(at + 1)) for (const event of entry.events) history.add(event, entry.number);
  let removedSince = (at === -1 ? first?.entry.number : known?.removedSince) ?? 1;
  for (const [id, { entry }] of history.removed) {
    if (history.removed.size <= removedMax) break;
    history.removed.delete(id);
    removedSince = entry + 1;
  }
  const ids = [...state.keys()].toSorted();
  const points = new Map(ids.flatMap((id) => [[id, pointOf(state.get(id), history)] as const]));
  return { vault, number, sha256, points, removed: history.removed, removedSince };
}

function pointOf(point: CataloguedPoint | undefined, { going, cut }: RemovalHistory): SummaryPoint {
  if (point === undefined) throw new Error("a point of the state");
  const { id, is, entry, sha256, chain } = point;
  const reason = is === "going" ? going.get(id) : undefined;
  return {
    id,
    is,
    entry,
    ...(reason === undefined ? {} : { reason }),
    ...(sha256 === undefined ? {} : { manifest: shortHash(sha256) }),
    number: chain?.number ?? 0,
    ...(chain?.sha256 === undefined ? {} : { end: shortHash(chain.sha256) }),
    isCut: cut.has(id),
  };
}

function historyOf(known: VaultSummary | undefined): RemovalHistory {
  const history = new RemovalHistory();
  for (const { id, number, reason, isCut } of known?.points.values() ?? []) {
    history.reach(id, number);
    if (isCut) history.cut.add(id);
    if (reason !== undefined) history.going.set(id, reason);
  }
  for (const [id, removal] of known?.removed ?? []) history.removed.set(id, removal);
  return history;
}

const reasons = removalReasons.join("|");
const pointPattern = new RegExp(
  `^(\\d{8}T\\d{6}Z-[0-9a-f]{8}) (began|there|going)(?:-(${reasons}))? (\\d+) ([\\w-]{22}|\\?) (\\d+) ([\\w-]{22}|\\?)( cut)?$`,
);
const removedPattern = new RegExp(`^(\\d{8}T\\d{6}Z-[0-9a-f]{8}) (${reasons}) (\\d+)$`);

interface SummaryDocument {
  readonly version: typeof summaryVersion;
  readonly vault: string;
  readonly number: number;
  readonly sha256: string;
  readonly points: readonly string[];
  readonly removed: readonly string[];
  readonly removedSince: number;
}

const documentSchema: z.ZodType<SummaryDocument> = z.strictObject({
  version: z.literal(summaryVersion),
  vault: z.string().regex(/^[0-9a-f]{16}$/),
  number: z.int().positive(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  points: z.array(z.string().regex(pointPattern)),
  removed: z.array(z.string().regex(removedPattern)),
  removedSince: z.int().positive(),
});

/** One line a restore point: a vault of hundreds is compared in some tens of kilobytes. */
function encode({ vault, number, sha256, points, removed, removedSince }: VaultSummary): string {
  const document: SummaryDocument = {
    version: summaryVersion,
    vault,
    number,
    sha256,
    points: Array.from(points.values(), (point) => {
      const is = point.reason === undefined ? point.is : `${point.is}-${point.reason}`;
      return `${point.id} ${is} ${point.entry} ${point.manifest ?? "?"} ${point.number} ${point.end ?? "?"}${point.isCut ? " cut" : ""}`;
    }),
    removed: Array.from(removed, ([id, { reason, entry }]) => `${id} ${reason} ${entry}`),
    removedSince,
  };
  return JSON.stringify(documentSchema.parse(document));
}

function decode(content: string): VaultSummary {
  const { points, removed, ...document } = parseManifest(
    Buffer.from(content),
    summaryPath,
    documentSchema,
    summaryVersion,
  );
  return {
    ...document,
    points: new Map(points.map((line) => lineOf(line))),
    removed: new Map(
      removed.map((line) => {
        const [id = "", reason, entry] = line.split(" ");
        return [id, { reason: reason as RemovalReason, entry: Number(entry) }];
      }),
    ),
  };
}

function lineOf(line: string): readonly [string, SummaryPoint] {
  const [, id = "", is, reason, entry, manifest = "?", number, end = "?", cut] = pointPattern.exec(line) ?? [];
  const point = {
    id,
    is: is as SummaryPoint["is"],
    entry: Number(entry),
    ...(reason === undefined ? {} : { reason: reason as RemovalReason }),
    ...(manifest === "?" ? {} : { manifest }),
    number: Number(number),
    ...(end === "?" ? {} : { end }),
    isCut: cut !== undefined,
  };
  return [id, point];
}

/** Undefined where there is none; throws where it is not signed by a key that the key ring trusts. */
export async function readSummary(store: Store, keyring: Keyring): Promise<VaultSummary | undefined> {
  const content = await readRecord(store, summaryPath, keyring).catch((error: unknown) => {
    if (error instanceof DrillError && error.findingCode === "object-missing") return undefined;
    throw error;
  });
  return content === undefined ? undefined : decode(content);
}

/** To be called after an entry was added. What keeps it from being written makes it stale, which every reader sees. */
export async function writeSummary(
  { store, keyring, signer }: { readonly store: Store; readonly keyring: Keyring; readonly signer: PrivateKey },
  catalogue: Catalogue,
): Promise<void> {
  try {
    const known = await readSummary(store, keyring).catch(unlessDrillError);
    const content = encode(summaryOf(catalogue, known));
    await store.put(summaryPath, await recordBytes(content, summaryPath, signer));
  } catch (error) {
    unlessDrillError(error);
  }
}

function unlessDrillError(error: unknown): undefined {
  if (!(error instanceof DrillError)) throw error;
}
