// Who is signed in. A browser gives a token once, in a form, and from then on a cookie that no script can read; sessions live
// in this process alone, so that a restart ends all of them.
import { randomBytes } from "node:crypto";
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { Clock } from "../../base/clock.ts";

const lifetimeMs = 12 * 3_600_000;
const sessionsMax = 100;
const cookieName = "falkordrill_session";

export interface Session {
  /** It may start what the configuration allows to be started. */
  readonly mayAct: boolean;
  /** Must come with each request that starts something: a page of another site cannot read it. */
  readonly formToken: string;
  /** Short name in the audit log, which is not the cookie. */
  readonly name: string;
}

export class Sessions {
  readonly #clock: Clock;
  readonly #isTls: boolean;
  readonly #open = new Map<string, { readonly session: Session; readonly endsMs: number }>();

  constructor(clock: Clock, isTls: boolean) {
    this.#clock = clock;
    this.#isTls = isTls;
  }

  of(c: Context): Session | undefined {
    const found = this.#open.get(getCookie(c, cookieName) ?? "");
    return found === undefined || found.endsMs < this.#clock.monotonicMs() ? undefined : found.session;
  }

  begin(c: Context, mayAct: boolean): void {
    const id = randomBytes(32).toString("hex");
    const session = { mayAct, formToken: randomBytes(32).toString("hex"), name: randomBytes(4).toString("hex") };
    const [oldest] = this.#open.keys();
    if (this.#open.size >= sessionsMax && oldest !== undefined) this.#open.delete(oldest);
    this.#open.set(id, { session, endsMs: this.#clock.monotonicMs() + lifetimeMs });
    setCookie(c, cookieName, id, { httpOnly: true, sameSite: "Strict", path: "/", secure: this.#isTls });
  }

  end(c: Context): void {
    this.#open.delete(getCookie(c, cookieName) ?? "");
    deleteCookie(c, cookieName, { path: "/" });
  }
}
