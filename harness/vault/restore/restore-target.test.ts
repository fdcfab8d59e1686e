// A target that cannot be restored into is named for what it is, before anything of it is changed.
import { expect, it } from "vitest";
import { silentProgress } from "../../base/progress.ts";
import type { Connection } from "../../falkordb/client/connection.ts";
import { leftIn } from "./left-restore.ts";
import type { RestoreJob } from "./load-job.ts";
import { examineTarget } from "./restore-target.ts";

const endpoint = { host: "127.0.0.1", port: 1 };
const unknown = (name: string): Error =>
  Object.assign(new Error(`ERR unknown command '${name}', with args beginning with: `), { name: "ReplyError" });

/** A server that loads for so many questions, and then turns out to have no graph module. */
function target(loads: number): Connection {
  let asked = 0;
  const known: Readonly<Record<string, unknown>> = { CONFIG: ["masterauth", "", "databases", "16"] };
  return {
    endpoint,
    info: () => Promise.resolve({ role: "master", loading: asked++ < loads ? "1" : "0" }),
    command: (name: string) => (name in known ? Promise.resolve(known[name]) : Promise.reject(unknown(name))),
    pipeline: () => Promise.resolve([]),
    graphs: () => Promise.reject(unknown("GRAPH.LIST")),
  } as unknown as Connection;
}

it("waits for a target that still loads data of its own, and then names one without the graph module", async () => {
  const notes: string[] = [];
  const progress = { ...silentProgress, note: (line: string) => void notes.push(line) };
  const job = { progress, signal: new AbortController().signal } as unknown as RestoreJob;
  await expect(examineTarget(target(2), job)).rejects.toMatchObject({
    exit: "environment",
    message: "127.0.0.1:1 is not a FalkorDB: it has no GRAPH.LIST",
    hint: "Its graph module is missing.",
  });
  expect(notes).toEqual(["127.0.0.1:1 is still loading data of its own; waiting for it"]);
});

it("Ctrl-C ends the wait for a target that loads", async () => {
  const controller = new AbortController();
  const progress = { ...silentProgress, note: () => controller.abort(new Error("Ctrl-C")) };
  const job = { progress, signal: controller.signal } as unknown as RestoreJob;
  await expect(examineTarget(target(1e6), job)).rejects.toThrow("Ctrl-C");
});

it("the mark of an earlier version says what that has changed, and seals nothing", () => {
  const left = leftIn("falkordrill-restore:TIMEOUT_MAX=1:0,10:0123:4567");
  expect(left).toEqual({ isReplaced: false, limits: [["TIMEOUT_MAX", 1]], gate: ["0", "10"], sealedAuth: "" });
});
