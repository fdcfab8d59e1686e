// Copies one restore point as it is, byte for byte: its parts first, each compared with its hash in the signed manifest,
// then the signature, and the manifest last. So a connection that is cut never leaves a manifest without parts, and what
// arrived is not sent again. Nothing is decrypted: no secret key of a recipient is needed.
import { hash } from "node:crypto";
import { passPoint } from "../../base/process/crash-point.ts";
import { DrillError } from "../../base/errors.ts";
import { fetchPart } from "../parts/read-parts.ts";
import { release } from "../parts/release.ts";
import type { ManifestPart } from "../store/manifest.ts";
import { getOrThrow, type Store } from "../store/store.ts";
import { markFinished, markUnfinished } from "../store/unfinished.ts";
import type { RateLimit } from "../parts/rate-limit.ts";

/** Parts under way at once: each takes a round trip, and some megabytes of memory. */
const partsAtOnce = 4;

export interface CopyRun {
  readonly from: Store;
  readonly to: Store;
  readonly limit: RateLimit;
  readonly signal: AbortSignal;
  /** Throws where another process writes this restore point. */
  readonly mayWrite?: () => Promise<void>;
  /** The same, asked anew each time: before what another one may have begun is replaced. */
  readonly mayReplace?: () => Promise<void>;
  /** Called with the size of each object that was sent. */
  readonly onSent: (bytes: number) => void;
}

export interface PointToCopy {
  readonly folder: string;
  readonly does: "backup" | "segment";
  readonly parts: readonly ManifestPart[];
  /** SHA-256 of the manifest, whose signature was checked. */
  readonly sha256: string;
}

interface Shown {
  /** False where the second vault showed it before. */
  readonly isNew: boolean;
  /** Resolves when it is recorded and its mark of unfinished work is removed. */
  readonly finished: Promise<void>;
}

/** Makes the restore point appear in the second vault; `recorded` is called when it is there. */
export type ShowPoint = (recorded: () => Promise<void>) => Promise<Shown>;

/** Returns false where the second vault showed it before. */
export async function copyPoint(run: CopyRun, point: PointToCopy, recorded: () => Promise<void>): Promise<boolean> {
  const show = await copyParts(run, point);
  const { isNew, finished } = await show(recorded);
  await finished;
  return isNew;
}

/**
 * Copies all but the manifest. A request to a vault far away takes long, so what does not depend on another one is sent
 * at once.
 */
export async function copyParts(run: CopyRun, point: PointToCopy): Promise<ShowPoint> {
  const { from, to } = run;
  const { folder, does, parts, sha256 } = point;
  const manifestPath = `${folder}/manifest.json`;
  const manifest = await getOrThrow(from, manifestPath);
  const signature = await getOrThrow(from, `${manifestPath}.asc`);
  if (hash("sha256", manifest) !== sha256)
    throw new DrillError(`${manifestPath} in ${from.where} changed while it was read`, { exit: "dataWrong" });
  // Before anything is written: what is another one there keeps its signature and its parts.
  const [isShown, listed] = await Promise.all([
    isEqualIn(to, manifestPath, sha256),
    to.list(`${folder}/`),
    run.mayWrite?.(),
  ]);
  if (does === "segment" && listed.length > 0) {
    // An archiver has its lease before its first object and until its manifest is there: one of the two shows it now.
    await run.mayReplace?.();
    await isEqualIn(to, manifestPath, sha256);
  }
  await markUnfinished(to, folder, does);
  passPoint("replicate/marked");
  const there = new Map(listed.map(({ path, sizeBytes }) => [path, sizeBytes]));
  const signaturePath = `${manifestPath}.asc`;
  const replaces = (path: string): boolean => does === "backup" || there.has(path);
  const waiting = [...parts];
  const copyNext = async (): Promise<void> => {
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
      run.signal.throwIfAborted();
      const path = `${folder}/${part.name}`;
      if (there.get(path) === part.storedBytes && (await isWhole(to, path, part))) continue;
      await copyPart(run, path, part, replaces(path));
    }
  };
  const endAll = (error: unknown): never => {
    waiting.length = 0;
    throw error;
  };
  // The leases hold until the last of them has ended.
  const ended = await Promise.allSettled(Array.from({ length: partsAtOnce }, () => copyNext().catch(endAll)));
  for (const end of ended) if (end.status === "rejected") throw end.reason;
  passPoint("replicate/parts-stored");
  // A restore point that is shown has the pin that it was given there, or none.
  const pin = isShown ? undefined : await from.get(`${folder}/pin.json`);
  await Promise.all([run.mayWrite?.(), isShown || isEqualIn(to, manifestPath, sha256)]);
  await Promise.all([
    pin === undefined ? undefined : to.put(`${folder}/pin.json`, pin),
    // The first part says whose number it is; where there is none, the signature does.
    parts.length > 0 || replaces(signaturePath)
      ? to.put(signaturePath, signature)
      : putNew(to, signaturePath, signature),
  ]);
  return async (recorded) => {
    await run.mayWrite?.();
    const isNew = await to.putIfAbsent(manifestPath, manifest);
    if (!isNew) await isEqualIn(to, manifestPath, sha256);
    passPoint("replicate/manifest-stored");
    return { isNew, finished: recorded().then(() => markFinished(to, folder)) };
  };
}

/** The number of an increment may be taken by another writer meanwhile; the id of a backup is random. */
async function copyPart(run: CopyRun, path: string, part: ManifestPart, replaces: boolean): Promise<void> {
  const bytes = await fetchPart(run.from, path, part);
  await run.limit.admit(bytes.length, run.signal);
  run.signal.throwIfAborted();
  if (replaces) await run.to.put(path, bytes, run.signal);
  else if (!(await run.to.putIfAbsent(path, bytes, run.signal)) && !(await isWhole(run.to, path, part)))
    throw writtenMeanwhile(run.to, path);
  run.onSent(bytes.length);
  release(bytes);
}

async function putNew(to: Store, path: string, bytes: Buffer): Promise<void> {
  if (await to.putIfAbsent(path, bytes)) return;
  if ((await to.get(path))?.equals(bytes) !== true) throw writtenMeanwhile(to, path);
}

/** Whether a listing shows a part or the signature missing there, or in another size. */
export async function lacksAny(store: Store, folder: string, parts: readonly ManifestPart[]): Promise<boolean> {
  const there = new Map((await store.list(`${folder}/`)).map(({ path, sizeBytes }) => [path, sizeBytes]));
  return (
    !there.has(`${folder}/manifest.json.asc`) ||
    parts.some(({ name, storedBytes }) => there.get(`${folder}/${name}`) !== storedBytes)
  );
}

/** What a run that ended early sent is read once, which costs no more than sending it again. */
async function isWhole(to: Store, path: string, part: ManifestPart): Promise<boolean> {
  try {
    release(await fetchPart(to, path, part));
    return true;
  } catch (error) {
    if (error instanceof DrillError && error.findingCode === "part-damaged") return false;
    throw error;
  }
}

/** False where there is none; throws where there is another one. */
async function isEqualIn(to: Store, path: string, sha256: string): Promise<boolean> {
  const bytes = await to.get(path);
  if (bytes === undefined) return false;
  if (hash("sha256", bytes) === sha256) return true;
  throw writtenMeanwhile(to, path);
}

function writtenMeanwhile(to: Store, path: string): DrillError {
  return new DrillError(`${path} in ${to.where} was written meanwhile, and is another one`, {
    exit: "dataWrong",
    code: "replica-diverged",
    hint: "Both are kept. Look at who else writes into this vault.",
  });
}
