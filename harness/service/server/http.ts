// Reading a request body and refusing a request, the same in all routes.
import type { Context, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { z } from "zod";
import type { Refusal } from "../contract.ts";

/** Refuses longer bodies before they are read. */
export function limitBody(maxBytes: number, text: string): MiddlewareHandler {
  return bodyLimit({ maxSize: maxBytes, onError: (c) => refuse(c, 413, "too-large", `at most ${text} a request`) });
}

export type RefusalStatus = 400 | 401 | 403 | 404 | 409 | 413 | 429 | 500 | 501 | 503 | 504;

export interface Body<T> {
  /** The body as it was sent. */
  readonly raw: unknown;
  readonly parsed: T;
}

/** The body, or a refusal that says what is wrong with it. */
export async function parseBody<T>(c: Context, schema: z.ZodType<T>): Promise<Body<T> | Response> {
  let raw: unknown;
  try {
    raw = await c.req.json();
  } catch {
    return refuse(c, 400, "not-json", "the request body is not JSON");
  }
  const result = schema.safeParse(raw);
  return result.success ? { raw, parsed: result.data } : refuse(c, 400, "wrong-body", z.prettifyError(result.error));
}

export async function readBody<T>(c: Context, schema: z.ZodType<T>): Promise<T | Response> {
  const body = await parseBody(c, schema);
  return body instanceof Response ? body : body.parsed;
}

export function refuse(
  c: Context,
  status: RefusalStatus,
  error: string,
  message: string,
  more: Pick<Refusal, "holder" | "expiresAt"> = {},
): Response {
  return c.json({ error, message, ...more } satisfies Refusal, status);
}

/** Tells a client to retry after so many milliseconds. The standard header has whole seconds only, so both are sent. */
export function retryAfter(c: Context, ms: number): void {
  c.header("retry-after", String(Math.ceil(ms / 1000)));
  c.header("retry-after-ms", String(Math.ceil(ms)));
}

export function shuttingDown(c: Context): Response {
  retryAfter(c, 1000);
  c.header("connection", "close");
  return refuse(c, 503, "shutting-down", "the service is shutting down");
}
