// Finds a moment after a full backup: which segments lead there, and where in the last of them it is. All checks that
// need no server run before one is touched: every signature, link and hash of what will be used.
import { DrillError } from "../../base/errors.ts";
import { type DataOnlyRange, dataOnlyRanges } from "../../falkordb/replay/data-only-ranges.ts";
import { lastBoundary } from "../../falkordb/replay/replay.ts";
import type { Keyring } from "../keys/keyring.ts";
import type { Manifest } from "../store/manifest.ts";
import type { Hazard, SegmentManifest } from "./segment-manifest.ts";
import {
  type ChainHead,
  checkSegment,
  listSegments,
  readBase,
  readChainAfter,
  readSegment,
  readSegmentBytes,
} from "./segments.ts";
import { type Store, StoreError } from "../store/store.ts";

/** A moment between two full backups: a time in ISO 8601, an offset of the stream, or the latest. */
export type RecoveryTarget = { readonly time: string } | { readonly offset: number } | "latest";

export interface ReplayPlan {
  /** Stream offsets of the backup's cut (`from`) and of the moment (`to`). */
  readonly from: number;
  readonly to: number;
  /**
   * When the last change before the moment was received, or the cut was taken; ISO 8601, at most a tenth of a second
   * late.
   */
  readonly at: string;
  /**
   * Everything that the source had acknowledged by this time is included; ISO 8601. Undefined where the source was not
   * asked.
   */
  readonly completeAt: string | undefined;
  /** The database that the stream has selected at the cut. */
  readonly database: number;
  /** Stream ranges without schema changes, where indexes may be suspended. */
  readonly dataOnly: readonly DataOnlyRange[];
  /** The segments to replay, in order of their place in the stream. */
  readonly segments: readonly SegmentManifest[];
  /** The link of the chain at the end of the last segment. */
  readonly head: ChainHead;
}

export interface MomentContext {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly signal: AbortSignal;
}

/**
 * Start of the chain of a backup: the backup itself, or for a compacted backup the link at which its chain continues.
 */
export async function chainStart(store: Store, manifest: Manifest, keyring: Keyring): Promise<ChainHead> {
  const { parent, cut } = manifest;
  if (parent === null || (await listSegments(store, manifest.id)).length > 0)
    return readBase(store, manifest.id, keyring);
  const { base, segment: number, sha256 } = parent;
  return { base, number, sha256, replid: cut.replid, offset: cut.offset, at: cut.at };
}

export async function findMoment(
  context: MomentContext,
  manifest: Manifest,
  moment: RecoveryTarget,
): Promise<ReplayPlan> {
  const { store, keyring, signal } = context;
  const { cut, id } = manifest;
  refuseBefore(manifest, moment);
  const segments: SegmentManifest[] = [];
  const hazards: Hazard[] = [];
  let head = await chainStart(store, manifest, keyring);
  let reached: Reached = { to: cut.offset, at: cut.at };
  let completeMs: number | undefined;
  for await (const { manifest: segment, head: next } of readChainAfter(store, head, keyring)) {
    signal.throwIfAborted();
    if (isPast(moment, head)) break;
    await checkSegment(store, segment, signal);
    reached = reachedIn(segment, moment, reached);
    const { to } = reached;
    completeMs = segment.complete?.findLast(([offset]) => offset <= to)?.[1] ?? completeMs;
    hazards.push(...segment.hazards);
    // Its times have been checked, and a chain may have thousands of segments.
    segments.push({ ...segment, times: [], complete: [] });
    head = next;
  }
  if (moment !== "latest" && !isPast(moment, head)) throw beyond(id, head, moment);
  const completeAt = completeMs === undefined ? undefined : new Date(completeMs).toISOString();
  const plan = { ...reached, completeAt, from: cut.offset, database: manifest.parent?.database ?? 0, segments, head };
  hazards.push(...(await foundLater(context, head)));
  const isOffset = moment !== "latest" && "offset" in moment;
  const to = isOffset ? await borderBefore(context, plan) : plan.to;
  const hazard = hazards.find(({ offset }) => offset < to);
  if (hazard !== undefined) throw unrepeatable(hazard, to);
  // This also decrypts all of it before a server is touched.
  const dataOnly = await dataOnlyRanges(segmentStream(context, segments), { ...plan, to });
  return { ...plan, to, dataOnly };
}

/** Whether the chain up to `head` leads to the moment. */
function isPast(moment: RecoveryTarget, head: ChainHead): boolean {
  if (moment === "latest") return false;
  return "time" in moment ? Date.parse(head.at) >= Date.parse(moment.time) : head.offset >= moment.offset;
}

/** The end of the chain repeats its first hazard, and one that was found late may concern much earlier commands. */
async function foundLater({ store, keyring }: MomentContext, { base, number }: ChainHead): Promise<readonly Hazard[]> {
  const last = (await listSegments(store, base)).at(-1);
  if (last === undefined || last <= number) return [];
  const end = await readSegment(store, base, last, keyring).catch((error: unknown) => {
    if (error instanceof StoreError) throw error;
    // A damaged segment says nothing, and must not prevent the restore of what is before it.
    return undefined;
  });
  return end?.manifest.hazards ?? [];
}

type Reached = Pick<ReplayPlan, "to" | "at">;

/** How far one segment leads: the last of its time marks that is not after the moment. */
function reachedIn(segment: SegmentManifest, moment: RecoveryTarget, before: Reached): Reached {
  if (moment === "latest") return { to: segment.to, at: segment.toAt };
  if ("offset" in moment) {
    const to = Math.min(segment.to, moment.offset);
    const mark = segment.times.find(([offset]) => offset >= to);
    return { to, at: mark === undefined ? segment.toAt : new Date(mark[1]).toISOString() };
  }
  const untilMs = Date.parse(moment.time);
  const mark = segment.times.findLast(([, atMs]) => atMs <= untilMs);
  return mark === undefined ? before : { to: mark[0], at: new Date(mark[1]).toISOString() };
}

/** An offset given by a user may be inside a command. */
async function borderBefore(context: MomentContext, plan: Pick<ReplayPlan, "to" | "segments">): Promise<number> {
  const last = plan.segments.at(-1);
  if (last === undefined || plan.to === last.to) return plan.to;
  return lastBoundary(segmentStream(context, [last]), last.from, plan.to);
}

/** The bytes of the segments, in sequence. */
export async function* segmentStream(
  { store, keyring, signal }: MomentContext,
  segments: readonly SegmentManifest[],
): AsyncGenerator<Buffer> {
  for (const segment of segments) {
    const keys = await keyring.openers(segment.encryption.recipients.map(({ fingerprint }) => fingerprint));
    yield* readSegmentBytes(store, segment, keys, signal);
  }
}

function refuseBefore({ id, cut }: Manifest, moment: RecoveryTarget): void {
  if (moment === "latest") return;
  const isBefore = "time" in moment ? Date.parse(moment.time) < Date.parse(cut.at) : moment.offset < cut.offset;
  if (!isBefore) return;
  throw new DrillError(`${told(moment)} is before the backup ${id}, whose cut is at ${cut.at} (offset ${cut.offset})`, {
    exit: "usage",
    code: "moment-before-backup",
    hint: "Name an earlier backup, or none, so that the right one is chosen.",
  });
}

function beyond(id: string, head: ChainHead, moment: Exclude<RecoveryTarget, "latest">): DrillError {
  return new DrillError(
    `${told(moment)} is beyond the end of the chain of ${id}, which is at ${head.at} (offset ${head.offset})`,
    {
      exit: "dataWrong",
      code: "moment-beyond-chain",
      hint: "Nothing was touched. `--at latest` restores to the end of the chain; look whether its last segments were lost.",
    },
  );
}

function unrepeatable({ offset, message }: Hazard, to: number): DrillError {
  return new DrillError(`the moment at offset ${to} cannot be restored exactly: after offset ${offset}, ${message}`, {
    exit: "dataWrong",
    code: "replay-unrepeatable",
    hint: `The last moment that can be is \`--at ${offset}\`; later ones are on the next full backup.`,
  });
}

function told(moment: Exclude<RecoveryTarget, "latest">): string {
  return "time" in moment ? `the moment ${moment.time}` : `offset ${moment.offset}`;
}
