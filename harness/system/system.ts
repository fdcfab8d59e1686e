// What a backup system is to a drill: the reference system, a team's own scripts, or a mutant.
import type { Engine, EngineProvider } from "../engine/engine.ts";
import type { Progress } from "../base/progress.ts";
import type { WriteCoordinator } from "../service/coordinator.ts";
import type { Phase } from "../base/phases.ts";

const capabilityNames = [
  "full-backup",
  "coordinated",
  "encrypted",
  "signed",
  "verify",
  "restore-file",
  "restore-wire",
  "incremental",
  "point-in-time",
  "prune",
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
  /** From the pause request to the answer of the resume, as the system saw it; undefined without a coordinator. */
  readonly pauseMs: number | undefined;
  /** Why the system already knows that it cannot be restored; empty or absent where nothing is known against it. */
  readonly problems?: readonly string[];
}

/** Without a running archiver: everything up to now that the chain does not hold yet, as one more increment. */
export interface IncrementOutcome {
  /** The full backup on which the chain stands. */
  readonly base: string;
  /** False where the chain could not be continued and a new full backup was made in its place. */
  readonly continued: boolean;
  /** How far the chain reaches now. */
  readonly offset: number;
  readonly at: string;
  readonly storedBytes: number;
  readonly rawBytes: number;
  readonly phases: readonly Phase[];
  /** Of a full backup that was made in its place: why it cannot be restored by this version of the engine. */
  readonly problems?: readonly string[];
}

export interface ArchiveRequest extends BackupRequest {
  /** An increment ends when it holds this many bytes of the stream or is this old. */
  readonly segmentBytes: number;
  readonly segmentAgeMs: number;
}

/** What follows a source all the time. Disposing ends it at once, as a failed start does. */
export interface Archiver extends AsyncDisposable {
  /** The full backup on which the chain stands now. */
  readonly base: string;
  /** Resolves when every write that the source had acknowledged before the call is in the chain. */
  flush(): Promise<{ readonly offset: number; readonly at: string }>;
  /** Puts what there is into the chain, gives the source back its settings, and ends. */
  stop(): Promise<void>;
  /** Rejects when the archiver could not go on. */
  readonly ended: Promise<void>;
}

/** A moment between two full backups: as a time in ISO 8601, as an offset of the stream, or the last one there is. */
export type Moment = { readonly time: string } | { readonly offset: number } | "latest";

export interface RestoreRequest {
  readonly point: string;
  /** With increments: how far to go beyond the cut of `point`. Absent for the cut itself. */
  readonly at?: Moment;
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

export interface RestoreOutcome {
  /** Running and fully operational. The caller disposes of it. */
  readonly target: Engine;
  readonly phases: readonly Phase[];
  /**
   * The moment that came back, where one was asked for. Everything that the source had acknowledged at `completeAt` is in
   * it: a stream arrives late, so that of a time that was asked for the last moments may lack.
   */
  readonly reached?: { readonly offset: number; readonly at: string; readonly completeAt?: string };
}

export interface CompactRequest {
  /** The full backup on which the chain stands. */
  readonly point: string;
  readonly engines: EngineProvider;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface CompactOutcome {
  /** A full backup of the moment at which the chain ends. */
  readonly point: RestorePoint;
  /** How many went into it. */
  readonly increments: number;
  readonly phases: readonly Phase[];
}

export interface VerifyOutcome {
  readonly ok: boolean;
  /** Where it is not `ok`: what came back is wrong, or nothing came back at all. */
  readonly failure?: "dataWrong" | "notRecovered";
  /** What was looked at, one sentence, where the system says so. */
  readonly looked?: string;
  /** What else is to be said, such as that an older record was replaced. */
  readonly notes?: readonly string[];
  /** Plain sentences, one a problem. */
  readonly problems: readonly string[];
  readonly phases: readonly Phase[];
}

/** Days by the calendar, and milliseconds beside them. */
export interface Age {
  readonly days: number;
  readonly ms: number;
  /** As it was given: "7d". */
  readonly text: string;
}

/** What stays. More rules never keep less. */
export interface RetentionRules {
  /** The newest so many backups that somebody asked for. */
  readonly last?: number;
  /** One point of each of the last so many days (weeks, ...) that have any, not counting those without. */
  readonly daily?: number;
  readonly weekly?: number;
  readonly monthly?: number;
  readonly yearly?: number;
  /** Every point that is no older, so that any moment of this span can be restored. */
  readonly within?: Age;
  readonly all?: boolean;
}

export interface PruneRequest {
  readonly rules: RetentionRules;
  /** IANA name of the time zone in which a day is a day. */
  readonly zone: string;
  /** Tells what would be done, and does nothing. */
  readonly dryRun: boolean;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface PruneDecision {
  readonly id: string;
  /** ISO 8601. */
  readonly at: string;
  readonly keep: boolean;
  /** Why it stays; empty for what goes. */
  readonly reasons: readonly string[];
  readonly storedBytes: number;
}

export interface PruneOutcome {
  /** Newest first, every restore point that could be trusted. */
  readonly decisions: readonly PruneDecision[];
  /** What crashed runs had left, which goes as well. */
  readonly garbage: { readonly objects: number; readonly bytes: number; readonly paths: readonly string[] };
  /** What was neither kept nor removed, because it cannot be told what it is. Plain sentences. */
  readonly leftAlone: readonly string[];
}

export interface BackupSystem extends AsyncDisposable {
  readonly name: string;
  readonly capabilities: ReadonlySet<Capability>;
  backup(request: BackupRequest): Promise<BackupOutcome>;
  /** With the capability `incremental`. */
  backupIncrement?(request: BackupRequest): Promise<IncrementOutcome>;
  startArchiver?(request: ArchiveRequest): Promise<Archiver>;
  /** Makes a full backup out of one with increments, without the source. */
  compact?(request: CompactRequest): Promise<CompactOutcome>;
  list(): Promise<readonly RestorePoint[]>;
  verify(point: string, engines: EngineProvider, signal: AbortSignal): Promise<VerifyOutcome>;
  restore(request: RestoreRequest): Promise<RestoreOutcome>;
  /** With the capability `prune`. */
  prune?(request: PruneRequest): Promise<PruneOutcome>;
}

/** What a system is made with, anew for every scenario. */
export interface SystemContext {
  /** A private folder that is there; it goes with the scenario, or stays in the run directory with `--keep`. */
  readonly folder: string;
  readonly progress: Progress;
  /** Aborted at the deadline of the scenario and by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Makes a system for one scenario, which disposes of it. What it throws is the failure of the system. */
export type SystemFactory = (context: SystemContext) => BackupSystem | Promise<BackupSystem>;
