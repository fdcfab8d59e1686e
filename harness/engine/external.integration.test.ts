import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isNightly } from "../base/testing/nightly.ts";
import { address, type Endpoint, parseServerUrl, serverUrl } from "../base/endpoint.ts";
import { DrillError } from "../base/errors.ts";
import { connect } from "../falkordb/client/connection.ts";
import { engineConformance } from "./testing/conformance.ts";
import { embeddedEngines } from "./embedded.ts";
import type { Engine } from "./engine.ts";
import { externalEngines } from "./external.ts";
import { freePort } from "../base/process/ports.ts";

let somebodys: Engine;

function urlOf(endpoint: Endpoint): string {
  return serverUrl(endpoint, { withPassword: true });
}

async function refusal(url: string): Promise<DrillError> {
  const provider = externalEngines({ endpoint: parseServerUrl(url) });
  const error: unknown = await provider.start().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DrillError);
  expect(await provider.unavailable()).toContain((error as DrillError).message);
  return error as DrillError;
}

beforeAll(async () => {
  somebodys = await embeddedEngines().start({ name: "somebodys" });
});

afterAll(async () => {
  await somebodys[Symbol.asyncDispose]();
});

describe("external engine", () => {
  engineConformance({
    provider: () => externalEngines({ endpoint: somebodys.endpoint }),
    can: { processes: false, files: false },
    onlyLaunch: true,
  });

  test("refuses what only the one who started it can do, and names it", async () => {
    await using engine = await externalEngines({ endpoint: somebodys.endpoint }).start();
    const name = address(somebodys.endpoint);
    for (const action of ["kill", "pause", "resume", "stop", "restart"] as const) {
      await expect(engine[action]()).rejects.toThrow(`the external engine at ${name} cannot be`);
    }
    const fromFile = externalEngines({ endpoint: somebodys.endpoint }).start({ rdb: "any.rdb" });
    await expect(fromFile).rejects.toThrow("cannot be started from a file");
  });

  test("is emptied only with consent that names it", async () => {
    const url = urlOf(somebodys.endpoint);
    await using connection = await connect(somebodys.endpoint);
    await connection.query("precious", "CREATE ()");
    await using careful = await externalEngines({ endpoint: parseServerUrl(url) }).start();
    await expect(careful.wipe()).rejects.toThrow("no consent was given");
    await using mistaken = await externalEngines({ endpoint: parseServerUrl(url), wipeConsent: "127.0.0.1:1" }).start();
    await expect(mistaken.wipe()).rejects.toThrow('the consent names "127.0.0.1:1"');
    expect(await connection.graphs()).toEqual(["precious"]);
    await using meant = await externalEngines({
      endpoint: parseServerUrl(url),
      wipeConsent: address(somebodys.endpoint),
    }).start();
    await meant.wipe();
    expect(await connection.graphs()).toEqual([]);
  });

  test("a port without a listener", async () => {
    const port = await freePort();
    const error = await refusal(`redis://127.0.0.1:${port}`);
    expect(error.exit).toBe("environment");
    expect(error.message).toBe(
      `cannot connect to FalkorDB at 127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}`,
    );
  });

  test("a missing and a wrong password, which no message repeats", async () => {
    const { host, port } = somebodys.endpoint;
    const missing = await refusal(`redis://${host}:${port}`);
    expect(missing.message).toContain("NOAUTH");
    expect(missing.hint).toBe("Give the password with --password-file.");
    const wrong = await refusal(`redis://:sesame-open@${host}:${port}`);
    expect(wrong.message).toContain("WRONGPASS");
    expect(JSON.stringify([wrong.message, wrong.hint, String(wrong.cause)])).not.toContain("sesame-open");
  });

  test("a replica", async () => {
    await using replica = await embeddedEngines().start();
    await using connection = await connect(replica.endpoint);
    await connection.command("REPLICAOF", "127.0.0.1", String(somebodys.endpoint.port));
    const error = await refusal(urlOf(replica.endpoint));
    expect(error.message).toContain(`is a replica of 127.0.0.1:${somebodys.endpoint.port}`);
  });

  test("a server that is not a FalkorDB", async () => {
    const server = createServer((socket) => {
      socket.on("data", (data) => {
        const text = data.toString();
        socket.write(text.includes("PING") ? "+PONG\r\n" : text.includes("MODULE") ? "*0\r\n" : "+OK\r\n");
      });
    });
    const port = await freePort();
    await new Promise<void>((resolve) => {
      server.listen(port, "127.0.0.1", resolve);
    });
    const error = await refusal(`redis://127.0.0.1:${port}`);
    expect(error.message).toBe(`the server at 127.0.0.1:${port} is not a FalkorDB: it has no graph module`);
    server.close();
  });

  test.runIf(isNightly)("a server that takes the connection and says nothing", async () => {
    const server = createServer(() => {});
    const port = await freePort();
    await new Promise<void>((resolve) => {
      server.listen(port, "127.0.0.1", resolve);
    });
    const start = externalEngines({ endpoint: { host: "127.0.0.1", port, password: "password" } }).start();
    await expect(start).rejects.toThrow(`cannot connect to FalkorDB at 127.0.0.1:${port}: no answer within 5000 ms`);
    server.close();
  });
});
