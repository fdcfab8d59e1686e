// Proofs of a growing chain, one after the other: at an interval that the user sets, counted from the last proof
// recorded in the vault, so that restarts of the archiver do not change how often a chain is proven.
import { type Clock, systemClock } from "../../base/clock.ts";
import { DrillError, explanationOf } from "../../base/errors.ts";
import { pace } from "../../base/timer.ts";
import { FatalProbeError, waitFor } from "../../base/wait.ts";
import type { EngineProvider } from "../../engine/engine.ts";
import { type ChainProof, proveChain, type ProofContext, type ProofRequest } from "./chain-proof.ts";
import type { ChainWriter } from "../chain/chain-writer.ts";
import { dumpUnloadable } from "../chain/proof-outcome.ts";
import { readProofs } from "../chain/proofs.ts";
import { type ChainHead, readBase } from "../chain/segments.ts";

const sealTimeoutMs = 600_000;

export interface ProveOptions {
  readonly everyMs: number;
  /** Starts the engines into which the chain and a snapshot of the source are loaded. */
  readonly engines: EngineProvider;
}

export interface ProofStatus {
  readonly isRunning: boolean;
  /** Number of proofs in this run. `wrong` counts those where the chain differed from its source. */
  readonly proven: number;
  readonly wrong: number;
  readonly last: ChainProof | undefined;
  /** Why the last attempt failed; undefined where it did not. */
  readonly notCarriedOut: string | undefined;
  /** The last attempt found that no engine loads what the source holds. */
  readonly isUnloadable?: boolean;
}

/** The chain that the archiver is following now. */
interface FollowedChain {
  readonly base: string;
  readonly chain: ChainWriter;
}

export interface BackgroundProofOptions extends ProveOptions, Pick<ProofRequest, "source"> {
  readonly followed: () => FollowedChain;
  readonly note: (line: string) => void;
  /** Called for each proof that found the chain wrong. */
  readonly onWrong: (proof: ChainProof) => void;
  /** Aborted to stop the proofs. */
  readonly signal: AbortSignal;
}

export class BackgroundProof implements AsyncDisposable {
  readonly #context: ProofContext;
  readonly #options: BackgroundProofOptions;
  readonly #clock: Clock;
  readonly #work: Promise<void>;
  readonly #stopping = new AbortController();
  #held = false;
  /** Aborted when the proofs are paused, and replaced when they resume. */
  #turn = new AbortController();
  #resumed = Promise.withResolvers<void>();
  #status: ProofStatus = { isRunning: false, proven: 0, wrong: 0, last: undefined, notCarriedOut: undefined };

  constructor(context: ProofContext, options: BackgroundProofOptions) {
    this.#context = context;
    this.#options = options;
    this.#clock = context.clock ?? systemClock;
    if (options.signal.aborted) this.#stop();
    options.signal.addEventListener("abort", () => this.#stop(), { once: true });
    this.#work = this.#loop();
    // A failed proof is reported where it happens.
    this.#work.catch(() => {});
  }

  get status(): ProofStatus {
    return this.#status;
  }

  /** Aborts a running proof and starts none until `resume`, so that the archiver has the source to itself. */
  hold(): void {
    this.#held = true;
    this.#turn.abort(new Error("the chain is being replaced"));
  }

  resume(): void {
    this.#held = false;
    this.#turn = new AbortController();
    this.#resumed.resolve();
    this.#resumed = Promise.withResolvers();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop();
    await this.#work.catch(() => {});
  }

  #stop(): void {
    this.#stopping.abort(new Error("the archiver was stopped"));
    this.#resumed.resolve();
  }

  async #loop(): Promise<void> {
    const stopping = this.#stopping.signal;
    while (!stopping.aborted) {
      if (this.#held) {
        await this.#resumed.promise;
        continue;
      }
      const signal = AbortSignal.any([stopping, this.#turn.signal]);
      try {
        await pace(await this.#dueInMs(), signal);
        if (!signal.aborted) await this.#prove(signal);
      } catch (error) {
        this.#fail(error, signal);
        await pace(this.#options.everyMs, signal);
      }
    }
  }

  async #dueInMs(): Promise<number> {
    const { store, keyring } = this.#context;
    const { everyMs, followed } = this.#options;
    const { base } = followed();
    const last = (await readProofs(store, base, keyring)).at(-1) ?? (await readBase(store, base, keyring));
    // A clock that was set back must not delay the next proof.
    return Math.min(everyMs, Date.parse(last.at) + everyMs - this.#clock.nowMs());
  }

  async #prove(signal: AbortSignal): Promise<void> {
    const { engines, source, followed, onWrong, everyMs } = this.#options;
    const { base, chain } = followed();
    // A new full backup follows soon, and this chain is not trusted beyond that point.
    if (chain.hasHazard) return await pace(everyMs, signal);
    this.#status = { ...this.#status, isRunning: true };
    const sealed = (offset: number): Promise<ChainHead> => this.#sealed(base, offset, signal);
    const proof = await proveChain(this.#context, { base, source, engines, sealed, signal });
    const { proven, wrong } = this.#status;
    const counts = proof.ok ? { proven: proven + 1, wrong } : { proven, wrong: wrong + 1 };
    this.#status = { isRunning: false, ...counts, last: proof, notCarriedOut: undefined };
    if (!proof.ok) onWrong(proof);
  }

  /** The vault may be slow, and the connection may be lost and restored meanwhile. */
  async #sealed(base: string, offset: number, signal: AbortSignal): Promise<ChainHead> {
    let asked: ChainWriter | undefined;
    const isSealed = (): ChainHead | undefined => {
      const now = this.#options.followed();
      if (now.base !== base) throw new FatalProbeError(new Error("the chain was replaced"));
      const { chain } = now;
      if (chain.sealed !== undefined && chain.sealed.offset >= offset) return chain.sealed;
      if (chain.position.offset >= offset && asked !== chain) {
        asked = chain;
        // The archiver notices failures of this connection itself.
        chain.seal("proof").catch(() => {});
      }
      return undefined;
    };
    const what = `the chain in the vault to reach offset ${offset}`;
    return await waitFor(isSealed, { what, timeoutMs: sealTimeoutMs, signal, exit: "environment" });
  }

  #fail(error: unknown, signal: AbortSignal): void {
    this.#status = { ...this.#status, isRunning: false };
    // We aborted it ourselves; it is repeated when that is possible.
    if (signal.aborted) return;
    const notCarriedOut = explanationOf(error);
    const isUnloadable = error instanceof DrillError && error.findingCode === dumpUnloadable;
    this.#status = { ...this.#status, notCarriedOut, isUnloadable };
    const what = isUnloadable ? "NOT RESTORABLE" : "the chain could not be proven this time, which says nothing of it";
    this.#options.note(`${what}: ${notCarriedOut}`);
  }
}
