import { expect, it } from "vitest";
import type { Engine, StartOptions } from "./engine.ts";
import { parseServerSettings, withSettings } from "./server-settings.ts";

it("gives arguments to the module and settings to redis, and a scenario's own win", async () => {
  const started: StartOptions[] = [];
  const provider = withSettings(
    {
      kind: "embedded",
      unavailable: () => Promise.resolve(undefined),
      start: (options = {}) => {
        started.push(options);
        return Promise.resolve({} as Engine);
      },
    },
    parseServerSettings(["RESULTSET_SIZE=10000", "appendonly=yes", "save=3600 1"]),
  );
  await provider.start({ name: "source", redisConfig: { appendonly: "no" } });
  expect(started).toEqual([
    { name: "source", moduleArgs: { RESULTSET_SIZE: "10000" }, redisConfig: { appendonly: "no", save: "3600 1" } },
  ]);
});

it.each([
  ["nope=1", "# Unresolved Configuration(s) Detected:\n8087:M 29 Nov # >>> 'nope 1'\n8087:M # aborting"],
  [
    "maxmemory=much",
    "*** FATAL CONFIG FILE ERROR (Redis 8.2.3) ***\nReading the configuration file, at line 9\n>>> 'maxmemory \"much\"'\nargument must be a memory value",
  ],
])("names the setting %s with which no server starts", async (setting, log) => {
  const failure = new Error(`engine "source" exited; its log ends:\n${log}`);
  const start = (): Promise<Engine> => Promise.reject(failure);
  const engines = { kind: "embedded", unavailable: () => Promise.resolve(undefined), start } as const;
  const named = { exit: "usage", message: expect.stringContaining(`--server ${setting}:`) as string };
  await expect(withSettings(engines, parseServerSettings([setting])).start()).rejects.toMatchObject(named);
  await expect(withSettings(engines, parseServerSettings(["save=1 1"])).start()).rejects.toBe(failure);
});

it.each([
  ["RESULTSET_SIZE", "is not a setting such as"],
  ["RESULT_SIZE=1", "has no such argument"],
  ["dir=/", "a drill sets that itself"],
])("refuses %s", (text, message) => {
  expect(() => parseServerSettings([text])).toThrow(message);
});

it("refuses a TIMEOUT with which no server starts", () => {
  expect(() => parseServerSettings(["TIMEOUT=1", "TIMEOUT_MAX=2"])).toThrow("together with TIMEOUT_MAX");
});
