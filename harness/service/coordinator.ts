// Write coordination as a backup needs it: a lease on "no writes", kept short.

export interface PauseLease {
  readonly id: string;
  /** ISO 8601; the service resumes by itself then. */
  readonly expiresAt: string;
  /** How long draining took, as the service measured it. */
  readonly drainMs: number;
}

export interface PauseOptions {
  readonly leaseMs: number;
  readonly drainTimeoutMs: number;
  readonly signal?: AbortSignal;
}

/** Pauses and resumes the writes of an application. A pause answers only after running writes have drained. */
export interface WriteCoordinator {
  pause(options: PauseOptions): Promise<PauseLease>;
  /**
   * Throws when the lease was lost before: writes may then have run inside the cut, and the backup must not be kept.
   */
  resume(leaseId: string): Promise<void>;
}
