// The four /admin endpoints: authentication, the shape of requests and answers. What they mean is in coordination.ts.
import { createHash, timingSafeEqual } from "node:crypto";
import { type Context, Hono, type Next } from "hono";
import type { Clock } from "../../../base/clock.ts";
import {
  adminPaths,
  pauseRequestSchema,
  type PauseAnswer,
  type ServiceStatus,
  resumeRequestSchema,
  type ResumeAnswer,
} from "../../contract.ts";
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
  readonly clock: Clock;
}

export function adminRoutes({ gate, authority, backups, token, clock }: AdminRoutesOptions): Hono {
  const app = new Hono();
  app.use("/admin/*", bearer(token, gate, clock), limitBody(longestBodyBytes, "64 KiB"));

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

/** Compares hashes, so that neither the content nor the length of the token can be timed. */
function bearer(
  token: string,
  gate: WriteGate,
  clock: Clock,
): (c: Context, next: Next) => Promise<Response | undefined> {
  const expected = digest(token);
  const noteDenied = throttled(clock, (path, suppressed) => gate.note("denied", { path, suppressed }));
  return async (c, next) => {
    const given = /^Bearer (.+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
    if (given !== undefined && timingSafeEqual(digest(given), expected)) {
      await next();
      return undefined;
    }
    noteDenied(c.req.path);
    if (given !== undefined)
      return refuse(c, 403, "wrong-token", "the bearer token is not the admin token of this service");
    c.header("www-authenticate", "Bearer");
    return refuse(c, 401, "token-missing", "expected an Authorization header with a bearer token");
  };
}

/** Logs at most one line a second, so that a caller without a token cannot fill the disk. */
function throttled(clock: Clock, note: (path: string, suppressed: number) => void): (path: string) => void {
  let lastMs = Number.NEGATIVE_INFINITY;
  let suppressed = 0;
  return (path) => {
    if (clock.monotonicMs() - lastMs < 1000) {
      suppressed += 1;
      return;
    }
    note(path, suppressed);
    lastMs = clock.monotonicMs();
    suppressed = 0;
  };
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
