// Our own service keeps its contract; and a service that breaks one rule of it is told so. The broken ones are a proxy
// before the real one that changes a request or an answer.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { afterAll, beforeAll, expect, it } from "vitest";
import { examineContract } from "../examine-contract.ts";
import { adminToken, setUp, type Setup } from "./testing/graph-service-kit.ts";

let setup: Setup;
beforeAll(async () => {
  setup = await setUp();
});
afterAll(() => setup[Symbol.asyncDispose]());

interface Call {
  readonly path: string;
  readonly authorization: string;
  readonly body: Record<string, unknown>;
}
interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}
interface Fault {
  readonly patienceMs?: number;
  readonly ask?: (call: Call) => Call;
  readonly answer?: (answer: Answer, call: Call) => Answer;
}

async function broken({
  ask = (call) => call,
  answer = (given) => given,
  patienceMs,
}: Fault): Promise<readonly string[]> {
  const server = createServer((request, response) => {
    const relay = async (): Promise<void> => {
      const isPost = request.method === "POST";
      const body = isPost ? ((await json(request)) as Call["body"]) : {};
      const call = ask({ path: request.url ?? "", authorization: request.headers.authorization ?? "", body });
      const came = await fetch(new URL(call.path, setup.service.url), {
        method: request.method ?? "GET",
        headers: { authorization: call.authorization, "content-type": "application/json" },
        ...(isPost ? { body: JSON.stringify(call.body) } : {}),
      });
      const said = answer({ status: came.status, body: (await came.json()) as Answer["body"] }, call);
      response.writeHead(said.status, { "content-type": "application/json" });
      response.end(JSON.stringify(said.body));
    };
    relay().catch((error: unknown) => response.destroy(error as Error));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const report = await examineContract({ url, token: adminToken }, AbortSignal.timeout(60_000), patienceMs);
    return report.broken.map(({ rule }) => rule);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

it("our own service keeps every rule", async () => {
  const { url } = setup.service;
  const report = await examineContract({ url, token: adminToken }, AbortSignal.timeout(60_000));
  expect(report).toEqual({ rulesTried: 16, broken: [] });
});

const isPause = ({ path }: Call): boolean => path === "/admin/pause-writes";
const isResume = ({ path }: Call): boolean => path === "/admin/resume-writes";
const isStatus = ({ path }: Call): boolean => path === "/admin/backup-status";
const lease = { leaseId: "never-given", expiresAt: "2030-01-01T00:00:00.000Z", drainMs: 0 };
const ended = (answer: Answer): Answer => ({
  ...answer,
  body: { writes: { state: "open", inFlight: 0 }, backup: { state: "none" } },
});
let firstEnd: unknown;

it.each<[string, Fault, string[]]>([
  [
    "lets anybody pause",
    { ask: (call) => ({ ...call, authorization: `Bearer ${adminToken}` }) },
    ["a pause without a token is refused", "a pause with a wrong token is refused"],
  ],
  [
    "takes any length",
    {
      ask: (call) => ({ ...call, body: call.body["leaseMs"] === "soon" ? { ...call.body, leaseMs: 900 } : call.body }),
    },
    ["a pause without a length in milliseconds is refused"],
  ],
  [
    "gives two leases at once",
    { answer: (given, call) => (isPause(call) && given.status === 409 ? { status: 200, body: lease } : given) },
    ["a second pause is refused with 409"],
  ],
  [
    "resumes for any lease",
    {
      answer: (given, call) =>
        isResume(call) && given.status === 409 ? { status: 200, body: { resumed: true, pausedMs: 0 } } : given,
    },
    [
      "a resume with another lease is refused with 409",
      "a second resume of one lease is refused with 409",
      "a resume after the end of the lease is refused with 409",
    ],
  ],
  [
    "does not show its pause",
    { answer: (given, call) => (isStatus(call) ? ended(given) : given) },
    [
      "the status shows the pause",
      "the status names who holds the pause",
      "what was refused leaves the pause as it is",
    ],
  ],
  [
    "never lengthens a lease",
    {
      answer: (given, call) => {
        if (!isPause(call) || given.status !== 200) return given;
        if (call.body["leaseId"] === undefined) firstEnd = given.body["expiresAt"];
        return { ...given, body: { ...given.body, expiresAt: firstEnd } };
      },
    },
    ["a renewal moves the end of the lease"],
  ],
  [
    "never lets a lease end",
    {
      patienceMs: 1500,
      ask: (call) => ({ ...call, body: call.body["leaseMs"] === 500 ? { ...call.body, leaseMs: 60_000 } : call.body }),
    },
    ["a pause that nobody ends ends by itself"],
  ],
])("a service that %s is told so, and is left open", async (_, fault, rules) => {
  const found = await broken(fault);
  for (const rule of rules) expect(found).toContain(rule);
  expect(found.length).toBeLessThanOrEqual(rules.length + 1);
  expect((await setup.admin.status()).writes.state).toBe("open");
});
