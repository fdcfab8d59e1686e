// Who may start a command from a page, and what a start leaves: asked over HTTP, as a browser and as somebody else would.
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { privateFolder } from "../../base/process/reaper.ts";
import { isNightly } from "../../base/testing/nightly.ts";
import { waitFor } from "../../base/wait.ts";
import { verifyAuditLog } from "../../service/server/coordination/audit-log.ts";
import { type SampleSite, sampleSite, sampleToken } from "../testing/sample-site.ts";
import type { OperateCommand } from "./commands.ts";
import { Operations } from "./operations.ts";

const operateToken = "fedcba9876543210-who-may-start";
const form = "application/x-www-form-urlencoded";
const resources = new AsyncDisposableStack();
let site: SampleSite;
let folder: string;
let operations: Operations;
const sockets: Socket[] = [];

/** A server that takes connections and never answers, so that a backup of it goes on until it is ended. */
async function silentServer(): Promise<string> {
  const server = createServer((socket) => sockets.push(socket.on("error", () => {})));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  resources.defer(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `redis://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  folder = resources.use(await privateFolder("operate")).path;
  const url = await silentServer();
  const backup = (name: string): OperateCommand => ({
    name,
    kind: "backup",
    words: ["vault", "backup", "--vault", site.vault, "--keys", site.keyring.folder, "--url", url],
  });
  const drill: OperateCommand = { name: "list drills", kind: "drill", words: ["run", "--list"] };
  const commands: OperateCommand[] = [drill];
  operations = resources.use(await Operations.open({ folder, cwd: folder, commands }));
  const app = { operate: { operations, token: operateToken } };
  site = resources.use(await sampleSite({ logs: [operations.outputs] }, app));
  commands.push(backup("nightly"), backup("other"));
});
afterAll(() => resources.disposeAsync());

interface Answer {
  readonly status: number;
  readonly to: string | null;
  readonly text: string;
}

async function ask(path: string, cookie = "", post?: Record<string, string>, headers = {}): Promise<Answer> {
  const answer = await fetch(`${site.url}${path}`, {
    redirect: "manual",
    headers: { accept: "text/html", cookie, ...(post && { "content-type": form, origin: site.url }), ...headers },
    ...(post && { method: "POST", body: new URLSearchParams(post).toString() }),
  });
  return { status: answer.status, to: answer.headers.get("location"), text: await answer.text() };
}

async function signIn(token: string): Promise<string> {
  const answer = await fetch(`${site.url}/login`, {
    method: "POST",
    redirect: "manual",
    headers: { "content-type": form, origin: site.url },
    body: new URLSearchParams({ token, to: "/operate" }).toString(),
  });
  return answer.headers.get("set-cookie")?.split(";")[0] ?? "";
}

/** What the question before a start gives away. */
async function codeFor(cookie: string, command: string): Promise<string> {
  const { text } = await ask(`/operate/confirm?${new URLSearchParams({ command }).toString()}`, cookie);
  return /name="code" value="([0-9a-f]{32})"/.exec(text)?.[1] ?? "";
}

async function start(cookie: string, command: string): Promise<Answer> {
  return await ask("/operate/start", cookie, { command, code: await codeFor(cookie, command) });
}

interface Entry {
  readonly event: string;
  readonly detail: Readonly<Record<string, string>>;
}

async function recorded(of: string = folder): Promise<readonly Entry[]> {
  const lines = (await readFile(join(of, "audit.jsonl"), "utf8")).trim().split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Entry);
}

const events = async (): Promise<readonly string[]> => (await recorded()).map(({ event }) => event);

describe("starting a command from a page", () => {
  it("is not for a caller without a token, nor for one that may read", async () => {
    const post = { command: "list drills", code: "0".repeat(32) };
    expect(await ask("/operate", "")).toMatchObject({ status: 303, to: "/login?to=%2Foperate" });
    expect(await ask("/operate/start", "", post)).toMatchObject({ status: 401 });
    expect(await ask("/operate/start", "falkordrill_session=forged", post)).toMatchObject({ status: 401 });
    const reader = await signIn(sampleToken);
    for (const path of ["/operate", "/operate/confirm?command=list+drills"]) {
      const { status, text } = await ask(path, reader);
      expect([status, text.includes("list drills")]).toEqual([403, false]);
    }
    expect((await ask("/", reader)).text).not.toContain('href="/operate"');
    expect(await ask("/operate/start", reader, post)).toMatchObject({ status: 403 });
    for (const token of [sampleToken, operateToken]) {
      const bearer = { authorization: `Bearer ${token}` };
      expect(await ask("/operate/start", "", post, bearer)).toMatchObject({ status: 403 });
    }
    expect(await events()).toEqual([]);
  });

  it("is not for another site, and takes the answer to a question that this session was asked, once", async () => {
    const operator = await signIn(operateToken);
    const code = await codeFor(operator, "list drills");
    const post = { command: "list drills", code };
    for (const headers of [
      { origin: "https://evil.example" },
      { origin: "null", "sec-fetch-site": "cross-site" },
      { origin: "", "sec-fetch-site": "same-site" },
    ])
      expect(await ask("/operate/start", operator, post, headers)).toMatchObject({ status: 403 });
    const other = await signIn(operateToken);
    expect(await ask("/operate/start", other, post)).toMatchObject({ status: 409 });
    expect(await ask("/operate/start", operator, { command: "nightly", code })).toMatchObject({ status: 409 });
    expect(await ask("/operate/start", operator, { command: "vault prune", code })).toMatchObject({ status: 404 });
    expect(await ask("/operate/start", operator, { command: "list drills" })).toMatchObject({ status: 409 });
    expect(await events()).toEqual(["signed-in", "signed-in"]);
    expect(await ask("/operate/start", operator, post)).toMatchObject({ status: 303 });
    expect(await ask("/operate/start", operator, post)).toMatchObject({ status: 409 });
  });

  it.runIf(isNightly)(
    "runs one of a kind at a time, to the end that a stop of the monitor gives it, and records all of it",
    async () => {
      const before = (await recorded()).length;
      const operator = await signIn(operateToken);
      const { status, to } = await start(operator, "nightly");
      expect([status, to]).toEqual([303, expect.stringMatching(/^\/log\?file=logs%2F0%2F[\w-]+-backup\.log$/)]);
      const isConnected = (): true | undefined => sockets.length > 0 || undefined;
      await waitFor(isConnected, { what: "the backup to ask its server", timeoutMs: 60_000 });
      const page = await ask("/operate", operator);
      expect(page.text).toMatch(/aria-label="Start: other"\s+disabled/);
      expect(page.text).toContain("running");
      expect(await start(operator, "other")).toMatchObject({ status: 409 });
      const ending = operations[Symbol.asyncDispose]();
      // The drill of another test may end meanwhile.
      const own = (await recorded()).slice(before).filter(({ detail }) => detail["name"] !== "list drills");
      const [signedIn, started, refused] = own;
      expect(started?.detail).toMatchObject({ ...signedIn?.detail, kind: "backup", name: "nightly" });
      expect(started?.detail["command"]).toContain("falkordrill vault backup --vault");
      expect(refused?.detail).toMatchObject({ name: "other", why: "another backup runs" });
      const output = (): Promise<string> => readFile(join(operations.outputs, started?.detail["output"] ?? ""), "utf8");
      const isAsked = async (): Promise<true | undefined> => (await output()).includes("SIGINT: stopping") || undefined;
      await waitFor(isAsked, { what: "the backup to be asked to end", timeoutMs: 60_000 });
      // What it waits for, it then waits for no longer.
      for (const socket of sockets) socket.destroy();
      await ending;
      expect(await output()).toMatch(/^falkordrill vault backup [^]*\nstopped, as the monitor was: /);
      const last = (await recorded()).at(-1);
      expect(last?.event).toBe("ended");
      expect(last?.detail["how"]).toMatch(/^stopped, as the monitor was: ended with exit code \d+/);
      expect(await verifyAuditLog(join(folder, "audit.jsonl"))).toMatchObject({ problem: undefined });
      expect(JSON.stringify(await recorded())).not.toContain(operateToken);
    },
  );

  it("records what a killed monitor left unended, is for one monitor a folder, and not in a log that was changed", async () => {
    await using own = await privateFolder("operate");
    const open = (): Promise<Operations> => Operations.open({ folder: own.path, cwd: own.path, commands: [] });
    const first = await open();
    await expect(open()).rejects.toThrow("another monitor uses");
    await first.note("started", { session: "s", address: "a" });
    await first[Symbol.asyncDispose]();
    const again = await open();
    await again[Symbol.asyncDispose]();
    expect((await recorded(own.path)).map(({ event }) => event)).toEqual(["started", "ended"]);
    const path = join(own.path, "audit.jsonl");
    await writeFile(path, (await readFile(path, "utf8")).replace('"address":"a"', '"address":"b"'));
    await expect(open()).rejects.toThrow("is broken at line 1");
  });
});
