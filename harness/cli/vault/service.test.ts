// `vault backup` with a wrong service: it says so and ends before it has touched, or even asked, the database.
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { packageRoot } from "../../base/package.ts";
import { adminPaths } from "../../service/contract.ts";

const folder = mkdtempSync(join(tmpdir(), "falkordrill-service-"));
const tokenFile = join(folder, "token");
writeFileSync(tokenFile, "secret-of-the-test", { mode: 0o600 });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bin = join(packageRoot(), "bin", "falkordrill.js");
/** Nothing listens on port 1: a call to the database would fail with a different error. */
const common = ["vault", "backup", "--vault", join(folder, "none"), "--url", "redis://127.0.0.1:1"];

function backup(more: readonly string[], stdin = ""): Promise<{ code: number; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [bin, ...common, ...more], { cwd: folder }, (error, _, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stderr }),
    );
    child.stdin?.end(stdin);
  });
}

async function against(status: number, body: string): Promise<{ url: string } & AsyncDisposable> {
  const server = createServer((request, response) => {
    response.writeHead(request.url === adminPaths.status ? status : 500);
    response.end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: stop };
}

it.each([
  ["a wrong token", 403, '{"error":"wrong-token","message":"no"}', "refused the admin token (403): no"],
  ["a page", 200, "<html>", "answered 200 with something that is not the /admin contract"],
  ["another service", 404, "not found", "speaks something else than the /admin contract"],
])("%s ends it before anything is touched", { timeout: 30_000 }, async (_, status, body, message) => {
  await using service = await against(status, body);
  const { code, stderr } = await backup(["--service", service.url, "--service-token-file", tokenFile]);
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  expect(stderr).not.toContain("secret-of-the-test");
});

it.each([
  ["nothing on stdin", "", ["--service-stdin"], "--service-stdin got something else on stdin"],
  ["a secret that is not JSON", "secret-of-the-test", ["--service-stdin"], "expected one line of JSON on stdin"],
  ["both ways", "{}", ["--service-stdin", "--service", "http://x"], "brings its own URL and token"],
  ["no token", "", ["--service", "http://127.0.0.1:1"], "--service needs its token"],
])("rejects %s with the reason", { timeout: 30_000 }, async (_, stdin, flags, message) => {
  const { code, stderr } = await backup(flags, stdin);
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  expect(stderr).not.toContain("secret-of-the-test");
});
