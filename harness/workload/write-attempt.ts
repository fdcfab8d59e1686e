// One attempt at a write through the graph service, and its outcome. In doubt it is unknown: calling a stored write
// refused, or a lost one acknowledged, would mislead the judge.
import { codeOf, errorMessage } from "../base/errors.ts";
import type { WriteOutcome } from "./history/history.ts";

export interface AttemptResult {
  readonly outcome: WriteOutcome;
  /** How long the service asked to wait before the next attempt. */
  readonly retryAfterMs: number | undefined;
  /** Why it failed. */
  readonly reason: string | undefined;
}

/** The service did not even accept the connection, so nothing of the write can be stored. */
const neverSent = new Set(["ECONNREFUSED", "ENOTFOUND", "EHOSTUNREACH", "ENETUNREACH", "UND_ERR_CONNECT_TIMEOUT"]);

export async function attemptWrite(url: URL, body: string, timeoutMs: number): Promise<AttemptResult> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
      signal: AbortSignal.timeout(timeoutMs),
      redirect: "error",
    });
    const text = await response.text();
    return judge(response, text);
  } catch (error) {
    const code = codeOf(error);
    return {
      outcome: neverSent.has(code) ? "failed" : "unknown",
      retryAfterMs: undefined,
      reason: code === "" ? errorMessage(error instanceof Error ? (error.cause ?? error) : error) : code,
    };
  }
}

function judge(response: Response, text: string): AttemptResult {
  const { status } = response;
  if (status === 200) return { outcome: "ok", retryAfterMs: undefined, reason: undefined };
  const retryAfterMs = retryAfter(response.headers);
  const reason = `${status} ${text.slice(0, 200)}`;
  // The contract: 503 with Retry-After means refused whole. A bare 503 may come from any proxy in between.
  if (status === 503 && retryAfterMs !== undefined) return { outcome: "refused", retryAfterMs, reason };
  return { outcome: status >= 400 && status < 500 ? "failed" : "unknown", retryAfterMs, reason };
}

/** The standard header has whole seconds; a service with finer timing also sends retry-after-ms. */
function retryAfter(headers: Headers): number | undefined {
  const precise = Number(headers.get("retry-after-ms") ?? Number.NaN);
  if (Number.isFinite(precise) && precise >= 0) return precise;
  const seconds = Number(headers.get("retry-after") ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}
