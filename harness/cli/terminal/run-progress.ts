// Progress of a drill on stderr: one line per scenario as it ends, and on a terminal one live line of what is running.
// Several scenarios may run at once; each has its own step.
import { type Clock, systemClock } from "../../base/clock.ts";
import { oneLine } from "../../base/one-line.ts";
import type { Progress } from "../../base/progress.ts";
import { formatDuration, formatMinutes } from "../../base/units.ts";
import type { ScenarioResult, Verdict } from "../../record/result.ts";
import { reasonForVerdict } from "../../../reports/findings/severity.ts";
import { describeAdvance, frameMs, heartbeatMs, type Output, spinner } from "./progress.ts";
import { paint } from "./style.ts";

interface PlannedScenario {
  readonly id: string;
  readonly expectedMs: number;
}

interface Running {
  readonly startedMs: number;
  step: string;
  stepStartedMs: number;
  detail: string;
}

const colours: Readonly<Record<Verdict, "green" | "red" | "yellow">> = {
  pass: "green",
  fail: "red",
  inconclusive: "yellow",
};

export class RunProgress implements Disposable {
  readonly #output: Output;
  readonly #clock: Clock;
  readonly #live: boolean;
  readonly #timer: NodeJS.Timeout;
  readonly #expectedMs: ReadonlyMap<string, number>;
  readonly #running = new Map<string, Running>();
  readonly #done = new Map<string, number>();
  readonly #startedMs: number;
  #spokenMs: number;

  constructor(planned: readonly PlannedScenario[], output: Output = process.stderr, clock: Clock = systemClock) {
    this.#output = output;
    this.#clock = clock;
    this.#live = output.isTTY === true;
    this.#expectedMs = new Map(planned.map(({ id, expectedMs }) => [id, expectedMs]));
    this.#startedMs = clock.monotonicMs();
    this.#spokenMs = this.#startedMs;
    this.#timer = setInterval(() => this.tick(), this.#live ? frameMs : 1000);
    this.#timer.unref();
  }

  /** Begins a scenario and returns the progress that it reports to. */
  readonly scenario = (id: string): Progress => {
    const nowMs = this.#clock.monotonicMs();
    const running: Running = { startedMs: nowMs, step: "starting", stepStartedMs: nowMs, detail: "" };
    this.#running.set(id, running);
    return {
      step: (name) => {
        Object.assign(running, { step: oneLine(name), stepStartedMs: this.#clock.monotonicMs(), detail: "" });
      },
      advance: (done, total, unit) => void (running.detail = describeAdvance(done, total, unit)),
      note: (line) => {
        // Notes are shown only on a live terminal; a log has one line per scenario.
        if (this.#live || this.#expectedMs.size === 1) this.#line(paint("dim", `  ${oneLine(`${id}: ${line}`)}`));
      },
    };
  };

  /** `pass 7/12 cycle/full 5.8 s RTO 368 ms`, with the estimated time remaining. */
  readonly ended = (result: ScenarioResult): void => {
    const { id, verdict, durationMs, metrics } = result;
    this.#running.delete(id);
    this.#done.set(id, durationMs);
    const rto = metrics["rtoMs"];
    const about =
      verdict === "pass"
        ? rto === undefined
          ? ""
          : `RTO ${formatDuration(rto)}`
        : oneLine(reasonForVerdict(result) ?? "");
    const head = `${paint(colours[verdict], verdict)} ${this.#counter()} ${paint("bold", oneLine(id))}`;
    const time = this.#live ? "" : paint("dim", ` (${this.#times()})`);
    this.#line([head, formatDuration(durationMs), about].filter((part) => part !== "").join(" ") + time);
  };

  tick(): void {
    const nowMs = this.#clock.monotonicMs();
    if (this.#running.size === 0) return;
    if (this.#live) {
      const steps = [...this.#running].map(([id, { step, stepStartedMs, detail }]) =>
        [`${oneLine(id)}: ${step}`, formatDuration(nowMs - stepStartedMs), detail].filter(Boolean).join(" "),
      );
      const text = `${spinner(nowMs)} ${this.#counter()}  ${this.#times()}  ${steps.join(" | ")}`;
      this.#output.write(`\r\u001B[2K${text.slice(0, (this.#output.columns ?? 80) - 1)}`);
    } else if (nowMs - this.#spokenMs >= heartbeatMs) {
      const steps = [...this.#running].map(
        ([id, { step, startedMs }]) => `${oneLine(id)} for ${formatDuration(nowMs - startedMs)}, now at "${step}"`,
      );
      this.#line(`running: ${steps.join("; ")} (${this.#times()})`);
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#clear();
  }

  #counter(): string {
    return `${this.#done.size}/${this.#expectedMs.size}`;
  }

  #times(): string {
    const leftMs = this.#remainingMs();
    const left = leftMs < 1000 ? "" : `, about ${formatMinutes(leftMs)} left`;
    return `${formatMinutes(this.#clock.monotonicMs() - this.#startedMs)}${left}`;
  }

  /** Expected durations, times how much slower this run is than expected, divided by how many run at once. */
  #remainingMs(): number {
    const nowMs = this.#clock.monotonicMs();
    const all = this.#expectedMs.entries().toArray();
    const done = all.filter(([id]) => this.#done.has(id));
    const knownMs = done.reduce((sum, [, ms]) => sum + ms, 0);
    const tookMs = done.reduce((sum, [id]) => sum + (this.#done.get(id) ?? 0), 0);
    const pace = (tookMs + priorMs) / (knownMs + priorMs);
    const workMs = all
      .filter(([id]) => !this.#done.has(id))
      .reduce((sum, [id, ms]) => {
        const running = this.#running.get(id);
        const spentMs = running === undefined ? 0 : nowMs - running.startedMs;
        return sum + Math.max(ms * pace - spentMs, running === undefined ? 0 : ms * pace * tailShare);
      }, 0);
    return workMs / Math.max(1, this.#running.size);
  }

  /** Prints a whole line, above the live one. */
  #line(text: string): void {
    this.#clear();
    this.#output.write(`${text}\n`);
    this.#spokenMs = this.#clock.monotonicMs();
  }

  #clear(): void {
    if (this.#live) this.#output.write("\r\u001B[2K");
  }
}

/** Below this much elapsed work the speed of the run is not estimated: the table's durations are used. */
const priorMs = 5000;
/** A scenario that has overrun its estimate is assumed to need some more time. */
const tailShare = 0.1;
