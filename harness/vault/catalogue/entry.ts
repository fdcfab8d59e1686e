// One entry of the catalogue: what happened in the vault, by whom, and to which restore point. Each names the SHA-256
// of the entry before it, so that an entry that is changed, missing, inserted or out of order is found, and the
// signature of the newest one covers all of them.
import { hash } from "node:crypto";
import { z } from "zod";
import { DrillError } from "../../base/errors.ts";
import { parseManifest } from "../store/manifest.ts";

const entryVersion = 1;
export const catalogueFolder = "catalogue";
/** Every so many entries one holds the whole state, so that a reader needs the last few only. */
export const stateEvery = 20;
const pathPattern = /^catalogue\/(\d{8})\.json$/;

const eventKinds = [
  // A backup is about to be made: until it is recorded as `added`, its manifest may be there or not.
  "began",
  // The manifest of a backup is there.
  "added",
  // The chain of a backup ends with this increment, from now on.
  "chain",
  // A backup is about to be removed with its chain: it may be there, in part or whole, until it is `removed`.
  "going",
  "removed",
  // What is there was taken for what should be there.
  "adopted",
  // What a verify or a proof found.
  "judged",
  // A server holds this backup now, in place of what it held before.
  "restored",
  "keys",
] as const;

/** What leaves a backup and its chain as they are. */
export const changesNothing: ReadonlySet<CatalogueEvent["does"]> = new Set(["judged", "restored"]);

export interface CatalogueEvent {
  readonly does: (typeof eventKinds)[number];
  /** The backup concerned. */
  readonly point?: string;
  /** The increment concerned; 0 for the backup itself. */
  readonly number?: number;
  /** SHA-256 of the manifest of that backup or increment. */
  readonly sha256?: string;
  /** Whether it was found good; only with `judged`. */
  readonly ok?: boolean;
  /** One sentence for a person. */
  readonly why?: string;
}

/** A backup according to the catalogue. */
export interface CataloguedPoint {
  readonly id: string;
  readonly is: "began" | "there" | "going";
  readonly sha256?: string;
  /** The last increment of its chain, as far as it is recorded. */
  readonly chain?: { readonly number: number; readonly sha256?: string };
  /** Where a record must say that it was found faulty: 0 for the backup itself, else the increment. */
  readonly faultyAt?: number;
  /** Number and time of the entry that recorded it. */
  readonly entry: number;
  readonly at: string;
}

export interface CatalogueEntry {
  readonly version: typeof entryVersion;
  /** Random id of the catalogue, and so of the vault. */
  readonly vault: string;
  readonly number: number;
  /** SHA-256 of the content of the entry before it; zeros for the first. */
  readonly previous: string;
  readonly at: string;
  readonly who: string;
  readonly events: readonly CatalogueEvent[];
  /** The backups after this entry, in every `stateEvery`-th one. */
  readonly state?: readonly CataloguedPoint[];
}

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().nonnegative();

export const eventSchema: z.ZodType<CatalogueEvent> = z.strictObject({
  does: z.enum(eventKinds),
  point: z.string().exactOptional(),
  number: count.exactOptional(),
  sha256: sha256.exactOptional(),
  ok: z.boolean().exactOptional(),
  why: z.string().exactOptional(),
});

export const pointSchema: z.ZodType<CataloguedPoint> = z.strictObject({
  id: z.string(),
  is: z.enum(["began", "there", "going"]),
  sha256: sha256.exactOptional(),
  chain: z.strictObject({ number: z.int().positive(), sha256: sha256.exactOptional() }).exactOptional(),
  faultyAt: count.exactOptional(),
  entry: z.int().positive(),
  at: z.iso.datetime(),
});

const entrySchema: z.ZodType<CatalogueEntry> = z.strictObject({
  version: z.literal(entryVersion),
  vault: z.string().regex(/^[0-9a-f]{16}$/),
  number: z.int().positive(),
  previous: sha256,
  at: z.iso.datetime(),
  who: z.string(),
  events: z.array(eventSchema),
  state: z.array(pointSchema).exactOptional(),
});

export const noEntry: string = "0".repeat(64);

export function entryPath(number: number): string {
  return `${catalogueFolder}/${String(number).padStart(8, "0")}.json`;
}

/** Undefined for objects that are not entries. */
export function entryNumberOf(path: string): number | undefined {
  const number = pathPattern.exec(path)?.[1];
  return number === undefined ? undefined : Number(number);
}

export function encodeEntry(entry: Omit<CatalogueEntry, "version">): string {
  return `${JSON.stringify(entrySchema.parse({ version: entryVersion, ...entry }), undefined, 1)}\n`;
}

export function decodeEntry(content: string, where: string): CatalogueEntry {
  return parseManifest(Buffer.from(content), where, entrySchema, entryVersion);
}

/** The state as an entry holds it. */
export function stateList(state: ReadonlyMap<string, CataloguedPoint>): readonly CataloguedPoint[] {
  // Parsing gives the fields one order, so that two lists can be compared as text.
  return [...state.values()].map((point) => pointSchema.parse(point));
}

export function entryHash(content: string): string {
  return hash("sha256", content);
}

export function catalogueBroken(why: string, cause?: unknown): DrillError {
  return new DrillError(`the catalogue of the vault cannot be trusted: ${why}`, {
    exit: "dataWrong",
    code: "catalogue-broken",
    hint: "Find out who changed it. `falkordrill vault audit` looks at all of it; with --adopt it begins a new one.",
    cause,
  });
}

/** Changes the state as this entry says. */
export function applyEntry(
  state: Map<string, CataloguedPoint>,
  entry: Pick<CatalogueEntry, "number" | "at" | "events">,
): void {
  const { number: at, events } = entry;
  for (const { does, point: id, number = 0, sha256: manifest, ok } of events) {
    if (id === undefined) continue;
    const before = state.get(id);
    const chain = number === 0 ? {} : { chain: { number, ...hashOf(manifest) } };
    const now = { id, entry: at, at: entry.at };
    if (does === "began") state.set(id, { ...now, is: "began" });
    else if (does === "added") state.set(id, { ...before, ...now, is: "there", ...hashOf(manifest) });
    else if (does === "going" && before !== undefined) state.set(id, { ...before, is: "going" });
    else if (does === "removed") state.delete(id);
    else if (does === "chain" && before !== undefined) state.set(id, { ...endingAt(before, number), ...chain });
    else if (does === "judged" && before !== undefined) {
      const reaches = number > (before.chain?.number ?? 0) ? chain : {};
      state.set(id, { ...judged(before, number, ok), ...reaches });
    }
  }
}

function hashOf(manifest: string | undefined): { readonly sha256?: string } {
  return manifest === undefined ? {} : { sha256: manifest };
}

/** A fault is taken back by a later look at the same point only. */
function judged(point: CataloguedPoint, number: number, ok: boolean | undefined): CataloguedPoint {
  if (ok === false) return { ...point, faultyAt: number };
  if (ok === undefined || point.faultyAt !== number) return point;
  const { faultyAt: _faultyAt, ...good } = point;
  return good;
}

/** A fault of an increment goes with it: the next one of that number is another. */
function endingAt({ chain: _chain, faultyAt, ...point }: CataloguedPoint, number: number): CataloguedPoint {
  return faultyAt === undefined || faultyAt > number ? point : { ...point, faultyAt };
}
