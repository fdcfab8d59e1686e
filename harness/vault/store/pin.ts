// A pinned backup is kept whatever the rules say, until it is unpinned: for example one from before a migration, or one
// for the auditors.
import { z } from "zod";
import { type Clock, systemClock } from "../../base/clock.ts";
import { usageError } from "../../base/errors.ts";
import { type Store, StoreError } from "./store.ts";
import { awaitLock } from "../locks/vault-lock.ts";

export interface Pin {
  readonly why: string;
  readonly at: string;
}

const pinSchema: z.ZodType<Pin> = z.object({ why: z.string(), at: z.string() });
const whyLengthMax = 200;
const pinBytesMax = 65_536;
const lockTimeoutMs = 60_000;

/** `folder` is that of the restore point in the vault, `backups/<id>`. Pinning again replaces the reason. */
export async function pin(
  store: Store,
  folder: string,
  why: string,
  signal: AbortSignal,
  clock: Clock = systemClock,
): Promise<void> {
  checkWhy(why);
  await using _lock = await awaitLock(store, "pin", { timeoutMs: lockTimeoutMs, signal, clock });
  await mustExist(store, folder);
  await writePin(store, folder, why, clock);
}

/** Call it while holding the exclusive lock. */
export async function writePin(store: Store, folder: string, why: string, clock: Clock): Promise<void> {
  const value: Pin = { why, at: new Date(clock.nowMs()).toISOString() };
  await store.put(`${folder}/pin.json`, Buffer.from(`${JSON.stringify(value)}\n`));
}

/** False where it was not pinned. */
export async function unpin(store: Store, folder: string, signal: AbortSignal): Promise<boolean> {
  await using _lock = await awaitLock(store, "unpin", { timeoutMs: lockTimeoutMs, signal });
  const wasPinned = (await readPin(store, folder)) !== undefined;
  // A damaged backup may have lost its manifest, and its pin must not keep it forever.
  if (!wasPinned) await mustExist(store, folder);
  await store.delete(`${folder}/pin.json`);
  return wasPinned;
}

/** A pin that is not understood counts as a pin: in doubt a backup is kept. */
export async function readPin(store: Store, folder: string): Promise<Pin | undefined> {
  try {
    const bytes = await store.get(`${folder}/pin.json`, pinBytesMax);
    if (bytes === undefined) return undefined;
    return pinSchema.parse(JSON.parse(bytes.toString("utf8")));
  } catch (error) {
    if (error instanceof StoreError) throw error;
    return { why: "for a reason that cannot be read", at: "" };
  }
}

export function checkWhy(why: string): void {
  if (why.trim() === "" || why.length > whyLengthMax)
    throw usageError(`a pin needs a reason of 1 to ${whyLengthMax} characters, got ${why.length}`);
}

async function mustExist(store: Store, folder: string): Promise<void> {
  if ((await store.get(`${folder}/manifest.json`)) === undefined)
    throw usageError(`${store.where} has no ${folder}`, "See: falkordrill vault list");
}
