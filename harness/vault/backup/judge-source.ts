// Compares what a backup is about to hold with what the vault holds of that source already: a server that was wiped, and
// text that is being replaced by noise.
import { address } from "../../base/endpoint.ts";
import { DrillError } from "../../base/errors.ts";
import type { Progress } from "../../base/progress.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Keyring } from "../keys/keyring.ts";
import type { Manifest, TextSample } from "../store/manifest.ts";
import { readTexts, suspicionOf, suspicionWords } from "../store/noise.ts";
import { readSizes, shrinkage, shrinkageWords, sizeOf } from "../store/shrinkage.ts";
import type { Store } from "../store/store.ts";

/** The backup in progress; see BackupContext. */
interface JudgedRun {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly ifShrunk?: "refuse" | "allow";
  readonly allowNoise?: boolean;
  readonly origin?: Pick<Manifest, "cut">;
  readonly request: { readonly source: Pick<Engine, "endpoint">; readonly progress: Progress };
}

/** A compacted backup is compared with its neighbours in time, not with the newest backup. */
function isBefore(origin: JudgedRun["origin"]): (backup: { readonly atMs: number }) => boolean {
  const untilMs = origin === undefined ? Number.POSITIVE_INFINITY : Date.parse(origin.cut.at);
  return ({ atMs }) => atMs <= untilMs;
}

/** Runs before anything is signed: the content of a wiped server must not pass for the backup of the day. */
export async function judgeShrinkage(
  { store, keyring, ifShrunk, origin, request }: JudgedRun,
  content: Manifest["content"],
): Promise<Pick<Manifest, "shrunkAllowed">> {
  const earlier = (await readSizes(store, keyring)).filter(isBefore(origin));
  const found = shrinkage(sizeOf(content), earlier);
  if (found === undefined) return {};
  const words = shrinkageWords(found);
  // The first backup of a server that is still empty harms nothing.
  if (ifShrunk === "refuse" && found.earlier !== undefined)
    throw new DrillError(`${address(request.source.endpoint)} is empty or has suddenly shrunk: ${words}`, {
      exit: "dataWrong",
      code: "source-shrunk",
      hint: "Nothing was stored. If that is as it should be, give --allow-shrunk; else look at the server before it is backed up.",
    });
  request.progress.note(`the source is empty or has suddenly shrunk: ${words}`);
  return ifShrunk === "allow" ? { shrunkAllowed: true } : {};
}

/** It is stored in any case: what is left of the source is worth a backup. */
export async function judgeNoise(
  { store, keyring, allowNoise, origin, request }: JudgedRun,
  text: TextSample,
): Promise<Pick<Manifest, "suspicion" | "noiseAllowed">> {
  const found = suspicionOf(text, (await readTexts(store, keyring)).filter(isBefore(origin)));
  if (found === undefined) return {};
  const words = suspicionWords(found);
  request.progress.note(
    allowNoise === true ? `accepted: ${words}` : `SUSPICIOUS, as if text was replaced by noise: ${words}`,
  );
  return allowNoise === true ? { noiseAllowed: true } : { suspicion: found };
}
