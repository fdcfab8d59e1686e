// What a backup system is to a drill: the reference system, a team's own scripts, or a mutant.
import type { Engine, EngineProvider } from "../engine/engine.ts";
import type { Progress } from "../base/progress.ts";
import type { WriteCoordinator } from "../service/coordinator.ts";
import type { Phase } from "../base/phases.ts";
import type { Finding } from "../check/check.ts";
import type { PausableApplication } from "../vault/in-place/application.ts";
import type { PruneOutcome, PruneRequest } from "./retention-request.ts";
import type { Store } from "../vault/store/store.ts";
import type { VaultPlace } from "../vault/store/vault.ts";
import type { FileOperations } from "../vault/store/file-operations.ts";

const capabilityNames = [
  "full-backup",
  "coordinated",
  "encrypted",
  "signed",
  "verify",
  "restore-file",
  "restore-wire",
  // Reads its backups without the engine's own loader, and writes them anew.
  "restore-logical",
  "restore-in-place",
  "incremental",
  "point-in-time",
  "prune",
  // Stores its backups in a vault of the reference system's format, and can be run as its command line.
  "vault",
] as const;
export type Capability = (typeof capabilityNames)[number];

export interface RestorePoint {
  readonly id: string;
  /** The cut: replication offset, and wall-clock time in ISO 8601. */
  readonly cutOffset: number | undefined;
  readonly cutAt: string;
  readonly storedBytes: number;
  readonly rawBytes: number | undefined;
  readonly parent?: string;
}

export interface BackupRequest {
  readonly source: Engine;
  /** Absent when no application is in front of the engine. */
  readonly coordinator: WriteCoordinator | undefined;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface BackupOutcome {
  readonly point: RestorePoint;
  readonly phases: readonly Phase[];
  /** Milliseconds from the pause request to the resume's answer; undefined without a coordinator. */
  readonly pauseMs: number | undefined;
  /** Why the backup is already known not to be restorable; empty or absent where nothing is known. */
  readonly problems?: readonly string[];
  /** Why its text looks like noise, as ransomware would write it; absent where nothing is suspected. */
  readonly suspicion?: string;
}

/** An increment on demand: everything up to now that the chain does not hold yet, without a running archiver. */
export interface IncrementOutcome {
  /** The full backup on which the chain is based. */
  readonly base: string;
  /** False where the chain could not be continued and a new full backup was made in its place. */
  readonly continued: boolean;
  /** How far the chain reaches now. */
  readonly offset: number;
  readonly at: string;
  readonly storedBytes: number;
  readonly rawBytes: number;
  readonly phases: readonly Phase[];
  /** Problems of a full backup made instead: why it cannot be restored by this version of the engine. */
  readonly problems?: readonly string[];
}

export interface ArchiveRequest extends BackupRequest {
  /** An increment ends when it holds this many bytes of the stream or is this old. */
  readonly segmentBytes: number;
  readonly segmentAgeMs: number;
}

/** Follows a source continuously. Disposing ends it at once, like a failed start. */
export interface Archiver extends AsyncDisposable {
  /** The full backup on which the chain is currently based. */
  readonly base: string;
  /** Resolves when every write that the source had acknowledged before the call is in the chain. */
  flush(): Promise<{ readonly offset: number; readonly at: string }>;
  /** Stores what was received in the chain, restores the source's settings, and ends. */
  stop(): Promise<void>;
  /** Rejects when the archiver could not continue. */
  readonly ended: Promise<void>;
}

/** A moment between two full backups: a time in ISO 8601, an offset of the stream, or the latest. */
export type Moment = { readonly time: string } | { readonly offset: number } | "latest";

export type RestoreWay = "file" | "wire" | "logical" | "in-place";

export interface RestoreRequest {
  readonly point: string;
  /** How far to go beyond the cut of `point`, using increments. Absent for the cut itself. */
  readonly at?: Moment;
  /**
   * `file`: the system starts a target of its own through `engines`; `wire`: into the running, empty `target`; `logical`:
   * the same, without the engine's own loader;
   * `in-place`: into `target`, the source itself, which lost everything and was started again empty.
   */
  readonly way: RestoreWay;
  readonly engines: EngineProvider;
  readonly target?: Engine;
  /** With the capability `vault`: a replica of its vault, read where that one does not answer, or not any more. */
  readonly secondVault?: VaultPlace;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Allows a moment for which a proof found data that differs from what the source held. */
  readonly allowFaulty?: boolean;
  /**
   * Indexes stay as they are while increments are applied; otherwise they may be dropped and rebuilt, which is faster.
   */
  readonly keepIndexes?: boolean;
  /** Called once, when the target first answers a read correctly; the system may not answer reads before. */
  readonly onFirstAnswer?: (target: Engine) => Promise<void>;
}

export interface RestoreOutcome {
  /** Running and fully operational. The caller disposes of it. */
  readonly target: Engine;
  readonly phases: readonly Phase[];
  /**
   * The moment that was restored, where one was requested. Everything that the source had acknowledged at `completeAt`
   * is in it: a stream arrives late, so the last moments before a requested time may be missing.
   */
  readonly reached?: { readonly offset: number; readonly at: string; readonly completeAt?: string };
}

/** A restore into a running server that holds data, with its application paused. */
export interface RestoreInPlaceRequest {
  readonly point: string;
  readonly target: Engine;
  readonly engines: EngineProvider;
  readonly coordinator: PausableApplication;
  /** Asks the application how it is with the restored data, before it is let in; returns what is wrong. */
  readonly health?: (signal: AbortSignal) => Promise<string | undefined>;
  /** Called at the end of each step; what it throws is a failure of that step. */
  readonly passed?: (step: string) => Promise<void> | void;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface CompactRequest {
  /** The full backup on which the chain is based. */
  readonly point: string;
  readonly engines: EngineProvider;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface CompactOutcome {
  /** A full backup of the moment at which the chain ends. */
  readonly point: RestorePoint;
  /** Number of increments that were merged. */
  readonly increments: number;
  readonly phases: readonly Phase[];
}

export interface VerifyOutcome {
  readonly ok: boolean;
  /** Set where it is not `ok`: the restored data is wrong, or nothing was restored at all. */
  readonly failure?: "dataWrong" | "notRecovered";
  /** What was checked, as one sentence, if the system reports it. */
  readonly looked?: string;
  /** Further notes, such as that an older record was replaced. */
  readonly notes?: readonly string[];
  /** One sentence for each problem. */
  readonly problems: readonly string[];
  readonly phases: readonly Phase[];
}

interface RotateKeysRequest {
  /** Name of the recipient that goes, and of the one that is made. */
  readonly retire: string;
  readonly generate: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface ReplicateRequest {
  /** The second vault, which is made where it is not there. */
  readonly to: VaultPlace;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface ReplicateOutcome {
  /** What could not be copied, or is another thing in both, one sentence each. */
  readonly problems: readonly string[];
  /** The same system with the second vault as its own. The caller disposes of it. */
  readonly second: BackupSystem;
}

interface CompareRequest {
  /** The second vault. */
  readonly to: VaultPlace;
  /** By what both record of themselves, or by every byte. */
  readonly depth: "records" | "bytes";
  readonly signal: AbortSignal;
}

export interface BackupSystem extends AsyncDisposable {
  readonly name: string;
  readonly capabilities: ReadonlySet<Capability>;
  /** With the capability `vault`: flags of Node for its command line, in which a mutant has its fault. */
  readonly nodeFlags?: readonly string[];
  /** Where its vault keeps objects: mutants change its methods, so that it loses, mixes up or invents some. */
  readonly store?: Store;
  backup(request: BackupRequest): Promise<BackupOutcome>;
  /** Requires the capability `incremental`. */
  backupIncrement?(request: BackupRequest): Promise<IncrementOutcome>;
  startArchiver?(request: ArchiveRequest): Promise<Archiver>;
  /** Makes a full backup out of one with increments, without the source. */
  compact?(request: CompactRequest): Promise<CompactOutcome>;
  list(): Promise<readonly RestorePoint[]>;
  verify(point: string, engines: EngineProvider, signal: AbortSignal): Promise<VerifyOutcome>;
  restore(request: RestoreRequest): Promise<RestoreOutcome>;
  /** Files of a restore point, where they are files on this machine outside of the folder that the system was given. */
  stored?(point: string): Promise<readonly string[]>;
  /** Wraps the file operations of its vaults, where it is the reference system with a fault in them. */
  readonly fileLayer?: (disk: FileOperations) => FileOperations;
  /** Replaces what a server holds, and brings that back where any step fails. */
  restoreInPlace?(request: RestoreInPlaceRequest): Promise<{ readonly safety: string }>;
  /** With the capability `vault`: what is missing, exchanged or brought in from elsewhere, one sentence each. */
  audit?(): Promise<readonly string[]>;
  /** With the capability `vault`: takes one recipient out of use, makes another, and locks the first out of every backup. */
  rotateKeys?(request: RotateKeysRequest): Promise<void>;
  /** With the capability `vault`: brings a second vault up to this one. */
  replicate?(request: ReplicateRequest): Promise<ReplicateOutcome>;
  /** With the capability `vault`: paths of the objects that differ in a second vault, the oldest restore point first. */
  compareVaults?(request: CompareRequest): Promise<readonly string[]>;
  /** Requires the capability `prune`. */
  prune?(request: PruneRequest): Promise<PruneOutcome>;
}

/** Puts a fault into a system, to show that a drill finds it; `vault` is the folder where it stores its backups. */
export type Mutate = (system: BackupSystem, place: { readonly vault: string }) => BackupSystem;

/** What a system is made with, anew for every scenario. */
export interface SystemContext {
  /** A private folder that is there; it goes with the scenario, or stays in the run directory with `--keep`. */
  readonly folder: string;
  readonly progress: Progress;
  /** Aborted at the deadline of the scenario and by Ctrl-C. */
  readonly signal: AbortSignal;
  /**
   * In scenarios about `verify`: the drill's own proof, to be called with the engine into which `verify` has restored. A system
   * that does not call it has its verdict on a good backup judged, and not what it looked at.
   */
  readonly prove?: ((target: Engine) => Promise<{ readonly problems: readonly string[] }>) | undefined;
  /** Records something that the system noticed about itself. */
  readonly note?: ((finding: Finding) => void) | undefined;
  /** Records in one sentence what this system cannot do, or what cannot be seen of it. */
  readonly notCovered?: ((sentence: string) => void) | undefined;
}

/** Makes a system for one scenario, which disposes of it. What it throws is the failure of the system. */
export interface SystemFactory {
  (context: SystemContext): BackupSystem | Promise<BackupSystem>;
  /** What its systems can do, where that is known before one is made: scenarios that need more are not covered. */
  readonly capabilities?: ReadonlySet<Capability>;
  /** Longest time of one call in milliseconds, where the system has a deadline of its own. */
  readonly callTimeoutMs?: number;
  /** What its calls run, one line each, for `--dry-run`. */
  readonly describe?: () => readonly string[];
  /** Whether backups of several scenarios are kept in one place, so that only one may run at a time. */
  readonly sharesPlace?: boolean;
}
