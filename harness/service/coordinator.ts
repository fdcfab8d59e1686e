// Write coordination as a backup needs it: a lease on "no writes", kept short.

export interface PauseLease {
  readonly id: string;
  /** ISO 8601; the service resumes by itself then. */
  readonly expiresAt: string;
  /** How long draining took, as the service measured it. */
  readonly drainMs: number;
}

/** Pauses and resumes the writes of an application. A pause answers only after running writes have drained. */
export interface WriteCoordinator {
  pause(options: { leaseMs: number; drainTimeoutMs: number; signal?: AbortSignal }): Promise<PauseLease>;
  resume(leaseId: string): Promise<void>;
}
