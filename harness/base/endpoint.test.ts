import { describe, expect, it } from "vitest";
import { address, type Endpoint, parseServerUrl, serverUrl } from "./endpoint.ts";
import { DrillError } from "./errors.ts";

const odd = "p@s:/s%?#w ö";
const encoded = encodeURIComponent(odd);

describe("parseServerUrl", () => {
  it.each([
    ["redis://db.example:7000", { host: "db.example", port: 7000 }],
    ["redis://db.example", { host: "db.example", port: 6379 }],
    ["REDIS://db.example:/", { host: "db.example", port: 6379 }],
    [`redis://me:${encoded}@10.0.0.1:1`, { host: "10.0.0.1", port: 1, username: "me", password: odd }],
    ["redis://a%40b:p@q:r@10.0.0.1:1", { host: "10.0.0.1", port: 1, username: "a@b", password: "p@q:r" }],
    ["redis://:secret@[::1]:7000/0", { host: "::1", port: 7000, password: "secret" }],
    ["redis://me@db", { host: "db", port: 6379, username: "me", password: "" }],
    ["rediss://db:6380", { host: "db", port: 6380, tls: {} }],
    [
      "rediss://db?tls-ca=%2Fa%20b.pem&tls-server-name=x.y",
      { host: "db", port: 6379, tls: { ca: "/a b.pem", serverName: "x.y" } },
    ],
    ["unix:///run/falkor.sock", { host: "localhost", port: 0, path: "/run/falkor.sock" }],
    [
      `redis+unix://me:${encoded}@/run/a%20b.sock`,
      { host: "localhost", port: 0, path: "/run/a b.sock", username: "me", password: odd },
    ],
  ])("reads %s, and writes it the same, with a user beside a password", (text, endpoint: Endpoint) => {
    expect(parseServerUrl(text)).toEqual(endpoint);
    const username = endpoint.username ?? "default";
    const named = endpoint.password === undefined ? endpoint : { ...endpoint, username };
    expect(parseServerUrl(serverUrl(endpoint, { withPassword: true }))).toEqual(named);
  });

  it("prefers what flags give to what the URL holds", () => {
    const tls = { ca: "/ca.pem", cert: "/c.pem", key: "/k.pem" };
    expect(parseServerUrl("rediss://me:old@db?tls-ca=/old.pem", { password: "new", tls })).toEqual({
      host: "db",
      port: 6379,
      username: "me",
      password: "new",
      tls,
    });
  });

  it.each([
    ["localhost", "it cannot be read"],
    ["http://db:7000", 'it begins with "http:"'],
    ["redis://", "it names no host"],
    ["redis://db:port", "its host and port cannot be read"],
    ["redis://db:70000", "its port 70000"],
    ["redis://db:7000/3", 'it names the database "3"'],
    ["redis://db?db=3", 'unknown parameter "db"'],
    ["redis://db?tls-ca=/ca.pem", "need a URL that begins with rediss:"],
    ["rediss://db?tls-cert=/c.pem", "needs its key"],
    ["unix://run/falkor.sock", "path of the socket"],
    ["redis://me:p%zz@db", "a % that begins no encoded character"],
    ["redis://me:sesame/open@db", "a character that must be encoded"],
    ["me:sesame@db:1", "it cannot be read"],
  ])("refuses %s as usage, without its password", (text, message) => {
    const refused = (() => {
      try {
        return parseServerUrl(text);
      } catch (error) {
        return error;
      }
    })();
    expect(refused).toBeInstanceOf(DrillError);
    expect(refused).toMatchObject({ exit: "usage", message: expect.stringContaining(message) as string });
    expect(String(refused)).not.toMatch(/sesame|p%zz/);
  });
});

describe("address", () => {
  it("names a server so that it can be read again", () => {
    expect(address({ host: "db", port: 1 })).toBe("db:1");
    expect(address({ host: "::1", port: 1 })).toBe("[::1]:1");
    expect(address({ host: "localhost", port: 0, path: "/a.sock" })).toBe("/a.sock");
  });
});
