// Graphiti's write routes. Every write is admitted by the gate or refused as a whole (503), and goes through the queue
// of its group, also the ones that the client waits for: within a group, writes happen in the order in which they came.
import { type Context, Hono } from "hono";
import { startTimer } from "../../../base/timer.ts";
import { addMessagesSchema, groupIdSchema } from "../../messages.ts";
import type { AppOptions } from "../app-options.ts";
import type { Database } from "../database.ts";
import { isMissingGraph } from "./graphs.ts";
import { limitBody, parseBody, refuse, retryAfter, shuttingDown } from "../http.ts";
import { InterruptedError } from "./ingest.ts";
import type { Operation, Removal } from "./operations.ts";
import { hasEpisode } from "./remove-episode.ts";
import { entityNodeRequestSchema, settle } from "./requests.ts";

const longestBodyBytes = 64 * 2 ** 20;
const waitDeadlineMs = 60_000;
const mostQueued = 10_000;
const databaseRetryMs = 200;

export function writeRoutes(options: AppOptions): Hono {
  const { ingest, database, clock } = options;
  const app = new Hono();
  app.use(limitBody(longestBodyBytes, "64 MiB"));

  app.post("/messages", async (c) => {
    const body = await parseBody(c, addMessagesSchema);
    if (body instanceof Response) return body;
    const { raw, parsed } = body;
    const admission = admit(c, options);
    if (admission instanceof Response) return admission;
    const rawMessages = (raw as { readonly messages: readonly unknown[] }).messages;
    const messages = parsed.messages.map((message, index) => settle(rawMessages[index], message, clock));
    const stored = ingest.accept({ kind: "episodes", groupId: parsed.group_id, messages }, admission);
    if (parsed.wait) return answered(c, stored, () => c.json({ message: "Messages stored", success: true }, 200));
    // The client does not wait; a failure is counted and reported by the queue itself.
    stored.catch(() => {});
    return c.json({ message: "Messages added to processing queue", success: true }, 202);
  });

  app.post("/entity-node", async (c) => {
    const body = await parseBody(c, entityNodeRequestSchema);
    if (body instanceof Response) return body;
    const admission = admit(c, options);
    if (admission instanceof Response) return admission;
    const now = new Date(clock.nowMs()).toISOString().replace("Z", "+00:00");
    const node = { ...body.parsed, created_at: body.parsed.created_at ?? now };
    const stored = ingest.accept({ kind: "entity-node", groupId: node.group_id, node }, admission);
    return answered(c, stored, () => c.json(node, 201));
  });

  app.delete("/episode/:uuid", async (c) => {
    const uuid = c.req.param("uuid");
    const admission = admit(c, options);
    if (admission instanceof Response) return admission;
    const groupId = await findGroup(database, uuid, c.req.query("group_id")).catch((error: unknown) => {
      admission[Symbol.dispose]();
      throw error;
    });
    if (groupId === undefined) {
      admission[Symbol.dispose]();
      return refuse(c, 404, "no-episode", `there is no episode ${uuid}`);
    }
    const done = ingest.accept({ kind: "delete-episode", groupId, uuid } satisfies Operation, admission);
    return answered(c, done, (result) =>
      (result as Removal).removed
        ? c.json({ message: "Episode deleted", success: true })
        : refuse(c, 404, "no-episode", `there is no episode ${uuid} in ${groupId}`),
    );
  });
  return app;
}

/** Admits this write, or returns the refusal with a retry time. */
function admit(c: Context, { gate, authority, ingest, clock }: AppOptions): Disposable | Response {
  const { queued, waitingForDatabase } = ingest.health();
  if (waitingForDatabase) {
    retryAfter(c, databaseRetryMs);
    return refuse(c, 503, "database-gone", "the database is away, and earlier writes wait for it");
  }
  if (queued >= mostQueued) {
    retryAfter(c, 1000);
    return refuse(c, 503, "queue-full", `${mostQueued} writes wait to be stored`);
  }
  const admission = gate.admit();
  if (admission !== undefined) return admission;
  if (gate.closed) return shuttingDown(c);
  const { holder, since, expiresAt } = authority.writes();
  // A pause is usually short, and its length is unknown: ask to retry soon, then ever later, at most a fifth of the
  // pause late.
  const heldMs = since === undefined ? 0 : clock.nowMs() - Date.parse(since);
  retryAfter(c, Math.min(1000, Math.max(10, heldMs / 5)));
  return refuse(c, 503, "writes-paused", "writes are paused for a backup", { holder, expiresAt });
}

/** Waits until the operation is stored, up to a deadline. */
async function answered(
  c: Context,
  stored: Promise<unknown>,
  answer: (result: unknown) => Response,
): Promise<Response> {
  const late = Promise.withResolvers<Response>();
  using _deadline = startTimer(waitDeadlineMs, () =>
    late.resolve(refuse(c, 504, "not-stored-yet", "accepted, and will be stored, but not within the deadline")),
  );
  const settled = stored.then(answer, (error: unknown) => {
    const interrupted = error instanceof InterruptedError;
    return refuse(
      c,
      500,
      interrupted ? "interrupted" : "not-stored",
      error instanceof Error ? error.message : "unknown",
    );
  });
  return Promise.race([settled, late.promise]);
}

/** The graph that holds the episode. The real service looks in its base graph only, and so deletes nothing. */
async function findGroup(database: Database, uuid: string, groupId: string | undefined): Promise<string | undefined> {
  if (groupId !== undefined) return groupIdSchema.safeParse(groupId).data;
  return database.use(async (connection) => {
    for (const graph of await connection.graphs()) {
      const found = await hasEpisode(connection, graph, uuid).catch((error: unknown) => {
        if (isMissingGraph(error)) return false;
        throw error;
      });
      if (found) return graph;
    }
    return undefined;
  });
}
