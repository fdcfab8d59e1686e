// Who is signed in, and what each may do. A browser gives a token once, in a form, and from then on a cookie that no script can
// read; sessions live in this process alone, so that a restart ends all of them.
import { hash, randomBytes } from "node:crypto";
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { Clock } from "../../base/clock.ts";

const lifetimeMs = 12 * 3_600_000;
const confirmationMs = 300_000;
const sessionsMax = 100;
const cookieName = "falkordrill_session";

interface Session {
  readonly endsMs: number;
  readonly mayOperate: boolean;
  /** The question that this browser was asked last, and has not answered yet. */
  asked?: { readonly code: string; readonly what: string; readonly endsMs: number };
}

export class Sessions {
  readonly #clock: Clock;
  readonly #isTls: boolean;
  /** By their cookie; the oldest first. */
  readonly #open = new Map<string, Session>();

  constructor(clock: Clock, isTls: boolean) {
    this.#clock = clock;
    this.#isTls = isTls;
  }

  isOpen(c: Context): boolean {
    return this.#of(c) !== undefined;
  }

  /** Whether commands may be started. */
  mayOperate(c: Context): boolean {
    return this.#of(c)?.mayOperate === true;
  }

  begin(c: Context, mayOperate: boolean): string {
    const id = randomBytes(32).toString("hex");
    const [oldest] = this.#open.keys();
    if (this.#open.size >= sessionsMax && oldest !== undefined) this.#open.delete(oldest);
    this.#open.set(id, { endsMs: this.#clock.monotonicMs() + lifetimeMs, mayOperate });
    setCookie(c, cookieName, id, { httpOnly: true, sameSite: "Strict", path: "/", secure: this.#isTls });
    return nameOf(id);
  }

  end(c: Context): void {
    this.#open.delete(getCookie(c, cookieName) ?? "");
    deleteCookie(c, cookieName, { path: "/" });
  }

  /** Names the session in logs, and opens nothing. */
  name(c: Context): string {
    return nameOf(getCookie(c, cookieName) ?? "");
  }

  /** A code that only a page which this browser was shown can hold; it answers this question once, within minutes. */
  ask(c: Context, what: string): string {
    const session = this.#of(c);
    const code = randomBytes(16).toString("hex");
    if (session !== undefined) session.asked = { code, what, endsMs: this.#clock.monotonicMs() + confirmationMs };
    return code;
  }

  /** Whether this was the answer to that question. */
  confirms(c: Context, what: string, code: unknown): boolean {
    const session = this.#of(c);
    const { asked } = session ?? {};
    if (session === undefined || asked === undefined || asked.code !== code || asked.what !== what) return false;
    delete session.asked;
    return asked.endsMs >= this.#clock.monotonicMs();
  }

  #of(c: Context): Session | undefined {
    const session = this.#open.get(getCookie(c, cookieName) ?? "");
    return session !== undefined && session.endsMs >= this.#clock.monotonicMs() ? session : undefined;
  }
}

function nameOf(id: string): string {
  return hash("sha256", id).slice(0, 8);
}
