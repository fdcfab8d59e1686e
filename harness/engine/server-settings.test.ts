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
  ["RESULTSET_SIZE", "is not a setting such as"],
  ["RESULT_SIZE=1", "has no such argument"],
  ["dir=/", "a drill sets that itself"],
])("refuses %s", (text, message) => {
  expect(() => parseServerSettings([text])).toThrow(message);
});

it("refuses a TIMEOUT with which no server starts", () => {
  expect(() => parseServerSettings(["TIMEOUT=1", "TIMEOUT_MAX=2"])).toThrow("beside TIMEOUT_MAX");
});
