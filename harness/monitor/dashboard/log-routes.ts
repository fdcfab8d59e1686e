// The lines of a log as server-sent events.
import type { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { refuse } from "../../service/server/http.ts";
import { followFile, tailId } from "./follow-file.ts";
import { type LogFolders, logOf } from "./log-files.ts";

const streamsMax = 50;
const reconnectMs = 500;

/** `stopping` ends all streams. */
export function addLogLines(app: Hono, folders: LogFolders, stopping: AbortSignal): void {
  let streams = 0;
  app.get("/log/lines", async (c) => {
    const { file: key = "", from } = c.req.query();
    const file = await logOf(folders, key);
    if (file === undefined) return refuse(c, 404, "no-log", `there is no log ${key}`);
    if (streams >= streamsMax)
      return refuse(c, 429, "too-many-requests", `at most ${streamsMax} logs are followed at once`);
    const fromId = c.req.header("last-event-id") ?? from ?? (await tailId(file.path));
    c.header("cache-control", "no-store");
    return streamSSE(c, async (stream) => {
      streams += 1;
      const gone = new AbortController();
      stream.onAbort(() => gone.abort());
      try {
        await stream.writeSSE({ event: "opened", data: "", retry: reconnectMs });
        for await (const { id, text } of followFile(file.path, fromId, AbortSignal.any([stopping, gone.signal])))
          await stream.writeSSE(text === undefined ? { id, event: "another", data: "" } : { id, data: text });
      } catch {
        // The file was removed. The browser asks again, and is told so.
      } finally {
        streams -= 1;
      }
    });
  });
}
