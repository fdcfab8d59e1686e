// The loss of the source is recorded as it was observed, and writers cannot refill a server that was flushed.
import { once } from "node:events";
import net from "node:net";
import { expect, it } from "vitest";
import type { Engine } from "../../engine/engine.ts";
import { RequestParser } from "../../falkordb/replication/replication-requests.ts";
import { ScenarioRecord } from "../../record/record.ts";
import type { RunDirectory } from "../../record/run-directory.ts";
import type { Drill } from "../drill.ts";
import { killAndWipe } from "./break-it.ts";
import type { CycleSetup } from "./prepare.ts";
import type { Workload } from "./work.ts";

/** A server as far as the look at it goes: it says which process it is, and whether it holds keys. */
async function serve(
  holdsKeys: () => boolean,
): Promise<{ readonly port: number; readonly close: () => Promise<void> }> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    const parser = new RequestParser();
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk: Buffer) => {
      for (const [name = "", section] of parser.push(chunk)) {
        const keyspace = holdsKeys() ? "db0:keys=1,expires=0\r\n" : "";
        const info = section === "keyspace" ? keyspace : "process_id:7\r\nloading:0\r\n";
        socket.write(name.toUpperCase() === "INFO" ? `$${info.length}\r\n${info}\r\n` : "+OK\r\n");
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return { port: (server.address() as net.AddressInfo).port, close };
}

interface Case {
  readonly kind: Engine["kind"];
  readonly killDoesNothing?: boolean;
  readonly wipeDoesNothing?: boolean;
  readonly isEmpty?: boolean;
}

async function lose({ kind, killDoesNothing, wipeDoesNothing, isEmpty = false }: Case): Promise<unknown[]> {
  let [holds, isWriting] = [!isEmpty, true];
  const server = await serve(() => holds);
  const order: string[] = [];
  const faults: { fault: string; fired: boolean }[] = [];
  const append = (file: string, line: unknown): void =>
    void (file === "faults.jsonl" && faults.push(line as (typeof faults)[number]));
  const directory = { append } as unknown as RunDirectory;
  const source = {
    kind,
    endpoint: { host: "127.0.0.1", port: server.port },
    kill: async () => {
      order.push("killed");
      if (killDoesNothing !== true) await server.close();
    },
    wipe: () => {
      order.push("wiped");
      // Whoever still writes makes its graph again at once.
      if (wipeDoesNothing !== true) holds = isWriting;
      return Promise.resolve();
    },
  } as unknown as Engine;
  const stop = (): Promise<undefined> => {
    order.push("writers stopped");
    isWriting = false;
    return Promise.resolve(undefined);
  };
  const record = new ScenarioRecord("cycle/any", directory);
  const drill = { id: record.id, record, directory } as unknown as Drill;
  await killAndWipe(drill, { source } as unknown as CycleSetup, { stop } as unknown as Workload);
  if (kind === "external" || killDoesNothing === true) await server.close();
  const [{ fault, fired } = { fault: "none", fired: false }] = faults;
  return [order, fault, fired, record.result().findings.map(({ code }) => code)];
}

const killed = ["killed", "wiped", "writers stopped"];
const flushed = ["writers stopped", "wiped"];
const notFired = ["assumption-fault-did-not-fire"];

it.each<[string, Case, unknown[]]>([
  ["a server of the drill is killed under its writers", { kind: "embedded" }, [killed, "kill-and-wipe", true, []]],
  [
    "a server that survives its kill was not lost",
    { kind: "embedded", killDoesNothing: true },
    [killed, "kill-and-wipe", false, notFired],
  ],
  ["an external server is flushed once nobody writes", { kind: "external" }, [flushed, "flush", true, []]],
  [
    "an external server that still holds keys was not lost",
    { kind: "external", wipeDoesNothing: true },
    [flushed, "flush", false, notFired],
  ],
  [
    "an external server that held nothing lost nothing",
    { kind: "external", isEmpty: true },
    [flushed, "flush", false, notFired],
  ],
])("%s", async (_, made, expected) => {
  expect(await lose(made)).toEqual(expected);
});
