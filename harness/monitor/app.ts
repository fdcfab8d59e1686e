// The web side of a monitor: everything needs the token, where there is one.
import { Hono } from "hono";
import { systemClock } from "../base/clock.ts";
import { adminAccess } from "../service/server/coordination/admin-access.ts";
import { refuse } from "../service/server/http.ts";
import type { Monitor } from "./monitor.ts";

const patienceMaxMs = 8000;
/** A scrape must have its answer before Prometheus gives up. */
const spareMs = 500;

export interface MonitorAppOptions {
  readonly monitor: Monitor;
  /** Undefined where everybody may read. */
  readonly token: string | undefined;
  readonly log: (line: string) => void;
}

export function monitorApp({ monitor, token, log }: MonitorAppOptions): Hono {
  const app = new Hono();
  const note = (path: string, suppressed: number): void =>
    log(`a call of ${path} without a good token was refused${suppressed === 0 ? "" : `, and ${suppressed} before it`}`);
  if (token !== undefined) app.use(adminAccess({ token, clock: systemClock, note }));
  app.get("/metrics", async (c) => {
    const timeoutMs = Number(c.req.header("x-prometheus-scrape-timeout-seconds")) * 1000;
    const patienceMs = timeoutMs > spareMs ? Math.min(timeoutMs - spareMs, patienceMaxMs) : patienceMaxMs;
    c.header("content-type", "text/plain; version=0.0.4; charset=utf-8");
    c.header("cache-control", "no-store");
    return c.body(await monitor.metrics(patienceMs));
  });
  app.notFound((c) => refuse(c, 404, "no-route", `${c.req.method} ${c.req.path} is not a route; there is /metrics`));
  return app;
}
