// One HTTP call of the /admin contract: a deadline, the bearer token, and errors that name what was received instead.
import { z } from "zod";
import { DrillError, errorMessage, usageError } from "../base/errors.ts";
import { type Refusal, refusalSchema } from "./contract.ts";

export interface AdminCall {
  readonly base: URL;
  readonly token: string;
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: Record<string, unknown>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface AdminAnswer {
  readonly what: string;
  readonly status: number;
  /** Parsed JSON, or undefined when the body was something else. */
  readonly json: unknown;
}

/** The service could not be reached, or did not answer in time: whether the call had an effect is not known. */
export class UnreachableError extends DrillError {
  override readonly name = "UnreachableError";
}

export async function callAdmin(call: AdminCall): Promise<AdminAnswer> {
  const url = new URL(call.path, call.base);
  const what = `${call.method} ${url.origin}${url.pathname}`;
  const deadline = AbortSignal.timeout(call.timeoutMs);
  try {
    const response = await fetch(url, {
      method: call.method,
      headers: { authorization: `Bearer ${call.token}`, "content-type": "application/json" },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      signal: call.signal === undefined ? deadline : AbortSignal.any([deadline, call.signal]),
      // A redirect would send the token to another server.
      redirect: "manual",
    });
    const text = await response.text();
    return { what, status: response.status, json: parseJson(text) };
  } catch (error) {
    call.signal?.throwIfAborted();
    const why = deadline.aborted ? `no answer within ${call.timeoutMs} ms` : connectionFailure(error);
    // Errors of the parser itself: the server answered, but not in HTTP.
    if (!deadline.aborted && /\bHPE_|HTTP\/1\.1 protocol/.test(why)) {
      throw usageError(
        `${what}: what answers there does not speak HTTP (${why})`,
        "the URL must be that of a graph service, not of its database",
      );
    }
    throw new UnreachableError(`${what}: ${why}`, {
      exit: "environment",
      hint: "is the graph service running, and is the URL right?",
      cause: error,
    });
  }
}

/** The parsed answer of a successful call; throws an error that says what came instead. */
export function expectAnswer<T>(answer: AdminAnswer, schema: z.ZodType<T>): T {
  const { what, status } = answer;
  if (status >= 200 && status < 300) {
    const parsed = schema.safeParse(answer.json);
    if (parsed.success) return parsed.data;
    throw usageError(
      `${what} answered ${status} with something that is not the /admin contract: ${z.prettifyError(parsed.error)}`,
      "the URL must be that of a graph service with the four /admin endpoints",
    );
  }
  throw refusal(answer);
}

export function refusalOf(answer: AdminAnswer): Refusal | undefined {
  const parsed = refusalSchema.safeParse(answer.json);
  return parsed.success ? parsed.data : undefined;
}

function refusal(answer: AdminAnswer): DrillError {
  const { what, status } = answer;
  const reason = refusalOf(answer);
  const said = reason === undefined ? "" : `: ${reason.message}`;
  if (status === 401 || status === 403) {
    return usageError(
      `${what} refused the admin token (${status})${said}`,
      "give the token that the service was started with",
    );
  }
  if (status === 409) {
    const who = reason?.holder === undefined ? "" : `, held by ${reason.holder}`;
    const until = reason?.expiresAt === undefined ? "" : ` until ${reason.expiresAt}`;
    return new DrillError(`${what} got 409${said}${who}${until}`, {
      exit: "environment",
      hint: "wait until the other pause or backup has ended; /admin/backup-status shows it",
    });
  }
  if (status === 429) {
    return new DrillError(`${what} got 429${said}`, {
      exit: "environment",
      hint: "ask less often, or stop who else asks",
    });
  }
  if (status === 503 || status === 504) {
    return new DrillError(`${what} could not be done (${status})${said}`, {
      exit: "notRecovered",
      hint: "see the service's /healthcheck; a longer drain time helps when one write takes long",
    });
  }
  if (reason === undefined) {
    return usageError(
      `${what} answered ${status} and speaks something else than the /admin contract`,
      "the URL must be that of a graph service with the four /admin endpoints",
    );
  }
  return usageError(`${what} answered ${status}${said}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** fetch hides the reason in a chain of causes. */
function connectionFailure(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const message = errorMessage(cause);
  return message.includes(code) ? message : `${code} ${message}`;
}
