// Feeds a reader that asks for bytes (rdb-values.ts) from pieces of any size. Nothing is kept that was not asked for.
import type { Ask } from "./rdb-values.ts";

const nothing: Buffer = Buffer.alloc(0);

export class AskPump {
  readonly #steps: Ask<void>;
  #wanted = 0;
  /** Pieces of what was asked for, and their bytes. */
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #position: number;
  #state: "reading" | "ended" | "lost" = "reading";
  #failure: Error | undefined;

  /** `steps` may ask for the position; `position` is where the first piece begins. Nothing is read before `start`. */
  constructor(steps: (pump: Pick<AskPump, "position">) => Ask<void>, position = 0) {
    this.#steps = steps(this);
    this.#position = position;
  }

  /** Lets the reader ask for its first bytes. */
  start(): void {
    this.#advance(nothing);
  }

  /** Takes the next bytes, in order; they are not kept. */
  push(bytes: Buffer): void {
    let at = 0;
    while (this.#state === "reading") {
      if (this.#wanted < 0) {
        const skipped = Math.min(-this.#wanted, bytes.length - at);
        at += skipped;
        this.#position += skipped;
        this.#wanted += skipped;
        if (this.#wanted < 0) return;
        this.#advance(nothing);
        continue;
      }
      const missing = this.#wanted - this.#keptBytes;
      if (bytes.length - at < missing) {
        // A copy, as the piece belongs to the stream.
        this.#kept.push(Buffer.from(bytes.subarray(at)));
        this.#keptBytes += bytes.length - at;
        return;
      }
      const fresh = bytes.subarray(at, at + missing);
      const given = this.#kept.length === 0 ? fresh : Buffer.concat([...this.#kept, fresh]);
      at += missing;
      this.#position += given.length;
      this.#kept = [];
      this.#keptBytes = 0;
      this.#advance(given);
    }
  }

  /** `lost` when the bytes were not what the reader understands; `failure` is why. */
  get state(): "reading" | "ended" | "lost" {
    return this.#state;
  }

  get failure(): Error | undefined {
    return this.#failure;
  }

  /** End of the bytes that the reader was given or that were skipped for it. */
  get position(): number {
    return this.#position;
  }

  #advance(given: Buffer): void {
    try {
      const { done, value } = this.#steps.next(given);
      if (done === true) this.#state = "ended";
      else this.#wanted = value;
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      this.#state = "lost";
    }
  }
}
