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
import { falkordrill } from "../testing/command-line.ts";

const folder = mkdtempSync(join(tmpdir(), "falkordrill-service-"));
const tokenFile = join(folder, "token");
writeFileSync(tokenFile, "secret-of-the-test", { mode: 0o600 });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bin = join(packageRoot(), "bin", "falkordrill.js");
/** Nothing listens on port 1: a call to the database would fail with a different error. */
const common = ["vault", "backup", "--vault", join(folder, "none"), "--url", "redis://127.0.0.1:1"];

/** In a process of its own, which has a stdin of its own. */
function backupWith(stdin: string): Promise<{ code: number; stderr: string }> {
  return new Promise((resolve) => {
    const args = [bin, ...common, "--service-stdin"];
    const child = execFile(process.execPath, args, { cwd: folder }, (error, _, stderr) =>
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
])("%s ends it before anything is touched", { timeout: 120_000 }, async (_, status, body, message) => {
  await using service = await against(status, body);
  const { code, stderr } = await falkordrill(
    [...common, "--service", service.url, "--service-token-file", tokenFile],
    folder,
  );
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  expect(stderr).not.toContain("secret-of-the-test");
});

it.each([
  ["both ways", ["--service-stdin", "--service", "http://x"], "brings its own URL and token"],
  ["no token", ["--service", "http://127.0.0.1:1"], "--service needs its token"],
])("rejects %s with the reason", { timeout: 120_000 }, async (_, flags, message) => {
  const { code, stderr } = await falkordrill([...common, ...flags], folder);
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
});

it.each([
  ["nothing", "", "--service-stdin got something else on stdin"],
  ["a secret that is not JSON", "secret-of-the-test", "expected one line of JSON on stdin"],
])("rejects %s on stdin with the reason", { timeout: 120_000 }, async (_, stdin, message) => {
  const { code, stderr } = await backupWith(stdin);
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  expect(stderr).not.toContain("secret-of-the-test");
});
