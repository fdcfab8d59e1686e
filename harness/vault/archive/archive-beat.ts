// The periodic checks of an archiver. Four times a second: how complete the received stream is. Once a second: whether
// the source still has the required settings, whether the stream carries everything that the source knows, and how far
// the archive is. Checks come before reports, so a slow listener cannot delay them.
import type { Clock } from "../../base/clock.ts";
import { errorMessage } from "../../base/errors.ts";
import type { Connection } from "../../falkordb/client/connection.ts";
import { streamOffset } from "../../falkordb/client/stream-offset.ts";
import type { ArchiveSource } from "./archive-source.ts";
import { type ArchiveStatus, LagMeter, readReplicaLimits, warningOf } from "./archive-status.ts";
import type { ProofStatus } from "./background-proof.ts";
import type { ChainWriter } from "../chain/chain-writer.ts";
import type { SchemaCheck } from "./confirm-schemas.ts";

const beatMs = 1000;
/** How precisely a moment can say up to when it is complete. */
const askEveryMs = 250;

type FollowedChain = Parameters<SchemaCheck["beat"]>[1] & Pick<ChainWriter, "askHowComplete">;

export interface ArchiveBeatOptions {
  readonly source: Pick<ArchiveSource, "connection" | "keepSettings">;
  readonly check: Pick<SchemaCheck, "beat">;
  readonly clock: Clock;
  readonly followed: () => { readonly base: string; readonly chain: FollowedChain };
  readonly proof: () => ProofStatus | undefined;
  readonly note: (line: string) => void;
  readonly onStatus: ((status: ArchiveStatus) => void) | undefined;
  /** Aborted to stop the periodic checks. */
  readonly signal: AbortSignal;
}

export class ArchiveBeat implements Disposable {
  readonly #options: ArchiveBeatOptions;
  readonly #timers: readonly NodeJS.Timeout[];
  readonly #lag: LagMeter;
  readonly #unsealed: LagMeter;
  readonly #troubles = new Set<string>();
  #isBeating = false;
  #isAsking = false;
  #isWarned = false;

  constructor(options: ArchiveBeatOptions) {
    this.#options = options;
    this.#lag = new LagMeter(options.clock);
    this.#unsealed = new LagMeter(options.clock);
    this.#timers = [
      setInterval(() => void this.#beat(), beatMs),
      setInterval(() => void this.#askHowComplete(), askEveryMs),
    ];
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  async #beat(): Promise<void> {
    if (this.#isBeating) return;
    this.#isBeating = true;
    await this.#orNote("the source could not be looked at, so hazards may be seen late", () => this.#look());
    this.#isBeating = false;
  }

  /** Problems of the source are reported by the periodic checks. */
  async #askHowComplete(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      const connection = await this.#options.source.connection();
      await this.#options.followed().chain.askHowComplete(() => streamOffset(connection));
    } catch {
      // A moment then says that it is complete up to an earlier time.
    } finally {
      this.#isAsking = false;
    }
  }

  async #look(): Promise<void> {
    const { source, check, followed, signal } = this.#options;
    const connection = await source.connection();
    await source.keepSettings();
    const { chain } = followed();
    await this.#orNote("the names in the graphs of the source could not be compared", () =>
      check.beat(connection, chain, signal),
    );
    await this.#report(connection);
  }

  async #report(connection: Connection): Promise<void> {
    const { followed, note, onStatus, proof } = this.#options;
    const limits = await readReplicaLimits(connection);
    const sourceOffset = await streamOffset(connection);
    const { base, chain } = followed();
    const sealedOffset = chain.sealed?.offset ?? chain.position.offset - chain.unsealedBytes;
    const proven = proof();
    const status: ArchiveStatus = {
      base,
      segment: chain.sealed?.number ?? 0,
      sourceOffset,
      receivedOffset: chain.position.offset,
      sealedOffset,
      lagBytes: Math.max(0, sourceOffset - chain.position.offset),
      lagMs: this.#lag.measure(sourceOffset, chain.position.offset),
      unsealedBytes: chain.unsealedBytes,
      unsealedMs: this.#unsealed.measure(sourceOffset, sealedOffset),
      limits,
      ...(proven === undefined ? {} : { proof: proven }),
    };
    const warning = warningOf(status);
    if (warning !== undefined && !this.#isWarned) note(warning);
    this.#isWarned = warning !== undefined;
    await this.#orNote("the status could not be reported", () => onStatus?.(status));
  }

  /** Each problem is reported when it begins, and again only after it had ended. */
  async #orNote(what: string, work: () => Promise<void> | void): Promise<void> {
    try {
      await work();
      this.#troubles.delete(what);
    } catch (error) {
      if (this.#options.signal.aborted || this.#troubles.has(what)) return;
      this.#troubles.add(what);
      this.#options.note(`${what}: ${errorMessage(error)}`);
    }
  }
}
