// The whole way over TLS and over a Unix socket.
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseServerUrl, type TlsSettings } from "../../base/endpoint.ts";
import { silentProgress } from "../../base/progress.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import type { Engine } from "../../engine/engine.ts";
import { privateFolder } from "../../base/process/reaper.ts";
import { serverOf } from "../../engine/server-at.ts";
import { connect } from "../../falkordb/client/connection.ts";
import { digestServer } from "../../observe/digest/server-digest.ts";
import { createBackup } from "./backup.ts";
import { backUpIncrement } from "../archive/increment.ts";
import { restoreBackup } from "../restore/restore.ts";
import { tlsFiles as files, tlsProxyOf } from "../testing/tls-proxy.ts";
import { testSource, type TestSource } from "../testing/test-source.ts";

const signal = new AbortController().signal;
const all = { coordinator: undefined, progress: silentProgress, signal };

let source: TestSource;

beforeAll(async () => {
  source = await testSource({ moduleArgs: { EFFECTS_THRESHOLD: "0" } });
});

afterAll(async () => {
  await source[Symbol.asyncDispose]();
});

test("a backup, an increment, a digest and a restore over TLS with a client certificate", async () => {
  await using target = await embeddedEngines().start({ name: "target" });
  await using toSource = await tlsProxyOf(source.source);
  await using toTarget = await tlsProxyOf(target);
  const secure = (engine: Engine, port: number): Engine =>
    serverOf(
      parseServerUrl(`rediss://127.0.0.1:${port}?tls-server-name=db.example`, {
        password: engine.endpoint.password,
        tls: files,
      }),
    );
  const context = await source.newVault();
  const from = secure(source.source, toSource.port);
  const { point } = await createBackup(context, { ...all, source: from });
  await source.connection.query("people", "UNWIND range(1, 100) AS i CREATE (:Person {id: 10000 + i})");
  await backUpIncrement(context, { ...all, source: from }, { noFull: true });
  const to = secure(target, toTarget.port);
  await restoreBackup(context, {
    ...all,
    point: point.id,
    at: "latest",
    way: "wire",
    engines: embeddedEngines(),
    target: to,
  });
  expect(await digestServer(to.endpoint, signal)).toEqual(await digestServer(from.endpoint, signal));

  // A missing or wrong file is reported, with the flag that fixes it.
  const refused = async (settings: TlsSettings): Promise<string> =>
    await connect({ host: "127.0.0.1", port: toSource.port, tls: settings }).then(
      () => "connected",
      (error: unknown) => String((error as { hint?: string }).hint),
    );
  expect(await refused({})).toContain("--tls-ca");
  expect(await refused({ ca: files.ca ?? "" })).toContain("--tls-server-name");
});

test("a restore into a server on a Unix socket", async () => {
  await using folder = await privateFolder("socket");
  const path = join(folder.path, "falkor db.sock");
  await using target = await embeddedEngines().start({ name: "target", redisConfig: { unixsocket: path } });
  const context = await source.newVault();
  const { point } = await createBackup(context, { ...all, source: source.source });
  const to = serverOf(parseServerUrl(`unix://${encodeURI(path)}`, { password: target.endpoint.password }));
  await restoreBackup(context, { ...all, point: point.id, way: "wire", engines: embeddedEngines(), target: to });
  expect(await digestServer(to.endpoint, signal)).toEqual(await digestServer(source.source.endpoint, signal));
});
