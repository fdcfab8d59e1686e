// The /admin contract on the wire (DESIGN.md, "Write coordination"): one schema for the client and for our own
// graph service, so that the two cannot drift apart. A team's own service is driven through the same messages.
import { z } from "zod";

export const adminPaths = {
  pause: "/admin/pause-writes",
  resume: "/admin/resume-writes",
  status: "/admin/backup-status",
  trigger: "/admin/trigger-backup",
} as const;

const defaultDrainTimeoutMs = 30_000;
const maxLeaseMs = 600_000;
const id = z.string().min(1).max(200);
const time = z.iso.datetime();

/** Requests a new lease, or (with `leaseId`) more time on the lease that the caller already holds. */
export interface PauseRequest {
  readonly leaseMs: number;
  readonly drainTimeoutMs: number;
  /** Name of the caller, for people who read the status, the audit log or a 409. */
  readonly holder?: string | undefined;
  /** Set by a backup that trigger-backup started; any other pause during that backup gets 409. */
  readonly backupId?: string | undefined;
  readonly leaseId?: string | undefined;
}
export const pauseRequestSchema: z.ZodType<PauseRequest> = z.strictObject({
  leaseMs: z.int().min(10).max(maxLeaseMs),
  drainTimeoutMs: z.int().min(1).max(maxLeaseMs).default(defaultDrainTimeoutMs),
  holder: id.optional(),
  backupId: id.optional(),
  leaseId: id.optional(),
});

export interface PauseAnswer {
  readonly leaseId: string;
  /** Time at which the service resumes by itself. */
  readonly expiresAt: string;
  readonly drainMs: number;
}
export const pauseAnswerSchema: z.ZodType<PauseAnswer> = z.object({
  leaseId: id,
  expiresAt: time,
  drainMs: z.number().nonnegative(),
});

export const resumeRequestSchema: z.ZodType<{ readonly leaseId: string }> = z.strictObject({ leaseId: id });

export interface ResumeAnswer {
  readonly resumed: true;
  /** Milliseconds from the pause's answer to the resume, as measured by the service. */
  readonly pausedMs: number;
}
export const resumeAnswerSchema: z.ZodType<ResumeAnswer> = z.object({
  resumed: z.literal(true),
  pausedMs: z.number().nonnegative(),
});

export interface TriggerAnswer {
  readonly backupId: string;
}
export const triggerAnswerSchema: z.ZodType<TriggerAnswer> = z.object({ backupId: id });

/** What the command of trigger-backup gets on its stdin, as one line of JSON. */
export interface BackupAccess {
  readonly backupId: string;
  readonly url: string;
  readonly token: string;
}
export const backupAccessSchema: z.ZodType<BackupAccess> = z.object({
  backupId: id,
  url: z.string(),
  token: z.string(),
});

/** Every refusal has a stable code and a sentence; a conflict also names the holder and the expiry. */
export interface Refusal {
  readonly error: string;
  readonly message: string;
  readonly holder?: string | undefined;
  readonly expiresAt?: string | undefined;
}
export const refusalSchema: z.ZodType<Refusal> = z.object({
  error: z.string(),
  message: z.string(),
  holder: z.string().optional(),
  expiresAt: z.string().optional(),
});

export interface WritesStatus {
  readonly state: "open" | "draining" | "paused";
  /** Requests and queued items that have been accepted and are not stored yet. */
  readonly inFlight: number;
  readonly holder?: string | undefined;
  readonly since?: string | undefined;
  readonly expiresAt?: string | undefined;
}

export interface BackupStatus {
  readonly state: "none" | "running" | "succeeded" | "failed";
  readonly id?: string | undefined;
  readonly startedAt?: string | undefined;
  readonly finishedAt?: string | undefined;
  /** The last progress message of the backup. */
  readonly progress?: string | undefined;
  /** Outcome of the backup, in one sentence. */
  readonly message?: string | undefined;
}
export const backupStatusSchema: z.ZodType<BackupStatus> = z.object({
  state: z.enum(["none", "running", "succeeded", "failed"]),
  id: id.optional(),
  startedAt: time.optional(),
  finishedAt: time.optional(),
  progress: z.string().optional(),
  message: z.string().optional(),
});

export interface ServiceStatus {
  readonly writes: WritesStatus;
  /** The last backup that trigger-backup started. */
  readonly backup: BackupStatus;
}
export const serviceStatusSchema: z.ZodType<ServiceStatus> = z.object({
  writes: z.object({
    state: z.enum(["open", "draining", "paused"]),
    inFlight: z.int().nonnegative(),
    holder: z.string().optional(),
    since: time.optional(),
    expiresAt: time.optional(),
  }),
  backup: backupStatusSchema,
});
