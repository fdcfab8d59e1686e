// What a backup system is to a drill: the reference system, a team's own scripts, or a mutant.
import type { Engine, EngineProvider } from "../engine/engine.ts";
import type { Progress } from "../base/progress.ts";
import type { WriteCoordinator } from "../service/coordinator.ts";

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

/** How long one phase took, in milliseconds, and how many bytes went through it. Phases may overlap. */
export interface Phase {
  readonly name: string;
  /** Start relative to the start of the operation. */
  readonly startMs: number;
  readonly ms: number;
  readonly bytes?: number;
}

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
}

export interface RestoreRequest {
  readonly point: string;
  /** `file`: the system starts a target of its own through `engines`; `wire`: into the running, empty `target`. */
  readonly way: "file" | "wire";
  readonly engines: EngineProvider;
  readonly target?: Engine;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Called once, when the target first answers a read rightly; the system may not answer reads before. */
  readonly onFirstAnswer?: (target: Engine) => Promise<void>;
}

export interface RestoreOutcome {
  /** Running and fully operational. The caller disposes of it. */
  readonly target: Engine;
  readonly phases: readonly Phase[];
}

export interface VerifyOutcome {
  readonly ok: boolean;
  /** Plain sentences, one a problem. */
  readonly problems: readonly string[];
  readonly phases: readonly Phase[];
}

export interface BackupSystem extends AsyncDisposable {
  readonly name: string;
  readonly capabilities: ReadonlySet<Capability>;
  backup(request: BackupRequest): Promise<BackupOutcome>;
  list(): Promise<readonly RestorePoint[]>;
  verify(point: string, engines: EngineProvider, signal: AbortSignal): Promise<VerifyOutcome>;
  restore(request: RestoreRequest): Promise<RestoreOutcome>;
}
