import type { Progress } from "../../base/progress.ts";
import type { Engine, EngineProvider } from "../../engine/engine.ts";
import type { ReplicationServer } from "../../falkordb/replication/replication-server.ts";
import type { RecoveryTarget } from "../chain/find-moment.ts";
import type { Manifest } from "../store/manifest.ts";
import type { Phase, PhaseTimer } from "../../base/phases.ts";

export interface RestoreOptions {
  readonly point: string;
  /** With increments: how far to go beyond the cut of `point`. Absent for the cut itself. */
  readonly at?: RecoveryTarget;
  /** `file`: the system starts a target of its own through `engines`; `wire`: into the running, empty `target`. */
  readonly way: "file" | "wire";
  readonly engines: EngineProvider;
  readonly target?: Engine;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Also a moment of which the system found out that it gives something else than the source held. */
  readonly allowFaulty?: boolean;
  /** While increments are applied, indexes stay as they are; otherwise they may be taken away and made again, which is faster. */
  readonly keepIndexes?: boolean;
  /** Called once, when the target first answers a read rightly; the system may not answer reads before. */
  readonly onFirstAnswer?: (target: Engine) => Promise<void>;
}

export interface RestoreResult {
  /** Running and fully operational. The caller disposes of it. */
  readonly target: Engine;
  readonly phases: readonly Phase[];
  /**
   * The moment that came back, where one was asked for. Everything that the source had acknowledged at `completeAt` is in
   * it: a stream arrives late, so that of a time that was asked for the last moments may lack.
   */
  readonly reached?: { readonly offset: number; readonly at: string; readonly completeAt?: string };
}

/** A snapshot on its way into an engine. */
export interface LoadJob {
  /** Of the engine. */
  readonly name: string;
  /** The snapshot, decrypted and decompressed; only checked bytes. Each call reads it from the start. */
  readonly snapshot: () => AsyncIterable<Buffer>;
  /** Undefined where nobody knows it beforehand. */
  readonly rawBytes: number | undefined;
  readonly engines: EngineProvider;
  readonly timer: PhaseTimer;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** What both ways of restoring work with. */
export interface RestoreJob extends LoadJob {
  readonly rawBytes: number;
  /** What the manifest says that the snapshot holds. */
  readonly content: Manifest["content"];
  /** How long a target over the wire may answer nothing. */
  readonly silenceMs: number;
  /**
   * To be called when the snapshot is loaded: brings the target to the moment asked for, and calls the caller's hook when
   * it answers rightly for the first time.
   */
  readonly answered: (target: Engine, wire?: WireTarget) => Promise<void>;
}

/** A target that is a replica of this process already. */
interface WireTarget {
  readonly server: ReplicationServer;
  /** Aborted when the target is lost, too. */
  readonly signal: AbortSignal;
}
