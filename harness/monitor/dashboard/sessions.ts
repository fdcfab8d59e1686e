// Who is signed in. A browser gives a token once, in a form, and from then on a cookie that no script can read; sessions live
// in this process alone, so that a restart ends all of them.
import { randomBytes } from "node:crypto";
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { Clock } from "../../base/clock.ts";

const lifetimeMs = 12 * 3_600_000;
const sessionsMax = 100;
const cookieName = "falkordrill_session";

export class Sessions {
  readonly #clock: Clock;
  readonly #isTls: boolean;
  /** When each ends, by its cookie; the oldest first. */
  readonly #endsMs = new Map<string, number>();

  constructor(clock: Clock, isTls: boolean) {
    this.#clock = clock;
    this.#isTls = isTls;
  }

  isOpen(c: Context): boolean {
    const endsMs = this.#endsMs.get(getCookie(c, cookieName) ?? "");
    return endsMs !== undefined && endsMs >= this.#clock.monotonicMs();
  }

  begin(c: Context): void {
    const id = randomBytes(32).toString("hex");
    const [oldest] = this.#endsMs.keys();
    if (this.#endsMs.size >= sessionsMax && oldest !== undefined) this.#endsMs.delete(oldest);
    this.#endsMs.set(id, this.#clock.monotonicMs() + lifetimeMs);
    setCookie(c, cookieName, id, { httpOnly: true, sameSite: "Strict", path: "/", secure: this.#isTls });
  }

  end(c: Context): void {
    this.#endsMs.delete(getCookie(c, cookieName) ?? "");
    deleteCookie(c, cookieName, { path: "/" });
  }
}
