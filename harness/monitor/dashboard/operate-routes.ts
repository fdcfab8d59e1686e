// Starting commands from a page. It takes a session that was opened with the token for that, a request that the browser says
// comes from these pages, and the code of the question that this very session was shown; and it is one of the commands of the
// configuration, by its name.
import { getConnInfo } from "@hono/node-server/conninfo";
import type { Context, Hono } from "hono";
import { csrf } from "hono/csrf";
import { systemClock } from "../../base/clock.ts";
import { errorMessage } from "../../base/errors.ts";
import { limitBody } from "../../service/server/http.ts";
import type { OperateCommand } from "../operate/commands.ts";
import type { Asker, Operations } from "../operate/operations.ts";
import type { DashboardPage, PageStatus } from "./frame.ts";
import { confirmPage, operatePage, refusedPage } from "./operate.ts";
import type { Sessions } from "./sessions.ts";

const refreshSeconds = 2;

export interface OperateRoutes {
  readonly operations: Operations;
  readonly sessions: Sessions;
  readonly send: (c: Context, made: DashboardPage, status?: PageStatus) => Response;
  /** Address of the page with the output of this name. */
  readonly outputAt: (name: string) => string;
}

export function addOperate(app: Hono, { operations, sessions, send, outputAt }: OperateRoutes): void {
  const refused = (c: Context, status: PageStatus, why: string): Response =>
    send(c, { title: "Nothing was started", at: "/operate", body: refusedPage("Nothing was started", why) }, status);
  const commandOf = (name: unknown): OperateCommand | undefined =>
    operations.commands.find((command) => command.name === name);
  app.use("/operate/*", async (c, next) => {
    if (sessions.mayOperate(c)) return await next();
    return refused(
      c,
      403,
      "You may read. To start something, sign out, and sign in with the token of --operate-token-file.",
    );
  });
  app.get("/operate", (c) => {
    const body = operatePage(operations, outputAt, systemClock.nowMs());
    return send(c, { title: "Operate", at: "/operate", body, refreshSeconds });
  });
  app.get("/operate/confirm", (c) => {
    const command = commandOf(c.req.query("command"));
    if (command === undefined) return refused(c, 404, "The configuration has no command of this name.");
    const body = confirmPage(command, sessions.ask(c, command.name));
    return send(c, { title: `Start this ${command.kind}?`, at: "/operate", body });
  });
  app.post("/operate/start", csrf(), limitBody(4096, "4 KiB"), async (c) => {
    const { command: name, code } = await c.req.parseBody();
    const command = commandOf(name);
    if (command === undefined) return refused(c, 404, "The configuration has no command of this name.");
    if (!sessions.confirms(c, command.name, code))
      return refused(c, 409, "The question was answered before, or too long ago. Ask for it again.");
    try {
      const begun = await operations.start(command, askerOf(c, sessions));
      if (begun !== undefined) return c.redirect(outputAt(begun.output), 303);
      return refused(c, 409, `Another ${command.kind} runs. Its output is shown with the commands.`);
    } catch (error) {
      return refused(c, 500, errorMessage(error));
    }
  });
}

export function askerOf(c: Context, sessions: Sessions, session: string = sessions.name(c)): Asker {
  return { session, address: getConnInfo(c).remote.address ?? "unknown" };
}
