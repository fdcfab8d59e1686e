import { expect, it } from "vitest";
import { DrillError, environmentError, usageError } from "../../base/errors.ts";
import { pace } from "../../base/timer.ts";
import type { EngineProvider } from "../../engine/engine.ts";
import { EngineHungError } from "../../falkordb/client/hang-watch.ts";
import { replyError } from "../../falkordb/client/reply.ts";
import { fromRestored } from "./blame.ts";
import { Callbacks } from "./callbacks.ts";
import { ScenarioDeadline } from "../run/scenario-deadline.ts";

const engines: EngineProvider = {
  kind: "embedded",
  unavailable: () => Promise.resolve(undefined),
  start: () => Promise.resolve({ [Symbol.asyncDispose]: () => Promise.resolve() } as never),
};
const { signal } = new AbortController();

async function read(reason: Error): Promise<unknown> {
  const failing = Promise.reject(reason);
  return await fromRestored({ engines, signal }, failing).catch((thrown: unknown) => thrown);
}

it.each([
  ["ERR Invalid graph operation on empty key"],
  ["WRONGTYPE Operation against a key holding the wrong kind of value"],
  ["LOADING FalkorDB is loading the dataset in memory"],
  ["NOAUTH Authentication required."],
  ["ERR unknown command 'GRAPH.RO_QUERY'"],
  ["Type mismatch: expected String or Null but was Integer"],
])("a restored server that answers %j is not what it was", async (answer) => {
  expect(await read(replyError(answer))).toMatchObject({ exit: "notRecovered" });
});

it.each([
  ["errMsg: Invalid input 'R': expected RETURN line: 1, column: 4, offset: 3"],
  ["ERR wrong number of arguments for 'graph.RO_QUERY' command"],
  ["ERR syntax error"],
  ["'y' not defined"],
  ["Missing parameters"],
])("a question that no server can answer is a fault of ours: %s", async (answer) => {
  expect(await read(replyError(answer))).toMatchObject({ exit: "internal" });
  const wrapped = new DrillError(`g: "MATCH" failed: ${answer}`, { exit: "inconclusive" });
  expect(await read(wrapped)).toMatchObject({ exit: "internal" });
  expect(await read(environmentError(`MATCH failed: ${answer}`))).toMatchObject({ exit: "internal" });
});

const lost = environmentError("lost the connection");
const hung = new EngineHungError("still for 5 s", { silentMs: 5000, threads: [], log: "" });
const byServer = { exit: "notRecovered", findingCode: "system-crashed-engine" };
it.each<[string, Error, object]>([
  ["a lost connection", lost, byServer],
  ["no answer that can be read", new DrillError("not read", { exit: "inconclusive" }), byServer],
  ["a server that hangs", hung, { exit: "notRecovered", findingCode: "engine-hung" }],
])("%s is the failure of the restored server", async (_, reason, failure) => {
  expect(await read(reason)).toMatchObject(failure);
});

it.each<[string, Error]>([
  ["an error of the user", usageError("no such file", "Name another.")],
  ["a mistake of the drill", new TypeError("undefined is not a function")],
])("%s stays what it is", async (_, reason) => {
  expect(await read(reason)).toBe(reason);
});

it("blames the machine where not even an empty engine starts", async () => {
  const none: EngineProvider = { ...engines, start: () => Promise.reject(new Error("no memory")) };
  const asked = (reason: Error): Promise<unknown> =>
    fromRestored({ engines: none, signal }, Promise.reject(reason)).catch((thrown: unknown) => thrown);
  expect(await asked(lost)).toBe(lost);
  expect(await asked(hung)).toBe(hung);
  expect(await asked(new DrillError("not read", { exit: "inconclusive" }))).toMatchObject(byServer);
});

it("blames the restored server for a query that hangs until the deadline, and no one for a query with little time", async () => {
  const never = new Promise<never>(() => {});
  const asked = async (limitMs: number): Promise<unknown> => {
    const controller = new AbortController();
    const reading = fromRestored({ engines, signal: controller.signal, graceMs: 1 }, never);
    reading.catch(() => {});
    await pace(20, signal);
    controller.abort(new ScenarioDeadline(limitMs));
    return await reading.catch((thrown: unknown) => thrown);
  };
  expect(await asked(60)).toMatchObject({ exit: "notRecovered", findingCode: "not-recovered" });
  expect(await asked(600_000)).toMatchObject({ exit: "inconclusive", findingCode: "assumption-deadline" });
});

it.each([
  ["swallows", (asked: Promise<void>) => asked.catch(() => {})],
  ["makes a failed verify of", (asked: Promise<void>) => asked.catch(() => Promise.reject(new Error("not verified")))],
  ["does not wait for", () => Promise.resolve()],
])("a fault of the drill's own code stays its own where the system %s it", async (_how, system) => {
  const ours = new TypeError("a mistake of the drill");
  const callbacks = new Callbacks();
  const prove = callbacks.wrap(() => Promise.reject(ours));
  await expect(callbacks.during(() => system(prove()))).rejects.toBe(ours);
});
