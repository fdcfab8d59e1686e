// Who may call the /admin endpoints, and how often. The token of the service may do everything; a scoped token does one
// thing, so that a monitor cannot stop writes, and a backup cannot start another.
import { createHash, timingSafeEqual } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import type { Clock } from "../../../base/clock.ts";
import { usageError } from "../../../base/errors.ts";
import { adminPaths } from "../../contract.ts";
import { refuse, retryAfter } from "../http.ts";

/** The state is for whoever has any token. */
const scopes = ["read", "pause", "trigger"] as const;
type Scope = (typeof scopes)[number];

export type ScopedTokens = { readonly [scope in Scope]?: string | undefined };

const adminScopes: Readonly<Record<string, Scope>> = {
  [adminPaths.pause]: "pause",
  [adminPaths.resume]: "pause",
  [adminPaths.trigger]: "trigger",
};

const shortestToken = 16;
/** A second, of callers with a token, and of all those without. A backup calls three times. */
const callsASecond = 500;
const deniedASecond = 10;

export interface AdminAccessOptions {
  readonly token: string;
  readonly tokens?: ScopedTokens | undefined;
  readonly clock: Clock;
  /** Notes a refused call in the audit log. */
  readonly note: (path: string, suppressed: number) => void;
}

export function assertTokens(token: string, tokens: ScopedTokens = {}): void {
  if (token.length < shortestToken)
    throw usageError("the token is too short", `use at least ${shortestToken} random characters`);
  const seen = new Set([token]);
  for (const scope of scopes) {
    const scoped = tokens[scope];
    if (scoped === undefined) continue;
    if (scoped.length < shortestToken)
      throw usageError(`the token for ${scope} is too short`, `use at least ${shortestToken} random characters`);
    if (seen.has(scoped))
      throw usageError(`the token for ${scope} is used twice`, "give each scope a token of its own");
    seen.add(scoped);
  }
}

/** What the holder of a token may do; undefined for one that is not known. */
export function tokenRights(token: string, tokens: ScopedTokens): (presented: string) => readonly Scope[] | undefined {
  const given = scopes.flatMap((scope) => {
    const scoped = tokens[scope];
    return scoped === undefined ? [] : [{ digest: digest(scoped), may: [scope] }];
  });
  const known: { digest: Buffer; may: readonly Scope[] }[] = [{ digest: digest(token), may: scopes }, ...given];
  return (presented) => {
    const asked = digest(presented);
    // Each is compared, so that the time does not tell which one was almost right.
    const holders = known.filter((one) => timingSafeEqual(asked, one.digest));
    return holders.length === 0 ? undefined : holders.flatMap(({ may }) => may);
  };
}

export function adminAccess(options: AdminAccessOptions): MiddlewareHandler {
  const { token, tokens = {}, clock, note } = options;
  const rightsOf = tokenRights(token, tokens);
  const noteDenied = throttled(clock, note);
  const calls = rateLimit(clock, callsASecond);
  const denied = rateLimit(clock, deniedASecond);
  return async (c, next) => {
    const presented = /^Bearer (.+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
    const rights = presented === undefined ? undefined : rightsOf(presented);
    if (rights === undefined) {
      noteDenied(c.req.path);
      if (!denied()) return tooMany(c, deniedASecond);
      if (presented !== undefined) return refuse(c, 403, "wrong-token", "the bearer token is not one of this service");
      c.header("www-authenticate", "Bearer");
      return refuse(c, 401, "token-missing", "expected an Authorization header with a bearer token");
    }
    if (!calls()) return tooMany(c, callsASecond);
    const scope = adminScopes[c.req.path];
    if (scope !== undefined && !rights.includes(scope)) {
      noteDenied(c.req.path);
      return refuse(
        c,
        403,
        "wrong-scope",
        `this token may not ${scope}; give the one for ${scope}, or the admin token`,
      );
    }
    return await next();
  };
}

function tooMany(c: Context, limit: number): Response {
  retryAfter(c, 1000);
  return refuse(c, 429, "too-many-requests", `at most ${limit} a second`);
}

/** Returns false for the calls beyond so many in one second. */
export function rateLimit(clock: Clock, most: number): () => boolean {
  let sinceMs = Number.NEGATIVE_INFINITY;
  let count = 0;
  return () => {
    if (clock.monotonicMs() - sinceMs >= 1000) {
      sinceMs = clock.monotonicMs();
      count = 0;
    }
    count += 1;
    return count <= most;
  };
}

/** Logs at most one line a second, so that a caller without a token cannot fill the disk. */
function throttled(clock: Clock, note: (path: string, suppressed: number) => void): (path: string) => void {
  const mayNote = rateLimit(clock, 1);
  let suppressed = 0;
  return (path) => {
    if (!mayNote()) {
      suppressed += 1;
      return;
    }
    note(path, suppressed);
    suppressed = 0;
  };
}

/** Hashes have one length, so that the comparison tells neither the content nor the length of a token. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
