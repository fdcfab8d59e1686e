// How a scenario, which runs in a worker thread of vitest, tells the command line how far it is.
import type { Progress } from "../base/progress.ts";
import { systemClock } from "../base/clock.ts";

export type ProgressEvent =
  | { readonly type: "scenario"; readonly scenario: string; readonly title: string }
  | { readonly type: "step"; readonly scenario: string; readonly name: string }
  | {
      readonly type: "advance";
      readonly scenario: string;
      readonly done: number;
      readonly total: number | undefined;
      readonly unit: "bytes" | "items" | undefined;
    }
  | { readonly type: "note"; readonly scenario: string; readonly line: string };

const channelName = "falkordrill-progress";
const advanceEveryMs = 100;

/** The worker's end. Without a listener (plain `vitest run`) the events go nowhere. */
export function openProgress(scenario: string, title: string): Progress & Disposable {
  const channel = new BroadcastChannel(channelName);
  const send = (event: ProgressEvent): void => channel.postMessage(event);
  let lastAdvanceMs = 0;
  send({ type: "scenario", scenario, title });
  return {
    step: (name) => send({ type: "step", scenario, name }),
    advance: (done, total, unit) => {
      const nowMs = systemClock.monotonicMs();
      if (nowMs - lastAdvanceMs < advanceEveryMs) return;
      lastAdvanceMs = nowMs;
      send({ type: "advance", scenario, done, total, unit });
    },
    note: (line) => send({ type: "note", scenario, line }),
    [Symbol.dispose]: () => channel.close(),
  };
}

/** The command line's end. */
export function listenToProgress(listener: (event: ProgressEvent) => void): Disposable {
  const channel = new BroadcastChannel(channelName);
  channel.addEventListener("message", (message) => listener((message as unknown as { data: ProgressEvent }).data));
  return { [Symbol.dispose]: () => channel.close() };
}
