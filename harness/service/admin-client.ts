// Client of the /admin contract of a graph service, ours or a team's own. Every call has a deadline, and each
// misbehaviour of a service ends in one clear error. A resume is retried after connection errors, because a lost resume
// keeps writes stopped until the lease expires; the lease covers the rest.
import type { z } from "zod";
import { type Clock, systemClock } from "../base/clock.ts";
import { DrillError, usageError } from "../base/errors.ts";
import { FatalProbeError, waitFor } from "../base/wait.ts";
import {
  type AdminAnswer,
  type AdminCall,
  callAdmin,
  expectAnswer,
  refusalOf,
  UnreachableError,
} from "./admin-call.ts";
import {
  adminPaths,
  pauseAnswerSchema,
  resumeAnswerSchema,
  type ServiceStatus,
  serviceStatusSchema,
  triggerAnswerSchema,
} from "./contract.ts";
import type { PauseLease, PauseOptions, WriteCoordinator } from "./coordinator.ts";

export interface AdminClientOptions {
  /** Base URL of the service, e.g. `http://127.0.0.1:8000`. */
  readonly url: string;
  readonly token: string;
  /** Name of the caller that pauses, shown in the status, the audit log and a 409. */
  readonly holder?: string;
  /** The id returned by trigger-backup, when this client works for that backup. */
  readonly backupId?: string;
  /** Deadline of one call, on top of the drain time of a pause. */
  readonly callTimeoutMs?: number;
  /** How long a resume is retried after connection errors. */
  readonly resumeRetryMs?: number;
  readonly clock?: Clock;
  /** Called when the service's wall clock differs measurably from ours, with the milliseconds it is ahead. */
  readonly onClockSkew?: (aheadMs: number) => void;
}

export interface AdminClient extends WriteCoordinator {
  renew(leaseId: string, leaseMs: number): Promise<PauseLease>;
  status(): Promise<ServiceStatus>;
  /** Starts the service's configured backup; returns its id. */
  trigger(): Promise<string>;
}

/** The lease had expired before it was released: writes may have run inside the cut, so the cut proves nothing. */
export class LeaseLostError extends DrillError {
  override readonly name = "LeaseLostError";
}

const skewToleranceMs = 1000;

export function adminClient(options: AdminClientOptions): AdminClient {
  const { callTimeoutMs = 5000, resumeRetryMs = 3000, clock = systemClock } = options;
  const { holder, backupId } = options;
  const base = baseUrl(options.url);
  if (options.token === "")
    throw usageError("the admin token is empty", "give the token that the service was started with");

  const call = async <T>(
    request: Omit<AdminCall, "base" | "token" | "timeoutMs"> & { readonly timeoutMs?: number },
    schema: z.ZodType<T>,
  ): Promise<T> => {
    const answer = await callAdmin({ timeoutMs: callTimeoutMs, ...request, base, token: options.token });
    return expectAnswer(answer, schema);
  };

  const requestPause = async (
    body: Record<string, unknown>,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<PauseLease> => {
    const askedMs = clock.monotonicMs();
    const answer = await call({ method: "POST", path: adminPaths.pause, body, timeoutMs, signal }, pauseAnswerSchema);
    noteSkew(answer.expiresAt, Number(body["leaseMs"]), clock.monotonicMs() - askedMs);
    return { id: answer.leaseId, expiresAt: answer.expiresAt, drainMs: answer.drainMs };
  };

  /**
   * The service counts the lease from some time between request and reply; its expiry as a time is for people. Nothing
   * here depends on it, because clocks differ; a difference is reported.
   */
  function noteSkew(expiresAt: string, leaseMs: number, tookMs: number): void {
    const aheadMs = Date.parse(expiresAt) - leaseMs - (clock.nowMs() - tookMs / 2);
    if (Math.abs(aheadMs) > skewToleranceMs + tookMs / 2) options.onClockSkew?.(Math.round(aheadMs));
  }

  return {
    pause: (pause: PauseOptions) => {
      const body = {
        leaseMs: pause.leaseMs,
        drainTimeoutMs: pause.drainTimeoutMs,
        ...(holder === undefined ? {} : { holder }),
        ...(backupId === undefined ? {} : { backupId }),
      };
      return requestPause(body, pause.drainTimeoutMs + callTimeoutMs, pause.signal);
    },
    renew: (leaseId, leaseMs) => requestPause({ leaseId, leaseMs }, callTimeoutMs),
    resume: async (leaseId) => {
      let attempt = 0;
      await waitFor(() => resumeOnce(leaseId, attempt++), {
        what: "the graph service to resume writes",
        timeoutMs: resumeRetryMs,
        intervalMs: 50,
        clock,
        exit: "environment",
      });
    },
    status: () => call({ method: "GET", path: adminPaths.status }, serviceStatusSchema),
    trigger: async () =>
      (await call({ method: "POST", path: adminPaths.trigger, body: {} }, triggerAnswerSchema)).backupId,
  };

  async function resumeOnce(leaseId: string, attempt: number): Promise<true> {
    const answer = await callAdmin({
      base,
      token: options.token,
      method: "POST",
      path: adminPaths.resume,
      body: { leaseId },
      timeoutMs: callTimeoutMs,
    }).catch((error: unknown) => {
      throw error instanceof UnreachableError || !(error instanceof Error) ? error : new FatalProbeError(error);
    });
    try {
      if (answer.status === 409) throw leaseLost(answer, attempt);
      return expectAnswer(answer, resumeAnswerSchema).resumed;
    } catch (error) {
      // The service answered, so retrying changes nothing.
      throw error instanceof Error ? new FatalProbeError(error) : error;
    }
  }
}

function leaseLost(answer: AdminAnswer, attempt: number): LeaseLostError {
  const why = refusalOf(answer)?.message ?? "the service does not know this lease";
  // After a lost answer, a lease that we released cannot be distinguished from one that expired: treat it as lost.
  const doubt = attempt === 0 ? "" : " (an earlier try to resume got no answer, so that try may have released it)";
  return new LeaseLostError(`the pause did not last until its resume: ${why}${doubt}`, {
    exit: "notRecovered",
    hint: "take the backup again with a longer lease; this one may hold writes from after its cut",
  });
}

function baseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    throw usageError(`"${text}" is not the URL of a graph service`, "expected something like http://127.0.0.1:8000");
  }
  return url;
}
