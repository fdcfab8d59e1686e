import { describe, expect, test } from "vitest";
import { DrillError } from "../base/errors.ts";
import { parseEngineUrl } from "./external.ts";

describe("the URL of an external engine", () => {
  test.each([
    ["redis://db.example:7000", { host: "db.example", port: 7000 }],
    ["redis://db.example", { host: "db.example", port: 6379 }],
    ["redis://me:p%40ss@10.0.0.1:1", { host: "10.0.0.1", port: 1, username: "me", password: "p@ss" }],
    ["redis://:secret@[::1]:7000/0", { host: "::1", port: 7000, password: "secret" }],
  ])("%s", (text, endpoint) => {
    expect(parseEngineUrl(text)).toEqual(endpoint);
  });

  test.each([
    ["localhost", "cannot be read; expected redis://[user:password@]host:port"],
    ["http://db:7000", "begins with redis:, not with http:"],
    ["redis://", "names no host"],
    ["redis://db:7000/3", 'names database "3"'],
    ["redis://db:port", "cannot be read"],
  ])("%s is refused as usage", (text, message) => {
    const parse = (): unknown => parseEngineUrl(text);
    expect(parse).toThrow(DrillError);
    expect(parse).toThrow(message);
    expect(parse).toThrow(expect.objectContaining({ exit: "usage" }));
  });
});
