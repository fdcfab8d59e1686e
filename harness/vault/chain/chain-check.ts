// Checks the increments on a backup without an engine: their order, signatures and links, and every part of them
// decrypted and decompressed. That they reproduce the source is checked by a proof (chain-proof.ts).
import { errorMessage } from "../../base/errors.ts";
import { chainStart, type MomentContext } from "./find-moment.ts";
import { folderOf } from "../store/garbage.ts";
import type { Manifest } from "../store/manifest.ts";
import { proofFailure, type VerifyResult } from "./proof-outcome.ts";
import { type ChainHead, listSegments, readChainAfter, readSegmentBytes } from "./segments.ts";
import type { SegmentManifest } from "./segment-manifest.ts";
import { PhaseTimer } from "../../base/phases.ts";
import { faultOf } from "./proofs.ts";
import type { Store } from "../store/store.ts";
import { readManifest } from "../store/vault.ts";
import { useBackups } from "../locks/vault-lock.ts";
import { marksUnfinished } from "../store/unfinished.ts";

interface ChainCheck {
  /** The full backup on which the chain is based. */
  readonly base: string;
  /** Number of increments that follow the backup, good or not. */
  readonly count: number;
  /** Bytes of the stream held in the intact increments. */
  readonly bytes: number;
  /** One sentence for each problem, naming the object. */
  readonly problems: readonly string[];
}

/** What a verify found in a backup, and in the increments on it. */
export interface VerifiedPoint extends VerifyResult {
  /** Absent where the manifest of the backup itself cannot be trusted. */
  readonly increments?: ChainCheck;
}

/**
 * The outcome of a verify of a backup, with the problems of its increments, and those that earlier proofs have found.
 * `onWhole` is called with the base whose increments are all intact; it returns notes.
 */
export async function withIncrements(
  context: MomentContext,
  point: string,
  outcome: VerifyResult,
  onWhole: (base: string) => Promise<readonly string[]> = () => Promise.resolve([]),
): Promise<VerifiedPoint> {
  const { store, keyring } = context;
  await using resources = new AsyncDisposableStack();
  resources.use(await useBackups(store, "verify", [point]));
  const manifest = await readManifest(store, point, keyring).catch(() => undefined);
  if (manifest === undefined) return outcome;
  if (manifest.parent !== null) resources.use(await useBackups(store, "verify", [manifest.parent.base]));
  const timer = new PhaseTimer();
  const increments = await timer.during(
    "check increments",
    () => checkChain(context, manifest),
    ({ bytes }) => bytes,
  );
  if (increments.count === 0 && increments.problems.length === 0) return { ...outcome, increments };
  const phases = [...outcome.phases, ...timer.all()];
  const isWhole = increments.problems.length === 0;
  const notes = [...(outcome.notes ?? []), ...(isWhole ? await onWhole(increments.base) : [])];
  const faulty = await faultOf(store, increments.base, keyring, Number.POSITIVE_INFINITY);
  const found = [...increments.problems, ...(faulty === undefined ? [] : [faulty.message])];
  if (found.length === 0) return { ...outcome, phases, notes, increments };
  return {
    ...outcome,
    ok: false,
    failure: outcome.failure ?? "dataWrong",
    problems: [...outcome.problems, ...found],
    phases,
    notes,
    increments: { ...increments, problems: found },
  };
}

/** The caller holds a lease of the backup, and of its parent where it has one. */
async function checkChain(context: MomentContext, manifest: Manifest): Promise<ChainCheck> {
  const { store, keyring, signal } = context;
  const start = await chainStart(store, manifest, keyring);
  const count = (await listSegments(store, start.base)).filter((number) => number > start.number).length;
  const problems: string[] = [];
  let bytes = 0;
  /** Throws again what says nothing of the backup. */
  const addProblem = (error: unknown): void => {
    if (signal.aborted || proofFailure(error) === undefined) throw error;
    problems.push(errorMessage(error));
  };
  let linked = 0;
  try {
    for await (const { manifest: segment } of readChainAfter(store, start, keyring)) {
      linked++;
      await readWhole(context, segment).then(() => (bytes += segment.rawBytes), addProblem);
    }
  } catch (error) {
    addProblem(error);
    problems.push(`of ${count} increments ${count - linked} cannot be used for that`);
  }
  problems.push(...(await withoutManifest(store, start)));
  return { base: start.base, count, bytes, problems };
}

async function readWhole({ store, keyring, signal }: MomentContext, segment: SegmentManifest): Promise<void> {
  const keys = await keyring.openers(segment.encryption.recipients.map(({ fingerprint }) => fingerprint));
  for await (const _piece of readSegmentBytes(store, segment, keys, signal)) signal.throwIfAborted();
}

/** Detects an increment whose manifest was lost: it has objects, and no mark of unfinished work. */
async function withoutManifest(store: Store, { base, number }: ChainHead): Promise<readonly string[]> {
  const byFolder = Map.groupBy(await store.list(`segments/${base}/`), ({ path }) => folderOf(path));
  return [...byFolder].flatMap(([folder, held]) => {
    const isKnown = held.some((object) => marksUnfinished(object) || object.path.endsWith("/manifest.json"));
    const isBefore = Number(folder.split("/")[2]) <= number;
    return isKnown || isBefore ? [] : [`${folder}/manifest.json is missing, and other objects of it are there`];
  });
}
