// What a store that misbehaves answers, over a real connection, and what becomes of it.
import { hash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../../base/clock.ts";
import { DrillError } from "../../../base/errors.ts";
import type { Store } from "../store.ts";
import { openBucket } from "./s3-bucket.ts";
import { s3Store } from "./s3-store.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
let answers: Answer[] = [];
let seen: string[] = [];
/** The last answer is given again and again. */
const server = createServer((request, response) => {
  seen.push(`${request.method ?? ""} ${request.url ?? ""}`);
  request.resume().on("end", () => (answers.length > 1 ? answers.shift() : answers[0])?.(request, response));
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
const place = {
  bucket: "backups",
  prefix: "graph",
  endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  credentials: { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "do-not-show-this" },
};
const store: Store = s3Store(openBucket(place, { attempts: 2, silenceMs: 500 }));
beforeEach(() => {
  seen = [];
});

const error =
  (status: number, code: string, more = "", headers: Readonly<Record<string, string>> = {}): Answer =>
  (_, response) =>
    response
      .writeHead(status, { "content-type": "application/xml", ...headers })
      .end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>so said the store</Message>${more}</Error>`);
const html =
  (status: number): Answer =>
  (_, response) =>
    response.writeHead(status).end("<html><h1>Hello</h1></html>");
const silent: Answer = () => {};
const reset: Answer = (request) => request.socket.destroy();
const body =
  (text: string, { cut = false, sha256 = hash("sha256", text) } = {}): Answer =>
  (request, response) => {
    response.writeHead(200, { "content-length": text.length, "x-amz-meta-sha256": sha256 });
    if (!cut) response.end(text);
    else response.write(text.slice(0, 2), () => request.socket.destroy());
  };
/** A store that confirms an upload as most do, by the MD5 that it was told. */
const stored: Answer = (request, response) => {
  const md5 = Buffer.from(String(request.headers["content-md5"]), "base64").toString("hex");
  response.writeHead(200, { etag: `"${md5}"` }).end();
};

const failureOf = async (work: Promise<unknown>): Promise<DrillError> => {
  const failure = await work.then(
    () => new Error("it passed"),
    (thrown: unknown) => thrown,
  );
  if (failure instanceof DrillError) return failure;
  throw failure;
};

describe("a store that refuses or fails", () => {
  const region = { "x-amz-bucket-region": "eu-west-3" };
  it.each([
    ["no such bucket", error(404, "NoSuchBucket"), "usage", "NoSuchBucket", "Create the bucket"],
    ["another region", error(301, "PermanentRedirect", "", region), "usage", "301", "--region eu-west-3"],
    [
      "a region signed for in error",
      error(400, "AuthorizationHeaderMalformed", "<Region>eu-west-3</Region>"),
      "usage",
      "400",
      "--region eu-west-3",
    ],
    ["a clock that is wrong", error(403, "RequestTimeTooSkewed"), "environment", "403", "set this machine's clock"],
    ["expired credentials", error(400, "ExpiredToken"), "environment", "ExpiredToken", "have expired"],
    ["unknown credentials", error(403, "InvalidAccessKeyId"), "environment", "403", "does not know these credentials"],
    ["a wrong secret", error(403, "SignatureDoesNotMatch"), "environment", "403", "does not know these credentials"],
    ["no permission", error(403, "AccessDenied"), "environment", "403 AccessDenied", "s3:PutObject"],
    ["a full bucket", error(403, "QuotaExceeded"), "environment", "403 QuotaExceeded", "Raise the quota"],
    ["a full disk", error(507, "InsufficientStorage"), "environment", "507", "Raise the quota"],
    [
      "too many requests",
      error(503, "SlowDown"),
      "environment",
      "503 SlowDown, so said the store (2 attempts)",
      "later",
    ],
    ["a 500 without end", error(500, "InternalError"), "environment", "(2 attempts)", "later"],
    ["a page of a web server", html(404), "environment", "404", "Check --endpoint"],
    ["a connection that breaks", reset, "environment", "(2 attempts)", "Check --endpoint"],
    ["no answer", silent, "environment", "(2 attempts)", "Check --endpoint"],
  ] as const)("%s", async (_, answer, exit, said, next) => {
    answers = [answer];
    const failure = await failureOf(store.put("a/b", Buffer.from("hello")));
    expect(failure.exit).toBe(exit);
    expect(failure.message).toContain(`s3://backups/graph at ${place.endpoint}: PutObject graph/a/b failed: `);
    expect(failure.message).toContain(said);
    expect(failure.hint).toContain(next);
    expect(`${failure.message}${failure.hint ?? ""}`).not.toContain("do-not-show-this");
  });

  it("does not look like an empty place where it is no S3 store at all", async () => {
    answers = [html(404)];
    await expect(store.get("vault.json")).rejects.toThrow("GetObject graph/vault.json failed: 404");
    answers = [html(200)];
    await expect(store.list("backups/")).rejects.toThrow("ListObjectsV2 graph/backups/ failed");
  });

  it("is asked with the region of the environment, and with any where there is none", async () => {
    const regions: unknown[] = [];
    const signed: Answer = (request, response) => {
      regions.push(/\/([\w-]+)\/s3\/aws4_request/.exec(String(request.headers.authorization))?.[1]);
      stored(request, response);
    };
    answers = [signed];
    for (const region of ["fr-par", undefined]) {
      vi.stubEnv("AWS_REGION", region);
      await s3Store(openBucket(place)).put("a", Buffer.from("x"));
    }
    vi.unstubAllEnvs();
    expect(regions).toEqual(["fr-par", "us-east-1"]);
  });

  it("is tried again when it asks for that, and not before", async () => {
    const busy = error(503, "SlowDown", "", { "retry-after": "1" });
    answers = [busy, stored];
    const startedMs = systemClock.monotonicMs();
    await store.put("a/b", Buffer.from("hello"));
    expect(seen).toHaveLength(2);
    // A timer may fire a millisecond or two early.
    expect(systemClock.monotonicMs() - startedMs).toBeGreaterThan(950);
  });

  it("is not asked for more of an object than belongs there", async () => {
    const ranges: unknown[] = [];
    answers = [
      ({ headers }, response) => {
        ranges.push(headers.range);
        response.writeHead(206, { "content-length": 8, "content-range": "bytes 0-7/1000" }).end("01234567");
      },
    ];
    await expect(store.get("a/b", 7)).rejects.toThrow("has 1000 bytes, and at most 7 belong there");
    expect(ranges).toEqual(["bytes=0-7"]);
  });
});

it("an upload in pieces that is interrupted ends at once, and what arrived of it is taken back", async () => {
  const interrupt = new AbortController();
  const begun: Answer = (_, response) =>
    response
      .writeHead(200)
      .end("<InitiateMultipartUploadResult><UploadId>u-1</UploadId></InitiateMultipartUploadResult>");
  const hangs: Answer = () => interrupt.abort(new Error("interrupted by SIGINT"));
  const gone: Answer = (_, response) => response.writeHead(204).end();
  answers = [begun, stored, hangs, gone];
  // With the deadlines of a user: without the interrupt it would go on for minutes.
  const usual = s3Store(openBucket(place));
  const startedMs = systemClock.monotonicMs();
  await expect(usual.put("large", Buffer.alloc(20 * 2 ** 20), interrupt.signal)).rejects.toThrow(
    "UploadPart graph/large",
  );
  expect(systemClock.monotonicMs() - startedMs).toBeLessThan(10_000);
  expect(seen.at(-1)).toMatch(/^DELETE \/backups\/graph\/large\?.*uploadId=u-1/);
});

describe("a store whose answers get lost or changed", () => {
  it("gives the whole object where the connection broke in the middle of it", async () => {
    answers = [body("hello", { cut: true }), body("hello")];
    expect((await store.get("a/b"))?.toString()).toBe("hello");
    answers = [body("hello", { cut: true })];
    await expect(store.get("a/b")).rejects.toThrow("GetObject graph/a/b failed: ");
  });

  it("gives no object that is larger than what belongs there, and none with other bytes", async () => {
    answers = [body("hello")];
    await expect(store.get("a/b", 4)).rejects.toThrow("a/b in s3://backups/graph");
    answers = [body("hello", { sha256: "0".repeat(64) })];
    const failure = await failureOf(store.get("a/b"));
    expect([failure.exit, failure.findingCode]).toEqual(["dataWrong", "object-damaged"]);
  });

  it("is asked what it holds where it does not confirm what it received", async () => {
    const unconfirmed: Answer = (_, response) => response.writeHead(200, { etag: '"of-an-encrypted-object"' }).end();
    answers = [unconfirmed, body("hello")];
    await store.put("a/b", Buffer.from("hello"));
    answers = [unconfirmed, body("hellO")];
    await expect(store.put("a/b", Buffer.from("hello"))).rejects.toThrow("does not hold the bytes of a/b");
  });

  it("has created the object where only the answer was lost, and not where another process did", async () => {
    let token = "";
    const lost: Answer = (request) => {
      token = String(request.headers["x-amz-meta-put"]);
      request.socket.destroy();
    };
    const taken = error(412, "PreconditionFailed");
    const found =
      (isOurs: boolean): Answer =>
      (_, response) =>
        response.writeHead(200, { "x-amz-meta-put": isOurs ? token : "another" }).end();
    const gone: Answer = (_, response) => response.writeHead(204).end();
    const conditional = s3Store(openBucket(place, { attempts: 2 }));
    // Measured first: put, refused put, delete.
    answers = [stored, taken, gone, lost, taken, found(true), lost, taken, found(false), taken];
    expect(await conditional.putIfAbsent("a/b", Buffer.from("x"))).toBe(true);
    expect(await conditional.putIfAbsent("a/b", Buffer.from("x"))).toBe(false);
    expect(await conditional.putIfAbsent("a/b", Buffer.from("x"))).toBe(false);
  });
});
