// The times of one graph's events, in microseconds. Episodes follow each other with a gap; all that an episode writes
// is written within the gap, so nothing is older than what it refers to.
import { Draw } from "../random.ts";

const startUs = Date.UTC(2025, 0, 6, 8) * 1000;
const spanUs = 300 * 86_400e6;
const longestGapUs = 120e6;

export class Timeline {
  readonly #draw: Draw;
  readonly #gapUs: number;

  constructor(seed: number, graph: string, episodes: number) {
    this.#draw = new Draw(seed, `${graph}/time`);
    this.#gapUs = Math.min(longestGapUs, Math.floor(spanUs / Math.max(1, episodes)));
  }

  /** Time in µs at which the episode was stored: Episodic.created_at, the same instant on its MENTIONS. */
  createdUs(episode: number): number {
    return startUs + episode * this.#gapUs + Math.floor(this.#draw.at(episode).unit() * this.#gapUs * 0.5);
  }

  /** Time in µs at which its entities and facts were extracted: a little after the episode, well before the next one. */
  extractedUs(episode: number): number {
    const createdUs = this.createdUs(episode);
    return createdUs + 1 + Math.floor(this.#draw.unit() * this.#gapUs * 0.4);
  }

  /** The reference time that the caller gave. It rises with the episodes, so the saga chain is in order. */
  validUs(episode: number): number {
    const createdUs = this.createdUs(episode);
    this.#draw.next();
    const validUs = createdUs - Math.floor(this.#draw.unit() * this.#gapUs * 0.4);
    const whole = this.#gapUs >= 10e6 && this.#draw.chance(0.4);
    return whole ? Math.floor(validUs / 1e6) * 1e6 : validUs;
  }

  /** Time in µs after everything else: when communities were built and sagas were summarised. */
  endUs(episodes: number): number {
    return startUs + (episodes + 2) * this.#gapUs;
  }
}
