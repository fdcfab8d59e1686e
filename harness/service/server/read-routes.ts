// Routes that still work during a pause: searches and the healthcheck.
import { Hono } from "hono";
import { z } from "zod";
import { groupIdSchema } from "../messages.ts";
import type { Database } from "./database.ts";
import type { Health } from "./health.ts";
import { readBody } from "./http.ts";
import { searchFacts } from "./search.ts";

const searchQuerySchema = z.object({
  group_ids: z.array(groupIdSchema).max(1000).nullish(),
  query: z.string().max(100_000),
  max_facts: z.int().min(1).max(1000).default(10),
});

export function readRoutes(database: Database, checkHealth: () => Promise<Health>): Hono {
  const app = new Hono();
  app.get("/healthcheck", async (c) => {
    const found = await checkHealth();
    return c.json(found, found.status === "healthy" ? 200 : 503);
  });
  app.post("/search", async (c) => {
    const request = await readBody(c, searchQuerySchema);
    if (request instanceof Response) return request;
    // Without group_ids Graphiti searches its base graph.
    const groupIds = request.group_ids ?? ["default_db"];
    return c.json({ facts: await searchFacts(database, groupIds, request.query, request.max_facts) });
  });
  return app;
}
