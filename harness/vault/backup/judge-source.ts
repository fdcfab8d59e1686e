// Compares what a backup is about to hold with what the vault holds of that source already: a server that was wiped, and
// text that is being replaced by noise.
import { address } from "../../base/endpoint.ts";
import { DrillError } from "../../base/errors.ts";
import type { Progress } from "../../base/progress.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Keyring } from "../keys/keyring.ts";
import type { Manifest, TextSample } from "../store/manifest.ts";
import { type JudgedText, judgedText, suspicionOf, suspicionWords } from "../store/noise.ts";
import { shrinkage, shrinkageWords, type SizedBackup, sizedBackup, sizeOf } from "../store/shrinkage.ts";
import type { Store } from "../store/store.ts";
import { trustedBackups } from "../store/trusted-backups.ts";

/** The backup in progress; see BackupContext. */
interface JudgedRun {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly ifShrunk?: "refuse" | "allow";
  readonly allowNoise?: boolean;
  readonly origin?: Pick<Manifest, "cut">;
  readonly request: { readonly source: Pick<Engine, "endpoint">; readonly progress: Progress };
}

/** Compares with what came before; a compacted backup with its neighbours in time, not with the newest backup. */
export async function judgeSource(
  run: JudgedRun,
  { content, text }: { readonly content: Manifest["content"]; readonly text: TextSample },
): Promise<Pick<Manifest, "shrunkAllowed" | "suspicion" | "noiseAllowed">> {
  const untilMs = run.origin === undefined ? Number.POSITIVE_INFINITY : Date.parse(run.origin.cut.at);
  const sizes: SizedBackup[] = [];
  const texts: JudgedText[] = [];
  for await (const backup of trustedBackups(run.store, run.keyring)) {
    if (Date.parse(backup.manifest.cut.at) > untilMs) continue;
    sizes.push(sizedBackup(backup));
    texts.push(judgedText(backup));
  }
  return { ...judgeShrinkage(run, content, sizes), ...judgeNoise(run, text, texts) };
}

/** Runs before anything is signed: the content of a wiped server must not pass for the backup of the day. */
function judgeShrinkage(
  { ifShrunk, request }: JudgedRun,
  content: Manifest["content"],
  earlier: readonly SizedBackup[],
): Pick<Manifest, "shrunkAllowed"> {
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
function judgeNoise(
  { allowNoise, request }: JudgedRun,
  text: TextSample,
  earlier: readonly JudgedText[],
): Pick<Manifest, "suspicion" | "noiseAllowed"> {
  const found = suspicionOf(text, earlier);
  if (found === undefined) return {};
  const words = suspicionWords(found);
  request.progress.note(
    allowNoise === true ? `accepted: ${words}` : `SUSPICIOUS, as if text was replaced by noise: ${words}`,
  );
  return allowNoise === true ? { noiseAllowed: true } : { suspicion: found };
}
