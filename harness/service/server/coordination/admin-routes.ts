// The four /admin endpoints: authentication, the shape of requests and answers. What they mean is in coordination.ts.
import { type Context, Hono } from "hono";
import type { Clock } from "../../../base/clock.ts";
import {
  adminPaths,
  pauseRequestSchema,
  type PauseAnswer,
  type ServiceStatus,
  resumeRequestSchema,
  type ResumeAnswer,
} from "../../contract.ts";
import { adminAccess, type ScopedTokens } from "./admin-access.ts";
import type { BackupRunner } from "./backup-runner.ts";
import type { Conflict } from "./coordination.ts";
import { limitBody, readBody, refuse, shuttingDown } from "../http.ts";
import { type Authority, DrainError, type WriteGate } from "./write-gate.ts";

/** A pause names a holder, a reason and some times. */
const longestBodyBytes = 64 * 2 ** 10;

export interface AdminRoutesOptions {
  readonly gate: WriteGate;
  readonly authority: Authority;
  readonly backups: BackupRunner;
  readonly token: string;
  readonly tokens?: ScopedTokens | undefined;
  readonly clock: Clock;
}

export function adminRoutes({ gate, authority, backups, token, tokens, clock }: AdminRoutesOptions): Hono {
  const app = new Hono();
  const note = (path: string, suppressed: number): void => gate.note("denied", { path, suppressed });
  app.use("/admin/*", adminAccess({ token, tokens, clock, note }), limitBody(longestBodyBytes, "64 KiB"));

  app.post(adminPaths.pause, async (c) => {
    const request = await readBody(c, pauseRequestSchema);
    if (request instanceof Response) return request;
    if (gate.closed && request.leaseId === undefined) return shuttingDown(c);
    try {
      const paused = await authority.pause(request, c.req.raw.signal);
      return paused.ok ? c.json(paused.value satisfies PauseAnswer) : conflict(c, gate, paused.conflict);
    } catch (error) {
      if (error instanceof DrainError) return refuse(c, 504, "drain-failed", error.message);
      throw error;
    }
  });

  app.post(adminPaths.resume, async (c) => {
    const request = await readBody(c, resumeRequestSchema);
    if (request instanceof Response) return request;
    const resumed = await authority.resume(request.leaseId);
    return resumed.ok ? c.json(resumed.value satisfies ResumeAnswer) : conflict(c, gate, resumed.conflict);
  });

  app.get(adminPaths.status, async (c) => c.json((await authority.status()) satisfies ServiceStatus));

  app.post(adminPaths.trigger, async (c) => {
    if (!backups.configured) return refuse(c, 501, "no-backup", "this service is not configured to run a backup");
    if (gate.closed) return shuttingDown(c);
    const triggered = await backups.trigger();
    return triggered.ok ? c.json({ backupId: triggered.value }, 202) : conflict(c, gate, triggered.conflict);
  });
  return app;
}

function conflict(c: Context, gate: WriteGate, { code, message, holder, expiresAt }: Conflict): Response {
  gate.note("refused", { path: c.req.path, code });
  return refuse(c, 409, code, message, { holder, expiresAt });
}
