// Drives the /admin contract of a graph service, ours or a team's own. Every call has a deadline, and every way in which
// a service can misbehave ends in one clear error. A resume is tried again on connection errors, because a resume that
// got lost keeps writes stopped until the lease runs out; the lease covers what the tries do not.
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
  /** Who pauses, as the status, the audit log and a 409 show it. */
  readonly holder?: string;
  /** The id that trigger-backup gave, when this client works for that backup. */
  readonly backupId?: string;
  /** Deadline of one call, on top of the drain time of a pause. */
  readonly callTimeoutMs?: number;
  /** How long a resume is tried again after connection errors. */
  readonly resumeRetryMs?: number;
  readonly clock?: Clock;
  /** Told when the service's wall clock differs from ours by more than can be measured: how far it is ahead, in ms. */
  readonly onClockSkew?: (aheadMs: number) => void;
}

export interface AdminClient extends WriteCoordinator {
  renew(leaseId: string, leaseMs: number): Promise<PauseLease>;
  status(): Promise<ServiceStatus>;
  /** Starts the backup that the service is configured with; gives its id. */
  trigger(): Promise<string>;
}

/** The lease was no longer ours when it was given back: writes may have run inside the cut, so the cut proves nothing. */
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
   * The lease is counted by the service, from somewhere between question and answer; its expiry as a time is for people.
   * Nothing here is decided by it, because clocks disagree; that they do is worth knowing.
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
      // It answered, so trying again changes nothing.
      throw error instanceof Error ? new FatalProbeError(error) : error;
    }
  }
}

function leaseLost(answer: AdminAnswer, attempt: number): LeaseLostError {
  const why = refusalOf(answer)?.message ?? "the service does not know this lease";
  // After an answer that got lost nobody can tell a lease that we gave back from one that ran out: treat it as lost.
  const doubt = attempt === 0 ? "" : " (an earlier try to resume got no answer, so it may have been given back by it)";
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
