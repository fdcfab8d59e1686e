// What a catalogue has recorded since its first entry, as counters: entries are never removed, so counters of a monitor
// that was started anew are those of the one before. Entries are read one by one and not kept.
import { z } from "zod";
import {
  catalogueBroken,
  type CatalogueEvent,
  entryHash,
  entryPath,
  eventSchema,
} from "../../vault/catalogue/entry.ts";
import { readRecordContent } from "../../vault/store/signed-record.ts";
import type { Store } from "../../vault/store/store.ts";
import type { Distribution } from "../metrics/samples.ts";

export interface VaultCounters {
  readonly begun: number;
  readonly completed: number;
  readonly removed: number;
  readonly restored: number;
  readonly proven: number;
  readonly wrong: number;
  readonly durations: Distribution;
  /** The newest ones, in order of their end. */
  readonly newest: readonly BackupDuration[];
}

interface BackupDuration {
  readonly endMs: number;
  readonly ms: number;
}

/** Only what is counted: the state of a vault of 10,000 backups takes megabytes in each twentieth entry. */
const countedSchema = z.object({
  number: z.int().positive(),
  previous: z.string(),
  at: z.iso.datetime(),
  events: z.array(eventSchema),
});

const newestMax = 500;
const boundsSeconds = [1, 5, 15, 60, 300, 900, 3600, 14_400];

interface Head {
  readonly number: number;
  readonly sha256: string;
}

export interface CataloguedEvents extends Head {
  /** The newest first. */
  readonly events: readonly { readonly event: CatalogueEvent; readonly atMs: number }[];
}

/** All events from `head`, whose signature was checked, back to the entry `downTo`, with the number and hash that were reached. */
export async function eventsBack(store: Store, head: Head, downTo: number): Promise<CataloguedEvents> {
  const events: { readonly event: CatalogueEvent; readonly atMs: number }[] = [];
  let { number, sha256 } = head;
  for (; number > downTo; number--) {
    const content = await readRecordContent(store, entryPath(number));
    if (entryHash(content) !== sha256)
      throw catalogueBroken(`${entryPath(number)} is not the entry that the one after it names`);
    const entry = countedSchema.parse(JSON.parse(content));
    for (const event of entry.events) events.push({ event, atMs: Date.parse(entry.at) });
    sha256 = entry.previous;
  }
  return { events, number, sha256 };
}

class Tally {
  begun = 0;
  completed = 0;
  removed = 0;
  restored = 0;
  proven = 0;
  wrong = 0;
  readonly #counts = [...boundsSeconds, 0].map(() => 0);
  /** A whole number, so that it is the same in whatever order durations are added. */
  #sumMs = 0;
  #newest: BackupDuration[] = [];
  /** Times of the one half of a backup whose other half was not seen yet. */
  readonly #began = new Map<string, number>();
  readonly #ended = new Map<string, number>();

  /** In any order. */
  add({ does, point = "", ok }: CatalogueEvent, atMs: number): void {
    if (does === "began") this.#half(this.#began, this.#ended, point, atMs, -1);
    if (does === "added") this.#half(this.#ended, this.#began, point, atMs, 1);
    this.begun += Number(does === "began");
    this.completed += Number(does === "added");
    this.removed += Number(does === "removed");
    this.restored += Number(does === "restored");
    this.proven += Number(does === "judged" && ok === true);
    this.wrong += Number(does === "judged" && ok === false);
  }

  #half(own: Map<string, number>, other: Map<string, number>, point: string, atMs: number, sign: number): void {
    const otherMs = other.get(point);
    if (otherMs === undefined) return void own.set(point, atMs);
    other.delete(point);
    // A clock that was set back between the two gives no duration.
    const ms = Math.max(0, sign * (atMs - otherMs));
    const bucket = boundsSeconds.findIndex((bound) => ms <= bound * 1000);
    const index = bucket === -1 ? boundsSeconds.length : bucket;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#sumMs += ms;
    this.#newest.push({ endMs: Math.max(atMs, otherMs), ms });
    if (this.#newest.length > 2 * newestMax) this.#newest = newestOnly(this.#newest);
  }

  counters(): VaultCounters {
    const { begun, completed, removed, restored, proven, wrong } = this;
    const durations = { bounds: boundsSeconds, counts: [...this.#counts], sum: this.#sumMs / 1000 };
    return { begun, completed, removed, restored, proven, wrong, durations, newest: newestOnly(this.#newest) };
  }
}

function newestOnly(durations: readonly BackupDuration[]): BackupDuration[] {
  return durations.toSorted((a, b) => a.endMs - b.endMs).slice(-newestMax);
}

export class CatalogueHistory {
  #tally = new Tally();
  #head: Head | undefined;

  /** `head` is the newest entry, whose signature was checked; each entry names the hash of the one before. */
  async upTo(store: Store, head: Head): Promise<VaultCounters> {
    if (!(await this.#add(store, head))) {
      // Another catalogue has taken the place of the one that was counted.
      this.#tally = new Tally();
      this.#head = undefined;
      await this.#add(store, head);
    }
    this.#head = head;
    return this.#tally.counters();
  }

  /** False where the entries do not lead back to what was counted before; nothing is counted then. */
  async #add(store: Store, head: Head): Promise<boolean> {
    const counted = this.#head;
    const { events, number, sha256 } = await eventsBack(store, head, counted?.number ?? 0);
    if (counted !== undefined && (number !== counted.number || sha256 !== counted.sha256)) return false;
    for (const { event, atMs } of events) this.#tally.add(event, atMs);
    return true;
  }
}
