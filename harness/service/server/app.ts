// All routes of the graph service on one application.
import { Hono } from "hono";
import { errorMessage } from "../../base/errors.ts";
import { adminRoutes } from "./coordination/admin-routes.ts";
import type { AppOptions } from "./app-options.ts";
import { DatabaseUnavailableError } from "./database.ts";
import { health } from "./health.ts";
import { refuse } from "./http.ts";
import { readRoutes } from "./read-routes.ts";
import { writeRoutes } from "./writes/write-routes.ts";

export function createApp(options: AppOptions): Hono {
  const { gate, ingest, database, stalledAfterMs } = options;
  const app = new Hono();
  app.route("/", adminRoutes(options));
  app.route(
    "/",
    readRoutes(database, () => health(database, ingest.health(), gate.auditFailure, stalledAfterMs)),
  );
  app.route("/", writeRoutes(options));
  app.notFound((c) => refuse(c, 404, "no-route", `${c.req.method} ${c.req.path} is not a route of this service`));
  app.onError((error, c) =>
    error instanceof DatabaseUnavailableError
      ? refuse(c, 500, "database-gone", error.message)
      : refuse(c, 500, "internal", errorMessage(error)),
  );
  return app;
}
