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
import type { RateLimit } from "./rate-limit.ts";

/** Parts under way at once: each takes a round trip, and some megabytes of memory. */
const partsAtOnce = 4;

export interface CopyRun {
  readonly from: Store;
  readonly to: Store;
  readonly limit: RateLimit;
  readonly signal: AbortSignal;
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

/** `recorded` is called when the restore point is there, and before its mark of unfinished work is removed. */
export async function copyPoint(run: CopyRun, point: PointToCopy, recorded: () => Promise<void>): Promise<void> {
  const { from, to } = run;
  const { folder, does, parts, sha256 } = point;
  const manifestPath = `${folder}/manifest.json`;
  const manifest = await getOrThrow(from, manifestPath);
  const signature = await getOrThrow(from, `${manifestPath}.asc`);
  if (hash("sha256", manifest) !== sha256)
    throw new DrillError(`${manifestPath} in ${from.where} changed while it was read`, { exit: "dataWrong" });
  await markUnfinished(to, folder, does);
  passPoint("replicate/marked");
  const there = new Map((await to.list(`${folder}/`)).map(({ path, sizeBytes }) => [path, sizeBytes]));
  const waiting = [...parts];
  const copyNext = async (): Promise<void> => {
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
      run.signal.throwIfAborted();
      const path = `${folder}/${part.name}`;
      if (there.get(path) === part.storedBytes && (await isWhole(to, path, part))) continue;
      await copyPart(run, path, part);
    }
  };
  await Promise.all(Array.from({ length: partsAtOnce }, copyNext));
  passPoint("replicate/parts-stored");
  const pin = await from.get(`${folder}/pin.json`);
  if (pin !== undefined) await to.put(`${folder}/pin.json`, pin);
  await to.put(`${manifestPath}.asc`, signature);
  if (!(await to.putIfAbsent(manifestPath, manifest))) await mustBeEqual(to, manifestPath, sha256);
  passPoint("replicate/manifest-stored");
  await recorded();
  await markFinished(to, folder);
}

async function copyPart(run: CopyRun, path: string, part: ManifestPart): Promise<void> {
  const bytes = await fetchPart(run.from, path, part);
  await run.limit.admit(bytes.length, run.signal);
  run.signal.throwIfAborted();
  await run.to.put(path, bytes);
  run.onSent(bytes.length);
  release(bytes);
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

async function mustBeEqual(to: Store, path: string, sha256: string): Promise<void> {
  if (hash("sha256", await getOrThrow(to, path)) === sha256) return;
  throw new DrillError(`${path} in ${to.where} was written meanwhile, and is another one`, {
    exit: "dataWrong",
    code: "replica-diverged",
    hint: "Both are kept. Look at who else writes into this vault.",
  });
}
