// Records how far a chain reaches. Not for each increment: an archive has thousands of them, and each is signed and
// linked to the one before it. What was not recorded yet is recorded by the next run, and whoever looks at the vault
// meanwhile remembers it.
import { type Clock, systemClock } from "../../base/clock.ts";
import { errorMessage } from "../../base/errors.ts";
import { type CatalogueContext, tryAppend } from "./append.ts";

const intervalMs = 600_000;

interface ChainEnd {
  readonly base: string;
  readonly number: number;
  readonly sha256: string;
}

export class ChainRecorder {
  readonly #context: CatalogueContext;
  readonly #note: (line: string) => void;
  readonly #clock: Clock;
  readonly #recordedAtMs = new Map<string, number>();

  constructor(context: CatalogueContext, note: (line: string) => void) {
    this.#context = context;
    this.#note = note;
    this.#clock = context.clock ?? systemClock;
  }

  /** Increments that nobody asked for are recorded at intervals; a failure is a note, as the increment is stored. */
  async onStored({ base, number, sha256 }: ChainEnd, sealed: string): Promise<void> {
    const nowMs = this.#clock.monotonicMs();
    const isDue = nowMs - (this.#recordedAtMs.get(base) ?? Number.NEGATIVE_INFINITY) >= intervalMs;
    if (!isDue && (sealed === "age" || sealed === "size")) return;
    this.#recordedAtMs.set(base, nowMs);
    try {
      // Another process may have recorded more; less would read as a removal.
      const note = await tryAppend(this.#context, (catalogue) =>
        (catalogue?.state.get(base)?.chain?.number ?? 0) < number
          ? [{ does: "chain", point: base, number, sha256 }]
          : [],
      );
      if (note !== undefined) this.#note(note);
    } catch (error) {
      this.#note(`increment ${number} of ${base} is not in the catalogue yet: ${errorMessage(error)}`);
    }
  }
}
