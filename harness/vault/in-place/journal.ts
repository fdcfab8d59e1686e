// The journal of a restore in place, one for each target, signed: `restores/<target>.json` in the vault. It says which step
// the restore is in and what a later one needs to take over, also one that reaches the target at another address. Its
// owner renews it every few seconds; one whose owner is dead, or is silent for longer than that, is never called running.
import { hash } from "node:crypto";
import { z } from "zod";
import { type Clock, systemClock } from "../../base/clock.ts";
import { DrillError, environmentError, errorMessage } from "../../base/errors.ts";
import { waitFor } from "../../base/wait.ts";
import type { Keyring } from "../keys/keyring.ts";
import { ownerStateOf, type LockOwner, lockOwnerSchema, thisProcess } from "../locks/lock-owner.ts";
import { awaitLock } from "../locks/vault-lock.ts";
import { readRecord, writeRecord } from "../store/signed-record.ts";
import type { Store } from "../store/store.ts";
import type { GateSettings } from "../restore/write-gate.ts";

const folder = "restores/";
const beatEveryMs = 5000;
/** How long the heartbeat of an owner on another machine may be still. It is watched: clocks of machines differ. */
const silentMs = 3 * beatEveryMs;
const lockTimeoutMs = 60_000;

export interface JournalEntry {
  /** Host and port of the target, as the first restore that this journal is of was given it. */
  readonly target: string;
  /** The run of the target's process, by which it is known at any other address. */
  readonly runId?: string;
  /** URL of the target without its password, and the flags by which it and its application are reached; no secrets. */
  readonly to?: string;
  readonly flags?: readonly string[];
  readonly point: string;
  readonly startedAt: string;
  readonly step: string;
  /** Mark and former settings of the target's write gate, from before it is set. */
  readonly mark: number;
  readonly gate: GateSettings;
  /** The backup that holds what was in the target, and the fingerprint of that. */
  readonly safety?: SafetySnapshot;
  /** An earlier restore that did not end, of a target that has been restarted or written to since. */
  readonly earlier?: EarlierRestore;
  /** The pause of the application, so that a later restore can go on with it, or end it. */
  readonly lease?: string;
  readonly state: "running" | "restored" | "rolled back" | "failed";
  readonly owner: LockOwner;
  /** Counts up for as long as the owner lives. */
  readonly beat: number;
}

interface SafetySnapshot {
  readonly id: string;
  readonly fingerprint: string;
}

/** What it has to bring back is in its own safety snapshot only. */
interface EarlierRestore {
  readonly point: string;
  readonly step: string;
  readonly safety: SafetySnapshot;
}

const safetySchema = z.object({ id: z.string(), fingerprint: z.string() });
const entrySchema: z.ZodType<JournalEntry> = z.object({
  target: z.string(),
  runId: z.string().exactOptional(),
  to: z.string().exactOptional(),
  flags: z.array(z.string()).exactOptional(),
  point: z.string(),
  startedAt: z.iso.datetime(),
  step: z.string(),
  mark: z.int(),
  gate: z.tuple([z.string(), z.string()]),
  safety: safetySchema.exactOptional(),
  earlier: z.object({ point: z.string(), step: z.string(), safety: safetySchema }).exactOptional(),
  lease: z.string().exactOptional(),
  state: z.enum(["running", "restored", "rolled back", "failed"]),
  owner: lockOwnerSchema,
  beat: z.int(),
});

/** What a restore continues with; the mark and the gate are new where nothing is continued. */
export type TakenOver = Pick<JournalEntry, "mark" | "gate" | "safety" | "earlier" | "lease"> & {
  readonly step?: string;
};

export interface JournalContext {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly clock?: Clock;
}

/** What has begun on a target and has not ended well: it was interrupted, or could not be rolled back. */
export function isOpen({ state }: JournalEntry): boolean {
  return state === "running" || state === "failed";
}

async function readJournal({ store, keyring }: JournalContext, path: string): Promise<JournalEntry | undefined> {
  if ((await store.get(path)) === undefined) return undefined;
  try {
    return entrySchema.parse(JSON.parse(await readRecord(store, path, keyring)));
  } catch (error) {
    throw new DrillError(`the journal of a restore, ${path}, cannot be trusted: ${errorMessage(error)}`, {
      exit: "dataWrong",
      hint: `Look for who writes into ${store.where}. To go on without it, move that file away.`,
      cause: error,
    });
  }
}

/**
 * Restores in place that were interrupted, or are running, on any target. A journal that cannot be trusted is given to
 * `untrusted`, where the others matter all the same.
 */
export async function openJournals(
  context: JournalContext,
  untrusted?: (error: DrillError) => void,
): Promise<readonly JournalEntry[]> {
  return (await allJournals(context, untrusted)).map(({ entry }) => entry).filter(isOpen);
}

interface FoundJournal {
  readonly path: string;
  readonly entry: JournalEntry;
}

async function allJournals(
  context: JournalContext,
  untrusted?: (error: DrillError) => void,
): Promise<readonly FoundJournal[]> {
  const found: FoundJournal[] = [];
  for (const { path } of await context.store.list(folder)) {
    const entry = await readJournal(context, path).catch((error: unknown) => {
      if (untrusted === undefined || !(error instanceof DrillError) || error.exit !== "dataWrong") throw error;
      untrusted(error);
    });
    if (entry !== undefined) found.push({ path, entry });
  }
  return found;
}

/**
 * The last restore of a target: that of this run of its process, whatever address it was reached at, before one of this
 * address, which may have been restarted since; and one that is open before one that has ended.
 */
async function findJournal(
  context: JournalContext,
  { target, runId }: Pick<ClaimedTarget, "target" | "runId">,
): Promise<FoundJournal | undefined> {
  const path = journalPath(target);
  // That of another target may be one that cannot be trusted.
  const own = await readJournal(context, path);
  const ofRun = (await allJournals(context, () => {})).filter(({ entry }) => entry.runId === runId);
  const found = own === undefined ? ofRun : [...ofRun, { path, entry: own }];
  return found.find(({ entry }) => isOpen(entry)) ?? found[0];
}

function journalPath(target: string): string {
  // A target may be a path, and two must not fall together.
  return `${folder}${target.replaceAll(/[^\w.-]/g, "_")}-${hash("sha256", target).slice(0, 8)}.json`;
}

/** Whether the owner of an open journal still works on it. Watches the heartbeat where its process cannot be seen. */
async function isAlive(
  context: JournalContext,
  path: string,
  entry: JournalEntry,
  signal: AbortSignal,
): Promise<boolean> {
  if (entry.state !== "running") return false;
  const ownerState = await ownerStateOf(entry.owner);
  if (ownerState !== "unknown") return ownerState === "alive";
  const beats = async (): Promise<true | undefined> => {
    const now = await readJournal(context, path);
    return now?.state === "running" && now.beat !== entry.beat ? true : undefined;
  };
  const what = `a heartbeat of ${path}`;
  return await waitFor(beats, { what, timeoutMs: silentMs, intervalMs: 200, signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    if (error instanceof DrillError && error.exit === "dataWrong") throw error;
    return false;
  });
}

export interface ClaimedTarget {
  /** Host and port. */
  readonly target: string;
  readonly runId: string;
  readonly to?: string;
  readonly flags?: readonly string[];
  readonly point: string;
  readonly signal: AbortSignal;
}

export class RestoreJournal implements AsyncDisposable {
  /** Whether it continues one that did not end. */
  readonly isTakenOver: boolean;
  /** Whether an earlier one did not end, which may have been killed before the target refused writes. */
  readonly isAfterInterrupted: boolean;
  readonly #context: JournalContext;
  readonly #path: string;
  readonly #timer: NodeJS.Timeout;
  #entry: JournalEntry;
  /** One write after the other. */
  #queue: Promise<void> = Promise.resolve();

  private constructor(context: JournalContext, path: string, entry: JournalEntry, last: JournalEntry | undefined) {
    this.isTakenOver = last?.mark === entry.mark;
    this.isAfterInterrupted = last !== undefined && isOpen(last);
    this.#context = context;
    this.#path = path;
    this.#entry = entry;
    this.#timer = setInterval(() => void this.write({}).catch(() => {}), beatEveryMs);
    this.#timer.unref();
  }

  /** Begins a restore unless another one is at work on the target. `take` says what of the last one is taken over. */
  static async claim(
    context: JournalContext,
    { signal, ...asked }: ClaimedTarget,
    take: (last: JournalEntry | undefined) => Promise<TakenOver>,
  ): Promise<RestoreJournal> {
    const { store, clock = systemClock } = context;
    let journal: RestoreJournal | undefined;
    try {
      await using _lock = await awaitLock(store, "a restore in place", { timeoutMs: lockTimeoutMs, signal });
      const found = await findJournal(context, asked);
      const { path = journalPath(asked.target), entry: last } = found ?? {};
      if (last !== undefined && (await isAlive(context, path, last, signal)))
        throw environmentError(
          `process ${last.owner.pid} on ${last.owner.host} is restoring ${last.point} into ${last.target} since ${last.startedAt}`,
          "Wait for it to end.",
        );
      const begun: JournalEntry = {
        ...asked,
        target: last?.target ?? asked.target,
        startedAt: new Date(clock.nowMs()).toISOString(),
        step: "begin",
        state: "running",
        owner: await thisProcess(),
        beat: 0,
        ...(await take(last)),
      };
      journal = new RestoreJournal(context, path, begun, last);
      await journal.write({});
      return journal;
    } catch (error) {
      if (journal !== undefined) await journal.#abandon();
      throw error;
    }
  }

  get entry(): JournalEntry {
    return this.#entry;
  }

  /** Records a change, and that its owner is alive. */
  async write(changes: Partial<Pick<JournalEntry, "step" | "state" | "safety" | "lease" | "point">>): Promise<void> {
    const work = async (): Promise<void> => {
      const entry = { ...this.#entry, ...changes, beat: this.#entry.beat + 1 };
      const signer = await this.#context.keyring.signer();
      await writeRecord(this.#context.store, this.#path, JSON.stringify(entry), signer);
      this.#entry = entry;
    };
    const written = this.#queue.then(work);
    this.#queue = written.catch(() => {});
    await written;
  }

  /** Records that the target holds what it held when this began; an earlier restore that did not end is as open as before. */
  async writeBack(): Promise<void> {
    const { earlier, safety } = this.#entry;
    const isBack = earlier === undefined || earlier.safety.id === safety?.id;
    await this.write(isBack ? { state: "rolled back" } : { state: "failed", ...earlier });
  }

  /** Writing it failed, and it may be there all the same; or giving the lock back. Nothing of the target was changed yet. */
  async #abandon(): Promise<void> {
    if (!this.isTakenOver) await this.writeBack().catch(() => {});
    await this[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#queue;
  }
}
