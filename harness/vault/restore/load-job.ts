import type { Progress } from "../../base/progress.ts";
import type { Engine, EngineProvider } from "../../engine/engine.ts";
import type { ReplicationServer } from "../../falkordb/replication/replication-server.ts";
import type { RecoveryTarget } from "../chain/find-moment.ts";
import type { Keyring } from "../keys/keyring.ts";
import type { Manifest } from "../store/manifest.ts";
import type { PredictedMemory } from "./predict-room.ts";
import type { Phase, PhaseTimer } from "../../base/phases.ts";

export interface RestoreOptions {
  readonly point: string;
  /** How far to go beyond the cut of `point`, using increments. Absent for the cut itself. */
  readonly at?: RecoveryTarget;
  /** `file`: the system starts a target of its own through `engines`; `wire`: into the running, empty `target`. */
  readonly way: "file" | "wire";
  readonly engines: EngineProvider;
  readonly target?: Engine;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Allows a moment for which a proof found data that differs from what the source held. */
  readonly allowFaulty?: boolean;
  /**
   * Indexes stay as they are while increments are applied; otherwise they may be dropped and rebuilt, which is faster.
   */
  readonly keepIndexes?: boolean;
  /**
   * Called once, when the target first answers a read correctly; the system may not answer reads before. Until the restore
   * is complete, indexes of relation types may still miss edges (repair-first-node.ts).
   */
  readonly onFirstAnswer?: (target: Engine) => Promise<void>;
  /** Set where the target may hold data, which is replaced: over the wire only. */
  readonly replace?: Replacement;
}

/** A target that holds data, and refuses the writes of all its clients while that is replaced (write-gate.ts). */
interface Replacement {
  /** Proves what was loaded, before the target is released; what it throws undoes the restore. */
  readonly prove: (target: Engine) => Promise<void>;
}

export interface RestoreResult {
  /** Running and fully operational. The caller disposes of it. */
  readonly target: Engine;
  readonly phases: readonly Phase[];
  /**
   * The moment that was restored, where one was requested. Everything that the source had acknowledged at `completeAt`
   * is in it: a stream arrives late, so the last moments before a requested time may be missing.
   */
  readonly reached?: { readonly offset: number; readonly at: string; readonly completeAt?: string };
}

/** A snapshot being loaded into an engine. */
export interface LoadJob {
  /** Engine name used in logs. */
  readonly name: string;
  /** The snapshot, decrypted and decompressed; only checked bytes. Each call reads it from the start. */
  readonly snapshot: () => AsyncIterable<Buffer>;
  /** Undefined where the size is not known beforehand. */
  readonly rawBytes: number | undefined;
  readonly engines: EngineProvider;
  readonly timer: PhaseTimer;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** The inputs that both ways of restoring share. */
export interface RestoreJob extends LoadJob {
  readonly rawBytes: number;
  /** Memory that the source used; a server that loads it uses as much. */
  readonly memory: PredictedMemory | undefined;
  /** Content of the snapshot according to the manifest. */
  readonly content: Manifest["content"];
  /** How long a target over the wire may not answer. */
  readonly silenceMs: number;
  readonly replace?: Replacement;
  /** Seals what the server keeps of itself, in case that this process is killed, and opens what another one has left. */
  readonly keyring: Keyring;
  /**
   * Called when the snapshot is loaded: brings the target to the requested moment, and calls the caller's hook when it
   * first answers correctly.
   */
  readonly answered: (target: Engine, wire?: WireTarget) => Promise<void>;
}

/** A target that is already a replica of this process. */
interface WireTarget {
  readonly server: ReplicationServer;
  /** Also aborted when the target is lost. */
  readonly signal: AbortSignal;
}
