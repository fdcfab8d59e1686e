// The web side of a monitor: metrics for Prometheus and pages for people. Everything needs the token, where there is one.
import { Hono } from "hono";
import { systemClock } from "../base/clock.ts";
import { adminAccess, tokenRights } from "../service/server/coordination/admin-access.ts";
import { refuse } from "../service/server/http.ts";
import { addLogin, addOpenRoutes, addPages, isBrowserPage, toLogin } from "./dashboard/routes.ts";
import { askerOf } from "./dashboard/operate-routes.ts";
import { addLogLines } from "./dashboard/log-routes.ts";
import { Sessions } from "./dashboard/sessions.ts";
import type { Monitor } from "./monitor.ts";
import type { Operations } from "./operate/operations.ts";

const patienceMaxMs = 8000;
/** A scrape must have its answer before Prometheus gives up. */
const spareMs = 500;

export interface MonitorAppOptions {
  readonly monitor: Monitor;
  /** Undefined where everybody may read. */
  readonly token: string | undefined;
  /** What may be started from a page, and the token of those who may. */
  readonly operate?: { readonly operations: Operations; readonly token: string } | undefined;
  /** Cookies are then sent over TLS only. */
  readonly isTls?: boolean;
  /** Ends the streams of lines, which would keep connections open. */
  readonly stopping?: AbortSignal;
  readonly log: (line: string) => void;
}

export function monitorApp(options: MonitorAppOptions): Hono {
  const { monitor, token, operate, isTls = false, stopping = new AbortController().signal, log } = options;
  const app = new Hono();
  const sessions = new Sessions(systemClock, isTls);
  const note = (path: string, suppressed: number = 0): void =>
    log(`a call of ${path} without a good token was refused${suppressed === 0 ? "" : `, and ${suppressed} before it`}`);
  addOpenRoutes(app);
  if (token !== undefined) {
    // Whoever may start something may read, too.
    const tokens = operate === undefined ? { token } : { token: operate.token, tokens: { read: token } };
    const rightsOf = tokenRights(tokens.token, tokens.tokens ?? {});
    addLogin(app, {
      sessions,
      note,
      rightsOf: (presented) => {
        const rights = rightsOf(presented);
        return rights && { mayOperate: operate !== undefined && rights.includes("trigger") };
      },
      onOperator: async (c, session) => await operate?.operations.note("signed-in", askerOf(c, sessions, session)),
    });
    const access = adminAccess({ ...tokens, clock: systemClock, note });
    app.use(async (c, next) => {
      if (sessions.isOpen(c)) return await next();
      return isBrowserPage(c) ? toLogin(c) : await access(c, next);
    });
  }
  app.get("/metrics", async (c) => {
    const timeoutMs = Number(c.req.header("x-prometheus-scrape-timeout-seconds")) * 1000;
    const patienceMs = timeoutMs > spareMs ? Math.min(timeoutMs - spareMs, patienceMaxMs) : patienceMaxMs;
    c.header("content-type", "text/plain; version=0.0.4; charset=utf-8");
    c.header("cache-control", "no-store");
    return c.body(await monitor.metrics(patienceMs));
  });
  addPages(app, monitor, sessions, operate?.operations);
  addLogLines(app, monitor.logFolders, stopping);
  app.notFound((c) =>
    refuse(c, 404, "no-route", `${c.req.method} ${c.req.path} is not a route; there are / and /metrics`),
  );
  return app;
}
