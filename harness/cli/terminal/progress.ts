// Progress on stderr: one live line on a terminal, one plain line a step elsewhere, and a heartbeat when a step is long.
import { type Clock, systemClock } from "../../base/clock.ts";
import { oneLine } from "../../base/one-line.ts";
import type { Progress } from "../../base/progress.ts";
import { formatBytes, formatCount, formatDuration } from "../../base/units.ts";
import { paint } from "./style.ts";

export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export const heartbeatMs = 30_000;
export const frameMs = 80;

export class ProgressPrinter implements Progress, Disposable {
  readonly #output: Output;
  readonly #clock: Clock;
  readonly #live: boolean;
  readonly #timer: NodeJS.Timeout;
  #name = "";
  #step: { name: string; startedMs: number; detail: string } | undefined;
  #spokenMs: number;

  constructor(output: Output = process.stderr, clock: Clock = systemClock) {
    this.#output = output;
    this.#clock = clock;
    this.#live = output.isTTY === true;
    this.#spokenMs = clock.monotonicMs();
    this.#timer = setInterval(() => this.tick(), this.#live ? frameMs : 1000);
    this.#timer.unref();
  }

  /** What the steps that follow belong to. */
  begin(name: string, title: string): void {
    this.#endStep();
    this.#name = oneLine(name);
    this.line(`${paint("bold", this.#name)}  ${oneLine(title)}`);
  }

  step(name: string): void {
    this.#endStep();
    this.#step = { name: oneLine(name), startedMs: this.#clock.monotonicMs(), detail: "" };
    if (!this.#live) this.line(`  ${this.#step.name} ...`);
  }

  advance(done: number, total?: number, unit: "bytes" | "items" = "items"): void {
    if (this.#step !== undefined) this.#step.detail = describeAdvance(done, total, unit);
  }

  note(line: string): void {
    this.line(`  ${oneLine(line)}`);
  }

  /** Prints a whole line, above the live one. */
  line(text: string): void {
    this.#clear();
    this.#output.write(`${text}\n`);
    this.#spokenMs = this.#clock.monotonicMs();
  }

  tick(): void {
    if (this.#step === undefined) return;
    const nowMs = this.#clock.monotonicMs();
    const { name, startedMs, detail } = this.#step;
    if (this.#live) {
      const text = `  ${spinner(nowMs)} ${name} ${formatDuration(nowMs - startedMs)} ${detail}`;
      this.#output.write(`\r\u001B[2K${text.slice(0, (this.#output.columns ?? 80) - 1)}`);
    } else if (nowMs - this.#spokenMs >= heartbeatMs) {
      this.line(`  ${this.#name}: still at "${name}" after ${formatDuration(nowMs - startedMs)} ${detail}`);
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#endStep();
    this.#clear();
  }

  #endStep(): void {
    if (this.#step === undefined) return;
    const { name, startedMs } = this.#step;
    this.#step = undefined;
    if (this.#live) this.line(paint("dim", `  ${name}  ${formatDuration(this.#clock.monotonicMs() - startedMs)}`));
  }

  #clear(): void {
    if (this.#live) this.#output.write("\r\u001B[2K");
  }
}

export function describeAdvance(done: number, total: number | undefined, unit: "bytes" | "items" = "items"): string {
  const show = unit === "bytes" ? formatBytes : formatCount;
  if (total === undefined || total === 0) return show(done);
  return `${Math.min(100, Math.floor((done / total) * 100))} %  ${show(done)} of ${show(total)}`;
}

export function spinner(nowMs: number): string {
  const frames = "|/-\\";
  return frames[Math.floor(nowMs / frameMs) % frames.length] ?? "|";
}
