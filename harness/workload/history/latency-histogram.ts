// Latencies of any number of writes in a fixed amount of memory: counts per step of 1 %, as is usual for percentiles of
// millions of values. The maximum is kept exactly.

const stepsPerE = 100;
/** Shortest distinguished latency, one microsecond; shorter ones count as that. */
const leastMs = 0.001;
const steps = 2500;

export class LatencyHistogram {
  readonly #counts = new Uint32Array(steps);
  #count = 0;
  #maxMs = 0;

  add(ms: number): void {
    const step = ms <= leastMs ? 0 : Math.min(steps - 1, Math.ceil(Math.log(ms / leastMs) * stepsPerE));
    this.#counts[step] = (this.#counts[step] ?? 0) + 1;
    this.#count += 1;
    this.#maxMs = Math.max(this.#maxMs, ms);
  }

  get count(): number {
    return this.#count;
  }

  get maxMs(): number {
    return this.#maxMs;
  }

  /** At most 1 % above the true value; 0 if there is none. */
  quantileMs(share: number): number {
    const rank = Math.min(this.#count - 1, Math.floor(this.#count * share));
    let below = 0;
    for (const [step, count] of this.#counts.entries()) {
      below += count;
      if (below > rank) return Math.min(this.#maxMs, leastMs * Math.exp(step / stepsPerE));
    }
    return 0;
  }
}
