// A long way between two machines, as the bytes of a TCP connection see it: everything arrives later, and a packet that
// is lost arrives later still, with all that was sent after it. TCP repeats it after one more round trip where enough
// packets follow that show the gap, and otherwise when its retransmission timer ends.
import { Transform, type TransformCallback } from "node:stream";
import type { Draw } from "../../../generators/random.ts";
import { systemClock } from "../../base/clock.ts";
import { startTimer } from "../../base/timer.ts";

export interface Distance {
  /** Milliseconds that each byte travels, one way. */
  readonly delayMs: number;
  /** Share of the packets that are lost. */
  readonly loss: number;
}

const packetBytes = 1460;
/** So many packets must follow a lost one before the sender repeats it by itself. */
const packetsAfterMin = 3;
/** What Linux adds to the round trip before it repeats a packet that nothing followed. */
const repeatMs = 200;
/** Bytes that are sent without waiting for their arrival. */
const windowBytes = 2 ** 20;

/** One direction of a connection. */
export class DistanceStream extends Transform {
  readonly #distance: Distance;
  readonly #draw: Draw;
  readonly #onTheWay: Buffer[] = [];
  #bytes = 0;
  /** When all that was sent has arrived. */
  #dueMs: number;
  #whenThereIsRoom: TransformCallback | undefined;

  /** The first byte waits for the handshake, which takes a round trip. */
  constructor(distance: Distance, draw: Draw) {
    super();
    this.#distance = distance;
    this.#draw = draw;
    this.#dueMs = systemClock.monotonicMs() + 2 * distance.delayMs;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#onTheWay.push(chunk);
    this.#bytes += chunk.length;
    const nowMs = systemClock.monotonicMs();
    this.#dueMs = Math.max(this.#dueMs, nowMs + this.#distance.delayMs) + this.#lateMs(chunk.length);
    startTimer(this.#dueMs - nowMs, () => this.#arrive());
    if (this.#bytes < windowBytes) done();
    else this.#whenThereIsRoom = done;
  }

  override _flush(done: TransformCallback): void {
    startTimer(Math.max(0, this.#dueMs - systemClock.monotonicMs()), () => {
      while (this.#onTheWay.length > 0) this.#arrive();
      done();
    });
  }

  #arrive(): void {
    const chunk = this.#onTheWay.shift();
    if (chunk === undefined || this.destroyed) return;
    this.#bytes -= chunk.length;
    this.push(chunk);
    const done = this.#whenThereIsRoom;
    this.#whenThereIsRoom = undefined;
    done?.();
  }

  /** How late the last of the lost packets arrives; 0 where none is lost. */
  #lateMs(bytes: number): number {
    const packets = Math.ceil(bytes / packetBytes);
    let lateMs = 0;
    for (let packet = 1; packet <= packets; packet += 1) {
      if (this.#draw.unit() >= this.#distance.loss) continue;
      const isSeen = packets - packet >= packetsAfterMin;
      lateMs = Math.max(lateMs, 2 * this.#distance.delayMs + (isSeen ? 0 : repeatMs));
    }
    return lateMs;
  }
}
