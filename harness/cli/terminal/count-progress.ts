// Progress of many like pieces of work on stderr: a line for each as it ends, with the time so far and the time left.
import { type Clock, systemClock } from "../../base/clock.ts";
import { oneLine } from "../../base/one-line.ts";
import { formatDuration, formatMinutes } from "../../base/units.ts";
import type { Output } from "./progress.ts";
import { paint } from "./style.ts";

export interface EndedPiece {
  /** Its outcome, in one word. */
  readonly word: string;
  readonly isGood: boolean;
  readonly name: string;
  readonly ms: number;
  readonly about?: string;
}

const columnsDefault = 120;

export class CountProgress {
  readonly #total: number;
  readonly #output: Output;
  readonly #clock: Clock;
  readonly #startedMs: number;
  #done = 0;

  constructor(total: number, output: Output = process.stderr, clock: Clock = systemClock) {
    this.#total = total;
    this.#output = output;
    this.#clock = clock;
    this.#startedMs = clock.monotonicMs();
  }

  /** `killed 12/104 values/null-to-zero 2.90 s node-changed main/Entity (0:35, about 4:28 left)`. */
  readonly ended = ({ word, isGood, name, ms, about = "" }: EndedPiece): void => {
    this.#done += 1;
    const times = ` (${this.#times()})`;
    const rest = oneLine(` ${this.#done}/${this.#total} ${name} ${formatDuration(ms)} ${about}`).trimEnd();
    const room = (this.#output.columns ?? columnsDefault) - 1 - word.length - times.length;
    this.#output.write(`${paint(isGood ? "green" : "red", word)}${rest.slice(0, room)}${paint("dim", times)}\n`);
  };

  /** A line that is not one of the pieces. */
  note(text: string): void {
    this.#output.write(`${paint("dim", oneLine(text).slice(0, (this.#output.columns ?? columnsDefault) - 1))}\n`);
  }

  #times(): string {
    const elapsedMs = this.#clock.monotonicMs() - this.#startedMs;
    const leftMs = (elapsedMs / this.#done) * (this.#total - this.#done);
    return formatMinutes(elapsedMs) + (leftMs < 1000 ? "" : `, about ${formatMinutes(leftMs)} left`);
  }
}
