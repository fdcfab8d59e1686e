import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import { adminPaths } from "../../contract.ts";
import { adminAccess, assertTokens } from "./admin-access.ts";

const token = "admin-token-0123456789";
const tokens = { read: "read-token-0123456789", pause: "pause-token-0123456789", trigger: "trigger-token-01234567" };

function service(): {
  call: (path: string, given?: string) => Promise<number>;
  noted: string[];
  pass: (ms: number) => void;
} {
  let nowMs = 0;
  const noted: string[] = [];
  const app = new Hono();
  const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs };
  app.use("/admin/*", adminAccess({ token, tokens, clock, note: (path) => noted.push(path) }));
  app.all("*", (c) => c.text("done"));
  return {
    noted,
    call: async (path, given) => {
      const headers = given === undefined ? {} : { authorization: `Bearer ${given}` };
      return (await app.request(path, { headers })).status;
    },
    pass: (ms) => {
      nowMs += ms;
    },
  };
}

describe("access to the /admin endpoints", () => {
  const { pause, resume, status, trigger } = adminPaths;

  it.each([
    ["admin", token, { [pause]: 200, [resume]: 200, [status]: 200, [trigger]: 200 }],
    ["read", tokens.read, { [pause]: 403, [resume]: 403, [status]: 200, [trigger]: 403 }],
    ["pause", tokens.pause, { [pause]: 200, [resume]: 200, [status]: 200, [trigger]: 403 }],
    ["trigger", tokens.trigger, { [pause]: 403, [resume]: 403, [status]: 200, [trigger]: 200 }],
    ["unknown", "another-token-0123456789", { [pause]: 403, [resume]: 403, [status]: 403, [trigger]: 403 }],
    ["missing", undefined, { [pause]: 401, [resume]: 401, [status]: 401, [trigger]: 401 }],
  ])("of the %s token", async (_, given, expected) => {
    const { call } = service();
    for (const [path, answer] of Object.entries(expected))
      expect([path, await call(path, given)]).toEqual([path, answer]);
  });

  it("limits callers without a token, who keep nobody else out", async () => {
    const { call, noted, pass } = service();
    const answers = await Promise.all(Array.from({ length: 30 }, () => call(pause, "guessed-token-0123456789")));
    expect(answers.filter((answer) => answer === 403)).toHaveLength(10);
    expect(answers.filter((answer) => answer === 429)).toHaveLength(20);
    expect(noted).toEqual([pause]);
    expect(await call(pause, tokens.pause)).toBe(200);
    pass(1000);
    expect(await call(pause, "guessed-token-0123456789")).toBe(403);
  });

  it("limits callers with a token", async () => {
    const { call } = service();
    const answers = await Promise.all(Array.from({ length: 501 }, () => call(status, tokens.read)));
    expect(answers.filter((answer) => answer === 429)).toHaveLength(1);
  });

  it.each([
    ["short", { pause: "short" }, "too short"],
    ["used twice", { pause: token }, "used twice"],
  ])("refuses a scoped token that is %s", (_, wrong, message) => {
    expect(() => assertTokens(token, wrong)).toThrow(message);
  });
});
