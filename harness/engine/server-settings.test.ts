import { expect, it } from "vitest";
import type { DrillError } from "../base/errors.ts";
import type { Engine, EngineProvider, StartOptions } from "./engine.ts";
import { checkTogether, parseServerSettings, withSettings } from "./server-settings.ts";

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
  ["port=1", "a drill sets that itself"],
  ["dbfilename=../x.rdb", "expected a file name"],
  ["dir=data", "expected an absolute path"],
])("refuses %s", (text, message) => {
  expect(() => parseServerSettings([text])).toThrow(message);
});

it.each([
  ["RESULT_SET_SIZE=1", "Did you mean RESULTSET_SIZE?"],
  ["resultset-size=1", "Did you mean RESULTSET_SIZE, of the graph module?"],
  ["APPENDONLY=yes", "Did you mean appendonly?"],
])("names the nearest setting for %s", (text, hint) => {
  expect(hintOf(() => parseServerSettings([text]))).toContain(hint);
});

function hintOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return (error as DrillError).hint;
  }
}

it("takes a setting of redis in any case, as redis does", () => {
  expect(parseServerSettings(["AppendOnly=yes", "timeout=60"])).toEqual({ appendonly: "yes", timeout: "60" });
});

it("takes a folder for servers in containers only", () => {
  const engines = (kind: EngineProvider["kind"]): EngineProvider => ({
    kind,
    unavailable: () => Promise.resolve(undefined),
    start: () => Promise.resolve({} as Engine),
  });
  const settings = parseServerSettings(["dir=/data"]);
  expect(withSettings(engines("container"), settings).kind).toBe("container");
  expect(() => withSettings(engines("embedded"), settings)).toThrow("--server dir");
});

it("refuses a TIMEOUT with which no server starts", () => {
  expect(() => parseServerSettings(["TIMEOUT=1", "TIMEOUT_MAX=2"])).toThrow("together with TIMEOUT_MAX");
  expect(() => checkTogether({ TIMEOUT: "1", TIMEOUT_DEFAULT: "2" })).toThrow("together with TIMEOUT_MAX");
});
