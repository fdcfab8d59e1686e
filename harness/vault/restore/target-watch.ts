// Watches the target of a restore, once a second: that it is alive, that it is the same run of the same server, that it
// is still our replica. All waits for a target use the signal of its watch, and so end within seconds of the target.
import { systemClock } from "../../base/clock.ts";
import { address, type Endpoint } from "../../base/endpoint.ts";
import { DrillError, errorOf, errorMessage } from "../../base/errors.ts";
import { pace } from "../../base/timer.ts";
import { waitFor } from "../../base/wait.ts";
import { type Connection, connect } from "../../falkordb/client/connection.ts";

const lookEveryMs = 1000;
/** How long the target may refuse every connection; a busy server refuses none. */
const goneMs = 3000;
const toldTimeoutMs = 15_000;

/** The state that the watch expects. */
interface Expected {
  readonly runId: string;
  /** Replication port of this process, whose replica the target is. */
  port?: number;
  /** Returns the milliseconds since its replication link was last active. */
  silentMs?: () => number | undefined;
}

export class TargetWatch implements AsyncDisposable {
  /** Aborted with the reason when the target is lost, or when the caller's own signal is. */
  readonly signal: AbortSignal;
  readonly #endpoint: Endpoint;
  /** How long it may not answer while its replication link works: only the path for commands is stuck then. */
  readonly #muteMs: number;
  readonly #lookTimeoutMs: number;
  readonly #lost = new AbortController();
  readonly #end = new AbortController();
  readonly #work: Promise<void>;
  readonly #expected: Expected;
  #connection: Connection | undefined;
  /** Why the replication link broke; the next check says what became of the target. */
  #broken: Error | undefined;
  /** Whether the target was released: its link ends then, as it should. */
  #isReleased = false;
  #unreachableSinceMs: number | undefined;
  #answeredAtMs = systemClock.monotonicMs();
  #goodLooks = 0;

  constructor(endpoint: Endpoint, runId: string, silenceMs: number, signal: AbortSignal) {
    this.#endpoint = endpoint;
    this.#muteMs = silenceMs / 2;
    this.#lookTimeoutMs = silenceMs / 6;
    this.#expected = { runId };
    this.signal = AbortSignal.any([signal, this.#lost.signal]);
    this.#work = this.#loop();
  }

  /** Why the target is lost; undefined where it is not. */
  get lost(): Error | undefined {
    return this.#lost.signal.aborted ? errorOf(this.#lost.signal.reason) : undefined;
  }

  /** Sets the port whose replica the target must be from now on; `undefined` for a primary. */
  expectReplica(port: number | undefined, silentMs?: () => number | undefined): void {
    Object.assign(this.#expected, { port, silentMs });
    this.#isReleased = port === undefined;
  }

  /** The replication link is broken, for this reason unless the target is gone altogether. */
  linkLost(error: Error): void {
    if (!this.#isReleased) this.#broken ??= error;
  }

  /** Waits for the next check after work on the target has failed; says whether the target is lost. */
  async whyLost(): Promise<Error | undefined> {
    const looks = this.#goodLooks;
    const isTold = (): true | undefined => this.#lost.signal.aborted || this.#goodLooks > looks + 1 || undefined;
    const what = `${address(this.#endpoint)} to answer or to be gone`;
    await waitFor(isTold, { what, timeoutMs: toldTimeoutMs, exit: "notRecovered" }).catch(() => {});
    return this.lost ?? this.#broken;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#work;
    this.#connection?.close();
  }

  async #loop(): Promise<void> {
    const { signal } = this.#end;
    while (!signal.aborted && !this.#lost.signal.aborted) {
      const reason = await this.#look();
      if (reason !== undefined) this.#lost.abort(reason);
      else await pace(lookEveryMs, signal);
    }
  }

  /** Why the target is lost, as far as known now. */
  async #look(): Promise<Error | undefined> {
    const { signal } = this.#end;
    const [timeoutMs, commandTimeoutMs] = [this.#lookTimeoutMs, this.#lookTimeoutMs];
    const limits = { timeoutMs, commandTimeoutMs, name: "falkordrill-watch", signal };
    try {
      this.#connection ??= await connect(this.#endpoint, limits);
      const [server, replication] = [await this.#connection.info("server"), await this.#connection.info("replication")];
      this.#unreachableSinceMs = undefined;
      this.#answeredAtMs = systemClock.monotonicMs();
      this.#goodLooks += 1;
      return this.#wrong(server, replication) ?? this.#broken;
    } catch (error) {
      this.#connection?.close();
      this.#connection = undefined;
      return signal.aborted ? undefined : this.#unanswered(error);
    }
  }

  #wrong(server: Record<string, string>, replication: Record<string, string>): Error | undefined {
    const { runId, port } = this.#expected;
    const where = address(this.#endpoint);
    if (server["run_id"] !== runId)
      return gone(`${where} was restarted during the restore`, "Its log says why it ended; it may have crashed.");
    if (port === undefined || (replication["role"] === "slave" && replication["master_port"] === String(port)))
      return undefined;
    return gone(`another client ended the replication to ${where}`, "No other client may use the target of a restore.");
  }

  #unanswered(error: unknown): Error | undefined {
    const nowMs = systemClock.monotonicMs();
    const where = address(this.#endpoint);
    const isMute = /no answer within|timed ?out/i.test(errorMessage(error));
    if (!isMute) {
      this.#unreachableSinceMs ??= nowMs;
      if (nowMs - this.#unreachableSinceMs < goneMs) return undefined;
      return gone(`${where} ended during the restore (${errorMessage(error)})`, "Its log says why it ended.");
    }
    const heardMs = this.#expected.silentMs?.();
    if (this.#broken !== undefined) return this.#broken;
    if (heardMs === undefined || heardMs > this.#muteMs / 2 || nowMs - this.#answeredAtMs < this.#muteMs)
      return undefined;
    return gone(
      `${where} answers nothing, though it lives as a replica`,
      "Something between this machine and the server holds its answers back.",
    );
  }
}

function gone(message: string, hint: string): DrillError {
  return new DrillError(message, { exit: "notRecovered", code: "target-gone", hint });
}
