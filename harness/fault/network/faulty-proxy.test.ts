// Every kind of network fault against a real echo server: what passes, what the client sees, and that it is recorded.
import { once } from "node:events";
import net, { type AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Draw } from "../../../generators/random.ts";
import { systemClock } from "../../base/clock.ts";
import { endedBy } from "../../base/deadline.ts";
import { type FaultyProxy, faultyProxy } from "./faulty-proxy.ts";
import { describeNetworkFault, drawNetworkFault, networkKinds, type NetworkFault } from "./network-fault.ts";

const echo = net.createServer({ allowHalfOpen: true }, (socket) => socket.on("error", () => {}).pipe(socket));
let to: { readonly host: string; readonly port: number };

beforeAll(async () => {
  echo.listen(0, "127.0.0.1");
  await once(echo, "listening");
  to = { host: "127.0.0.1", port: (echo.address() as AddressInfo).port };
});
afterAll(() => void echo.close());

interface Said {
  readonly bytes: number;
  readonly end: "end" | "reset" | "silence";
  readonly ms: number;
}

const text = Buffer.alloc(1000, "x");
/** How long a client waits that expects nothing. */
const shortMs = 100;

/** Sends 1000 bytes and an end through the proxy, and says what came back. */
async function converse({ port }: FaultyProxy, patienceMs = 5000): Promise<Said> {
  const client = net.connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  let bytes = 0;
  let end: Said["end"] = "end";
  client.on("data", (chunk: Buffer) => (bytes += chunk.length));
  client.on("error", () => (end = "reset"));
  client.end(text);
  const startMs = systemClock.monotonicMs();
  const closed = new Promise((resolve) => client.on("end", resolve).on("close", resolve));
  await endedBy(closed, AbortSignal.timeout(patienceMs), 0).catch(() => (end = "silence"));
  client.destroy();
  return { bytes, end, ms: systemClock.monotonicMs() - startMs };
}

const second = { connection: 2, direction: "answer", atByte: 600 } as const;

describe("a proxy with a fault", () => {
  it.each<[NetworkFault, Partial<Said>, number]>([
    [{ kind: "reset", ...second }, { bytes: 600, end: "reset" }, 0],
    [{ kind: "cut", ...second }, { bytes: 600, end: "end" }, 0],
    [{ kind: "half-open", ...second }, { bytes: 600, end: "silence" }, 0],
    [{ kind: "stall", ...second, ms: 50 }, { bytes: 1000, end: "end" }, 45],
    [{ kind: "delay", ...second, ms: 50 }, { bytes: 1000, end: "end" }, 45],
    [{ kind: "throttle", ...second, bytesPerSecond: 8000 }, { bytes: 1000, end: "end" }, 45],
    [{ kind: "cut", ...second, direction: "request", atByte: 0 }, { bytes: 0, end: "end" }, 0],
  ])("harms the second connection with $kind at that byte, and no other", async (fault, expected, leastMs) => {
    await using proxy = await faultyProxy(to, [fault]);
    const record = { fault: `network-${fault.kind}`, detail: fault };
    expect(await converse(proxy)).toMatchObject({ bytes: 1000, end: "end" });
    expect(proxy.records()).toEqual([{ ...record, fired: false }]);
    const said = await converse(proxy, expected.end === "silence" ? shortMs : undefined);
    expect(said).toMatchObject(expected);
    expect(said.ms).toBeGreaterThan(leastMs);
    expect(proxy.records()).toEqual([{ ...record, fired: true }]);
    expect(await converse(proxy)).toMatchObject({ bytes: 1000, end: "end" });
  });

  it("harms every connection once it is injected without a number, until it recovers", async () => {
    await using proxy = await faultyProxy(to);
    proxy.inject({ kind: "half-open", direction: "answer", atByte: 0 });
    expect([await converse(proxy, shortMs), await converse(proxy, shortMs)]).toMatchObject([
      { bytes: 0 },
      { bytes: 0 },
    ]);
    proxy.recover();
    expect(await converse(proxy)).toMatchObject({ bytes: 1000, end: "end" });
    expect(proxy.traffic()).toEqual([
      { request: 0, answer: 0 },
      { request: 0, answer: 0 },
      { request: 1000, answer: 1000 },
    ]);
  });

  it("passes a reset of the server on to the client", async () => {
    const rude = net.createServer((socket) => void socket.once("data", () => socket.resetAndDestroy()));
    rude.listen(0, "127.0.0.1");
    await once(rude, "listening");
    await using proxy = await faultyProxy({ host: "127.0.0.1", port: (rude.address() as AddressInfo).port });
    expect(await converse(proxy)).toMatchObject({ bytes: 0, end: "reset" });
    rude.close();
  });
});

it("a seed gives the same schedule again, and another seed another one", () => {
  const traffic = [1, 2, 3].map((number) => ({ request: number * 100, answer: number * 100_000 }));
  const schedule = (seed: number): readonly string[] =>
    networkKinds.map((kind) => describeNetworkFault(drawNetworkFault(new Draw(seed, kind), kind, traffic)));
  expect(schedule(7)).toEqual(schedule(7));
  expect(schedule(7)).not.toEqual(schedule(8));
  expect(describeNetworkFault({ kind: "stall", ms: 9, connection: 2, direction: "answer", atByte: 70 })).toBe(
    "stall of 9 ms of connection 2 after byte 70 of its answers",
  );
});
