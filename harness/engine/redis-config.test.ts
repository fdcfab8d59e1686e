import { expect, test } from "vitest";
import { moduleArguments, redisConfiguration } from "./redis-config.ts";

test("limits are off unless a drill asks for them", () => {
  expect(moduleArguments({})).toEqual(
    "TIMEOUT_MAX 0 TIMEOUT_DEFAULT 0 RESULTSET_SIZE -1 QUERY_MEM_CAPACITY 0".split(" "),
  );
  expect(moduleArguments({ RESULTSET_SIZE: "10000", DELAY_INDEXING: "yes" })).toEqual(
    "TIMEOUT_MAX 0 TIMEOUT_DEFAULT 0 RESULTSET_SIZE 10000 QUERY_MEM_CAPACITY 0 DELAY_INDEXING yes".split(" "),
  );
});

test("a configuration that redis reads word by word", () => {
  const text = redisConfiguration({
    directives: { port: "7000", dir: '/tmp/a folder/with "quotes"' },
    redisConfig: { save: "3600 1 300 100", appendonly: "yes" },
    module: { path: "/opt/my modules/falkordb.so", args: {} },
  });
  expect(text.split("\n")).toEqual(
    expect.arrayContaining([
      "port 7000",
      String.raw`dir "/tmp/a folder/with \"quotes\""`,
      "save 3600 1 300 100",
      "appendonly yes",
      "enable-debug-command no",
      expect.stringMatching(/^loadmodule "\/opt\/my modules\/falkordb.so" TIMEOUT_MAX 0 /),
    ]),
  );
  expect(text.match(/^save /gm)).toHaveLength(1);
});

test("nothing is saved by itself", () => {
  expect(redisConfiguration({ directives: {}, redisConfig: {} })).toContain('save ""\n');
});
