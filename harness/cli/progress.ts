// Progress on stderr: one live line on a terminal, one plain line a step elsewhere, and a heartbeat when a step is long.
import { type Clock, systemClock } from "../base/clock.ts";
import { formatBytes, formatCount, formatDuration } from "../base/units.ts";
import type { ProgressEvent } from "../drill/channel.ts";
import { paint } from "./style.ts";

interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const heartbeatMs = 30_000;
const frameMs = 80;

export class ProgressPrinter implements Disposable {
  readonly #output: Output;
  readonly #clock: Clock;
  readonly #live: boolean;
  readonly #timer: NodeJS.Timeout;
  #scenario = "";
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

  readonly onEvent = (event: ProgressEvent): void => {
    switch (event.type) {
      case "scenario":
        this.#endStep();
        this.#scenario = event.scenario;
        this.line(`${paint("bold", event.scenario)}  ${event.title}`);
        return;
      case "step":
        this.#endStep();
        this.#scenario = event.scenario;
        this.#step = { name: event.name, startedMs: this.#clock.monotonicMs(), detail: "" };
        if (!this.#live) this.line(`  ${event.name} ...`);
        return;
      case "advance":
        if (this.#step !== undefined) this.#step.detail = describe(event);
        return;
      case "note":
        this.line(`  ${event.line}`);
        return;
      default:
        event satisfies never;
    }
  };

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
      this.line(`  ${this.#scenario}: still at "${name}" after ${formatDuration(nowMs - startedMs)} ${detail}`);
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

function describe(event: Extract<ProgressEvent, { type: "advance" }>): string {
  const show = event.unit === "bytes" ? formatBytes : formatCount;
  if (event.total === undefined || event.total === 0) return show(event.done);
  const percent = Math.min(100, Math.floor((event.done / event.total) * 100));
  return `${percent} %  ${show(event.done)} of ${show(event.total)}`;
}

function spinner(nowMs: number): string {
  const frames = "|/-\\";
  return frames[Math.floor(nowMs / frameMs) % frames.length] ?? "|";
}
