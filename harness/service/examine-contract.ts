// Asks a graph service, ours or a team's own, whether it keeps the /admin contract: pauses, refuses, renews, resumes, and
// ends a pause that nobody ended. It writes nothing and triggers no backup; writes are stopped for some seconds in all.
import { systemClock } from "../base/clock.ts";
import { DrillError, errorMessage } from "../base/errors.ts";
import { waitFor } from "../base/wait.ts";
import { type AdminClient, adminClient } from "./admin-client.ts";
import { type AdminAnswer, callAdmin, UnreachableError } from "./admin-call.ts";
import { adminPaths, pauseAnswerSchema, type WritesStatus } from "./contract.ts";

export interface ExaminedService {
  readonly url: string;
  readonly token: string;
}

interface BrokenRule {
  /** What the contract asks for, as a sentence. */
  readonly rule: string;
  readonly seen: string;
}

export interface ContractReport {
  readonly rulesTried: number;
  readonly broken: readonly BrokenRule[];
}

const holder = "falkordrill-contract";
const callTimeoutMs = 5000;
const drainTimeoutMs = 10_000;
/** Long enough for a slow machine to ask its questions during one pause. */
const leaseMs = 30_000;
const shortLeaseMs = 500;
/** How long after its time a lease may take to end. */
const patienceMsDefault = 10_000;
/** What an end of a lease may differ from the one that was asked for: whole seconds, and the time of the call. */
const leaseToleranceMs = 3000;

/** Throws what keeps it from asking: a service that cannot be reached, refuses the token, or is paused by somebody else. */
export async function examineContract(
  service: ExaminedService,
  signal: AbortSignal,
  patienceMs: number = patienceMsDefault,
): Promise<ContractReport> {
  const examination = new Examination(service, signal);
  const { state, holder: other = "somebody" } = await examination.writes();
  if (state !== "open")
    throw new DrillError(`writes of ${service.url} are already ${state}, by ${other}`, {
      exit: "environment",
      hint: "Wait until the other pause has ended, or end it.",
    });
  await examination.strangers();
  await examination.malformed();
  await examination.held();
  await examination.expires(patienceMs);
  return examination.report();
}

class Examination {
  readonly #service: ExaminedService;
  readonly #signal: AbortSignal;
  readonly #client: AdminClient;
  readonly #broken: BrokenRule[] = [];
  #rulesTried = 0;

  constructor(service: ExaminedService, signal: AbortSignal) {
    this.#service = service;
    this.#signal = signal;
    this.#client = adminClient({ ...service, holder, callTimeoutMs });
  }

  report(): ContractReport {
    return { rulesTried: this.#rulesTried, broken: this.#broken };
  }

  async writes(): Promise<WritesStatus> {
    this.#signal.throwIfAborted();
    return (await this.#client.status()).writes;
  }

  async strangers(): Promise<void> {
    for (const [who, token] of [
      ["without a token", ""],
      ["with a wrong token", "wrong"],
    ] as const)
      await this.#refused(`a pause ${who} is refused`, await this.#pause({ leaseMs: shortLeaseMs }, token), [401, 403]);
  }

  async malformed(): Promise<void> {
    const answer = await this.#pause({ leaseMs: "soon" });
    await this.#refused("a pause without a length in milliseconds is refused", answer, [400, 422]);
  }

  /** One pause from its beginning to its end. */
  async held(): Promise<void> {
    const askedMs = systemClock.monotonicMs();
    const lease = await this.#lease("a pause answers with a lease", leaseMs);
    if (lease === undefined) return;
    try {
      const writes = await this.writes();
      this.#rule("the status shows the pause", writes.state === "paused", `the state ${writes.state}`);
      const named = writes.holder === holder;
      this.#rule("the status names who holds the pause", named, `the holder ${writes.holder ?? "nobody"}`);
      await this.#refused("a second pause is refused with 409", await this.#pause({ leaseMs }), [409]);
      const foreign = await this.#call(adminPaths.resume, { leaseId: "another" });
      await this.#refused("a resume with another lease is refused with 409", foreign, [409]);
      const { state } = await this.writes();
      this.#rule("what was refused leaves the pause as it is", state === "paused", `the state ${state}`);
      const renewed = await this.#client.renew(lease.id, 2 * leaseMs).catch(notUnreachable);
      const movedMs = renewed instanceof Error ? 0 : Date.parse(renewed.expiresAt) - Date.parse(lease.expiresAt);
      const passedMs = systemClock.monotonicMs() - askedMs;
      this.#rule(
        "a renewal moves the end of the lease",
        movedMs > leaseMs - leaseToleranceMs && movedMs < leaseMs + passedMs + leaseToleranceMs,
        renewed instanceof Error ? errorMessage(renewed) : `an end that moved by ${movedMs} ms, not ${leaseMs}`,
      );
    } finally {
      await this.#ends(lease.id);
    }
  }

  /** What a pause becomes whose holder is no more. */
  async expires(patienceMs: number): Promise<void> {
    const lease = await this.#lease("a short pause answers with a lease", shortLeaseMs);
    if (lease === undefined) return;
    const rule = "a pause that nobody ends ends by itself";
    try {
      await waitFor(async () => ((await this.writes()).state === "open" ? true : undefined), {
        what: rule,
        timeoutMs: patienceMs,
        intervalMs: 100,
        signal: this.#signal,
      });
      this.#rule(rule, true, "");
    } catch (error) {
      this.#signal.throwIfAborted();
      this.#rule(rule, false, `writes still stopped ${patienceMs / 1000} s after ${shortLeaseMs} ms of lease`);
      await this.#ends(lease.id);
      if (error instanceof UnreachableError) throw error;
      return;
    }
    const late = await this.#call(adminPaths.resume, { leaseId: lease.id });
    await this.#refused("a resume after the end of the lease is refused with 409", late, [409]);
  }

  async #ends(leaseId: string): Promise<void> {
    const answer = await this.#call(adminPaths.resume, { leaseId });
    this.#rule("a resume with the lease is accepted", answer.status === 200, shown(answer));
    const { state } = await this.writes();
    this.#rule("writes go on after the resume", state === "open", `the state ${state}`);
    const again = await this.#call(adminPaths.resume, { leaseId });
    await this.#refused("a second resume of one lease is refused with 409", again, [409]);
  }

  async #lease(rule: string, ms: number): Promise<{ readonly id: string; readonly expiresAt: string } | undefined> {
    const answer = await this.#pause({ leaseMs: ms });
    const parsed = pauseAnswerSchema.safeParse(answer.json);
    this.#rule(rule, answer.status === 200 && parsed.success, shown(answer));
    return parsed.success ? { id: parsed.data.leaseId, expiresAt: parsed.data.expiresAt } : undefined;
  }

  #pause(body: Readonly<Record<string, unknown>>, token?: string): Promise<AdminAnswer> {
    return this.#call(adminPaths.pause, { drainTimeoutMs, holder, ...body }, token);
  }

  #call(path: string, body: Record<string, unknown>, token: string = this.#service.token): Promise<AdminAnswer> {
    return callAdmin({
      base: new URL(this.#service.url),
      token,
      method: "POST",
      path,
      body,
      timeoutMs: callTimeoutMs + drainTimeoutMs,
      signal: this.#signal,
    });
  }

  /** A pause that should have been refused is ended at once. */
  async #refused(rule: string, answer: AdminAnswer, statuses: readonly number[]): Promise<void> {
    this.#rule(rule, statuses.includes(answer.status), shown(answer));
    const paused = pauseAnswerSchema.safeParse(answer.json);
    if (answer.status === 200 && paused.success) await this.#call(adminPaths.resume, { leaseId: paused.data.leaseId });
  }

  #rule(rule: string, isKept: boolean, seen: string): void {
    this.#rulesTried += 1;
    if (!isKept) this.#broken.push({ rule, seen });
  }
}

function notUnreachable(error: unknown): Error {
  if (error instanceof UnreachableError || !(error instanceof Error)) throw error;
  return error;
}

function shown({ status, json }: AdminAnswer): string {
  return `${status} ${JSON.stringify(json) ?? "without JSON"}`.slice(0, 300);
}
