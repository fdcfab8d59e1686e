// The summary of the catalogue as it is stored. Whoever adds an entry writes it anew: first each group that has changed,
// into an object of which the summary of before knows nothing, and then `summary.json` over that one. So a reader of either
// finds what it names, a crash between the two leaves the summary of before, and nothing has ever to be deleted. One that
// a crash, an older program or a faster writer left behind is recognised, and never gives a wrong answer.
import type { PrivateKey } from "openpgp";
import { z } from "zod";
import { DrillError } from "../../base/errors.ts";
import type { Keyring } from "../keys/keyring.ts";
import { inParallel } from "../parts/in-parallel.ts";
import { parseManifest } from "../store/manifest.ts";
import { readRecord, recordBytes } from "../store/signed-record.ts";
import { brokenObject, type Store } from "../store/store.ts";
import { catalogueFolder } from "./entry.ts";
import { type Catalogue, readCatalogue } from "./read-catalogue.ts";
import {
  type HashedRemovals,
  type PointGroup,
  removalsOf,
  summaryOf,
  summaryWith,
  type VaultSummary,
} from "./summary.ts";
import {
  hashOfLines,
  hashOfPoints,
  lineOfPoint,
  linesOfRemovals,
  pointOfLine,
  pointPattern,
  removalsOfLines,
  removedPattern,
} from "./summary-lines.ts";

const summaryVersion = 2;
export const summaryPath: string = `${catalogueFolder}/summary.json`;
/** Writers at once add entries with numbers next to each other, and so put their groups into different objects. */
const writersApart = 4;
const putsAtOnce = 8;
const groupPattern = /^(\d+) ([\w-]{22})$/;

const common = {
  vault: z.string().regex(/^[0-9a-f]{16}$/),
  number: z.int().positive(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  points: z.array(z.string().regex(pointPattern)),
  removedSince: z.int().positive(),
};
const count = z.int().nonnegative();

/** Earlier programs stored all points and removals in the one object. */
const firstSchema = z.strictObject({
  version: z.literal(1),
  ...common,
  removed: z.array(z.string().regex(removedPattern)),
});
const secondSchema = z.strictObject({
  version: z.literal(summaryVersion),
  ...common,
  backups: count,
  increments: count,
  groups: z.array(z.string().regex(groupPattern)),
  removed: z.string().regex(groupPattern).nullable(),
});
const linesSchema = z.strictObject({ vault: common.vault, lines: z.array(z.string()) });

interface SummaryContext {
  readonly store: Store;
  readonly keyring: Keyring;
}

/** Undefined where there is none; throws where it is not signed by a key that the key ring trusts. */
export async function readSummary(context: SummaryContext): Promise<VaultSummary | undefined> {
  const content = await readRecord(context.store, summaryPath, context.keyring).catch((error: unknown) => {
    if (error instanceof DrillError && error.findingCode === "object-missing") return undefined;
    throw error;
  });
  return content === undefined ? undefined : decode(context, content);
}

function decode(context: SummaryContext, content: string): VaultSummary {
  const document = parseManifest(
    Buffer.from(content),
    summaryPath,
    z.discriminatedUnion("version", [firstSchema, secondSchema]),
    summaryVersion,
  );
  const points = document.points.map((line) => pointOfLine(line));
  if (document.version === 1) {
    const { version: _version, ...rest } = document;
    return summaryWith({ ...rest, removed: removalsOf(removalsOfLines(document.removed)) }, points);
  }
  const { version: _version, points: _points, groups, removed, ...rest } = document;
  const { vault } = rest;
  const past = removed === null ? undefined : placeOf(removed);
  return {
    ...rest,
    tail: points,
    groups: groups.map((line) => {
      const { slot, hash } = placeOf(line);
      const readGroup = async () => {
        const found = (await readLines(context, vault, slot, pointPattern)).map((each) => pointOfLine(each));
        if (hashOfPoints(found) === hash) return found;
        throw notNamed(context.store, slot);
      };
      let answer: ReturnType<typeof readGroup> | undefined;
      return { hash, slot, read: () => (answer ??= readGroup()) };
    }),
    removed: past && {
      ...past,
      read: async () => {
        const lines = await readLines(context, vault, past.slot, removedPattern);
        if (hashOfLines(lines) === past.hash) return removalsOfLines(lines);
        throw notNamed(context.store, past.slot);
      },
    },
  };
}

function placeOf(line: string): { readonly slot: number; readonly hash: string } {
  const [slot, hash = ""] = line.split(" ");
  return { slot: Number(slot), hash };
}

function slotPath(slot: number): string {
  return `${catalogueFolder}/summary/${slot}.json`;
}

function notNamed({ where }: Store, slot: number): DrillError {
  return brokenObject(where, slotPath(slot), `is not the one that ${summaryPath} names`);
}

async function readLines(
  { store, keyring }: SummaryContext,
  vault: string,
  slot: number,
  pattern: RegExp,
): Promise<readonly string[]> {
  const content = Buffer.from(await readRecord(store, slotPath(slot), keyring));
  const found = parseManifest(content, slotPath(slot), linesSchema, summaryVersion);
  if (found.vault === vault && found.lines.every((line) => pattern.test(line))) return found.lines;
  throw notNamed(store, slot);
}

/** To be called after an entry was added. What keeps it from being written makes it stale, which every reader sees. */
export async function writeSummary(
  context: SummaryContext & { readonly signer: PrivateKey },
  catalogue: Catalogue,
): Promise<void> {
  try {
    const known = await readSummary(context).catch(unlessDrillError);
    const summary = await summaryOf(catalogue, known).catch(async (error: unknown) => {
      unlessDrillError(error);
      // A group is not what it says: all that it did say is in the entries.
      return await summaryOf((await readCatalogue(context.store, context.keyring, 1)) ?? catalogue);
    });
    await storeSummary(context, summary, known);
  } catch (error) {
    unlessDrillError(error);
  }
}

async function storeSummary(
  { store, signer }: SummaryContext & { readonly signer: PrivateKey },
  { groups, tail, removed, ...rest }: VaultSummary,
  known: VaultSummary | undefined,
): Promise<void> {
  const put = async (path: string, content: object): Promise<void> =>
    await store.put(path, await recordBytes(JSON.stringify(content), path, signer));
  const taken = new Set([...(known?.groups ?? []), known?.removed].map((each) => each?.slot));
  const changed: { readonly slot: number; readonly lines: () => Promise<readonly string[]> }[] = [];
  let free = rest.number % writersApart;
  const placeFor = ({ hash, slot }: PointGroup | HashedRemovals, lines: () => Promise<readonly string[]>): string => {
    if (slot !== undefined) return `${slot} ${hash}`;
    do free += writersApart;
    while (taken.has(free));
    changed.push({ slot: free, lines });
    return `${free} ${hash}`;
  };
  const document: z.infer<typeof secondSchema> = {
    version: summaryVersion,
    ...rest,
    groups: groups.map((group) => placeFor(group, async () => (await group.read()).map((point) => lineOfPoint(point)))),
    points: tail.map((point) => lineOfPoint(point)),
    removed: removed === undefined ? null : placeFor(removed, async () => linesOfRemovals(await removed.read())),
  };
  await inParallel(putsAtOnce, changed, async ({ slot, lines }) => {
    await put(slotPath(slot), { vault: rest.vault, lines: await lines() });
  });
  await put(summaryPath, secondSchema.parse(document));
}

function unlessDrillError(error: unknown): undefined {
  if (!(error instanceof DrillError)) throw error;
}
