// The pages, who may see them, and how a browser signs in.
import type { Context, Hono } from "hono";
import { csrf } from "hono/csrf";
import { secureHeaders } from "hono/secure-headers";
import { systemClock } from "../../base/clock.ts";
import { within } from "../../base/deadline.ts";
import { errorMessage } from "../../base/errors.ts";
import { rateLimit } from "../../service/server/coordination/admin-access.ts";
import { limitBody, refuse } from "../../service/server/http.ts";
import type { Monitor } from "../monitor.ts";
import type { Operations } from "../operate/operations.ts";
import { activityPage, logAddress, logPage } from "./activity.ts";
import { scriptAsset, styleAsset } from "./assets.ts";
import { chartsPage } from "./charts.ts";
import { type DashboardPage, dashboardPage, plainLead, loginPage, type PageStatus } from "./frame.ts";
import { tailId } from "./follow-file.ts";
import { keyOfLog, logOf } from "./log-files.ts";
import { addOperate } from "./operate-routes.ts";
import { overview } from "./overview.ts";
import { pointPage, readPoint } from "./point.ts";
import { pointsPage, pointsQuery } from "./points.ts";
import type { Sessions } from "./sessions.ts";
import { baseOf } from "../../vault/store/vault.ts";

const failedLoginsASecond = 5;
const askMaxMs = 10_000;
const refreshSeconds = 10;

/** Before any access is checked: headers for every answer, and what holds no fact. */
export function addOpenRoutes(app: Hono): void {
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        scriptSrc: ["'self'"],
        connectSrc: ["'self'"],
        imgSrc: ["data:"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
      xFrameOptions: "DENY",
      referrerPolicy: "no-referrer",
      // Only a site that is always behind TLS may ask for that.
      strictTransportSecurity: false,
    }),
  );
  for (const { path, type, text } of [styleAsset, scriptAsset])
    app.get(path, (c) => {
      c.header("cache-control", "public, max-age=31536000, immutable");
      return c.body(text, 200, { "content-type": type });
    });
}

export interface LoginOptions {
  readonly sessions: Sessions;
  /** Undefined for a token that is not known. */
  readonly rightsOf: (token: string) => { readonly mayOperate: boolean } | undefined;
  /** Notes a refused token. */
  readonly note: (path: string) => void;
  readonly onOperator: (c: Context, session: string) => Promise<void>;
}

/** A browser that asks for a page without a session is sent to the form; all others need the token in a header. */
export function addLogin(app: Hono, { sessions, rightsOf, note, onOperator }: LoginOptions): void {
  const mayFail = rateLimit(systemClock, failedLoginsASecond);
  app.get("/login", (c) => page(c, loginPage(ownPath(c.req.query("to")))));
  app.post("/login", csrf(), limitBody(4096, "4 KiB"), async (c) => {
    const { token: presented, to } = await c.req.parseBody();
    const path = ownPath(to);
    const rights = typeof presented === "string" ? rightsOf(presented) : undefined;
    if (rights === undefined) {
      if (!mayFail()) return refuse(c, 429, "too-many-requests", `at most ${failedLoginsASecond} a second`);
      note("/login");
      return page(c, loginPage(path, "This token is not one of this monitor."), 403);
    }
    const session = sessions.begin(c, rights.mayOperate);
    if (rights.mayOperate) await onOperator(c, session);
    return c.redirect(path, 303);
  });
  app.post("/logout", csrf(), (c) => {
    sessions.end(c);
    return c.redirect("/login", 303);
  });
}

/** A path of this site, and never another site. */
function ownPath(given: unknown): string {
  return typeof given === "string" && /^\/(?![/\\])/.test(given) ? given : "/";
}

export function isBrowserPage(c: Context): boolean {
  const isPage = c.req.method === "GET" && (c.req.header("accept") ?? "").includes("text/html");
  return isPage && c.req.header("authorization") === undefined;
}

export function toLogin(c: Context): Response {
  const { pathname, search } = new URL(c.req.url);
  return c.redirect(`/login?${new URLSearchParams({ to: `${pathname}${search}` }).toString()}`, 303);
}

type ShownMonitor = Pick<Monitor, "state" | "ask" | "logFolders">;

export function addPages(
  app: Hono,
  monitor: ShownMonitor,
  sessions: Sessions,
  operations: Operations | undefined,
): void {
  const send = (c: Context, made: DashboardPage, status?: PageStatus): Response => {
    const viewer = { isSignedIn: sessions.isOpen(c), mayOperate: sessions.mayOperate(c) };
    return page(c, dashboardPage(made, viewer), status);
  };
  const nowMs = (): number => systemClock.nowMs();
  app.get("/", (c) => send(c, { title: "Overview", at: "/", body: overview(monitor.state, nowMs()), refreshSeconds }));
  app.get("/points", (c) => {
    const body = pointsPage(monitor.state, pointsQuery.parse(c.req.query()), nowMs());
    return send(c, { title: "Restore points", at: "/points", body, refreshSeconds: 3 * refreshSeconds });
  });
  app.get("/point", async (c) => {
    const { vault = "", id = "" } = c.req.query();
    const points = monitor.state.vaults.find(({ name }) => name === vault)?.looked?.facts.points ?? [];
    const row = points.find((point) => point.id === id);
    if (row === undefined) {
      const sentence = `As far as is known now, the vault ${vault} has no restore point ${id}.`;
      return send(c, { title: "Not found", at: "/points", body: plainLead("Not found", sentence) }, 404);
    }
    const chain = points.filter((point) => baseOf(point.id) === baseOf(row.id));
    const asked = monitor.ask(vault, (store, keyring) => readPoint(store, keyring, row));
    const found = await within("the vault", askMaxMs, asked).then(
      (detail) => ({ detail }),
      (error: unknown) => ({ detail: undefined, why: errorMessage(error) }),
    );
    return send(c, { title: id, at: "/points", body: pointPage({ vault, row, chain, ...found }, nowMs()) });
  });
  app.get("/activity", async (c) => {
    const body = await activityPage(monitor.state, monitor.logFolders, nowMs());
    return send(c, { title: "Activity", at: "/activity", body, refreshSeconds: refreshSeconds / 5 });
  });
  app.get("/log", async (c) => {
    const { file: key = "" } = c.req.query();
    const file = await logOf(monitor.logFolders, key);
    if (file === undefined) {
      const body = plainLead("Not found", `There is no log ${key}.`);
      return send(c, { title: "Not found", at: "/activity", body }, 404);
    }
    return send(c, { title: file.name, at: "/activity", body: logPage(file, await tailId(file.path)) });
  });
  if (operations !== undefined) {
    const outputAt = (name: string): string => logAddress(keyOfLog(monitor.logFolders, operations.outputs, name));
    addOperate(app, { operations, sessions, send, outputAt });
  }
  app.get("/charts", (c) => send(c, { title: "Charts", at: "/charts", body: chartsPage(monitor.state) }));
}

function page(c: Context, text: string, status: PageStatus = 200): Response {
  c.header("cache-control", "no-store");
  return c.html(text, status);
}
