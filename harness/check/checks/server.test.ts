import { expect, test } from "vitest";
import { judgeAll } from "../judge.ts";
import { sampleExpectation, madeObservation, otherSum } from "../testing/sample-observation.ts";
import type { Observation } from "../observation.ts";
import { observationSchema } from "../observation-schema.ts";
import type { ServerState } from "../server-state.ts";

function observation(role: "source" | "target", change: (server: ServerState, all: Observation) => void): Observation {
  return madeObservation((_, all) => {
    all.role = role;
    if (all.server !== undefined) change(all.server, all);
  });
}

const source = observation("source", () => {});

function codesOf(change: (server: ServerState, all: Observation) => void): string[] {
  return judgeAll(sampleExpectation, observation("target", change), source).findings.map(({ code }) => code);
}

/** What is wrong with the restored server, and the codes that follow. */
const faults: Record<string, [string[], (server: ServerState, all: Observation) => void]> = {
  "it is a replica": [["target-is-replica"], (server) => void (server.role = "slave")],
  "it refuses writes": [
    ["target-refuses-writes"],
    (server) => void (server.write = { taken: false, error: "NOREPLICAS" }),
  ],
  "no write was tried": [["target-write-not-tried"], (server) => void delete server.write],
  "a limit was left on it": [
    ["target-setting-differs"],
    (server) => void Object.assign(server.moduleSettings ?? {}, { RESULTSET_SIZE: "10000" }),
  ],
  "a user of the restore was left on it": [
    ["user-unexpected"],
    (server) => void Object.assign(server.users ?? {}, { backdoor: otherSum }),
  ],
  "a graph expires": [
    ["key-differs"],
    (server) => void Object.assign(server, { graphExpiries: { "0/team": "32503680000000" } }),
  ],
  "it saves into another file than it loads": [
    ["target-setting-differs"],
    (server) => void Object.assign(server.settings ?? {}, { dbfilename: "restored.rdb" }),
  ],
  "a setting that the restore needed was left on it": [
    ["target-setting-differs"],
    (server) => void Object.assign(server.moduleSettings ?? {}, { EFFECTS_THRESHOLD: "0" }),
  ],
  "it wants replicas before it takes writes": [
    ["target-setting-differs"],
    (server) => void Object.assign(server.settings ?? {}, { "min-replicas-to-write": "1" }),
  ],
  "all settings are gone": [
    ["target-setting-differs", "target-setting-differs", "target-setting-differs", "target-setting-differs"],
    (server) => {
      delete server.settings;
      delete server.moduleSettings;
    },
  ],
  "all other keys are gone": [
    ["key-missing", "key-count-differs"],
    (server) => void (server.keys = { count: 0, items: [] }),
  ],
  "a key has another value": [
    ["key-differs"],
    ({
      keys: {
        items: [key],
      },
    }) => void Object.assign(key ?? {}, { digest: otherSum }),
  ],
  "a key goes by itself that did not": [
    ["key-differs"],
    ({
      keys: {
        items: [key],
      },
    }) => void Object.assign(key ?? {}, { expires: true }),
  ],
  "a key is too many": [
    ["key-unexpected", "key-count-differs"],
    ({ keys }) => {
      keys.count += 1;
      keys.items.push({ database: 1, key: "more", type: "hash", digest: otherSum, expires: false });
    },
  ],
  "all functions are gone": [["function-missing"], (server) => void (server.functions = {})],
  "a function has other code": [["function-differs"], (server) => void (server.functions = { lib: otherSum })],
  "all graph functions are gone": [["graph-function-missing"], (server) => void (server.graphFunctions = {})],
  "a graph function is too many": [
    ["graph-function-unexpected"],
    (server) => void Object.assign(server.graphFunctions, { more: otherSum }),
  ],
  "its state was not read": [["server-not-observed"], (_, all) => void delete all.server],
};

test.each(Object.entries(faults))("a restored server is judged: %s", (_, [codes, change]) => {
  expect(codesOf(change)).toEqual(codes);
});

test("settings of the location, and keys that expire, may differ", () => {
  expect(codesOf((server) => void Object.assign(server.settings ?? {}, { port: "2" }))).toEqual([]);
  const expiring = structuredClone(source);
  for (const key of expiring.server?.keys.items ?? []) key.expires = true;
  const gone = observation("target", (server) => void (server.keys = { count: 0, items: [] }));
  expect(judgeAll(sampleExpectation, gone, expiring).findings).toEqual([]);
});

test.each([
  ["a minute later", 60_000, []],
  ["a day later", 86_400_000, ["key-differs"]],
  ["an hour earlier", -3_600_000, ["key-differs"]],
] as const)("judges when a key expires: %s", (_, laterMs, codes) => {
  const expiring = (role: "source" | "target", expiresAtMs: number): Observation =>
    observation(role, ({ keys }) => keys.items.forEach((key) => Object.assign(key, { expires: true, expiresAtMs })));
  const { findings } = judgeAll(sampleExpectation, expiring("target", 1e12 + laterMs), expiring("source", 1e12));
  expect(findings.map(({ code }) => code)).toEqual(codes);
});

test("ignores the settings of an engine that replaces the user's server; the rest is judged", () => {
  const change = (server: NonNullable<Observation["server"]>): void => {
    server.isStandIn = true;
    Object.assign(server.moduleSettings ?? {}, { TIMEOUT_MAX: "7" });
  };
  expect(codesOf(change)).toEqual([]);
  expect(codesOf((server) => (change(server), void (server.role = "slave")))).toEqual(["target-is-replica"]);
});

test("every setting, key and function of the source has to be what it was", () => {
  const later = observation("source", (server) => {
    Object.assign(server.settings ?? {}, { port: "2" });
    Object.assign(server.moduleSettings ?? {}, { TIMEOUT_MAX: "7" });
    server.functions = {};
    server.keys.items.push({ database: 0, key: "left", type: "string", digest: otherSum, expires: false });
  });
  const { findings } = judgeAll(sampleExpectation, later, source);
  expect(new Set(findings.map(({ code }) => code))).toEqual(new Set(["source-changed"]));
  expect(findings.map(({ evidence }) => evidence["aspect"])).toEqual([
    "setting port",
    "setting TIMEOUT_MAX",
    "function lib",
    "key 0/left",
  ]);
  const unread = observation("source", (_, all) => void delete all.server);
  expect(judgeAll(sampleExpectation, unread, source).findings.length).toBeGreaterThan(5);
});

test("an observation of a version that did not look at the server is still read, and not judged by it", () => {
  const { server: _, ...old } = source;
  const observed = observationSchema.parse({ ...old, role: "target" });
  expect(judgeAll(sampleExpectation, observed, observationSchema.parse(old)).findings).toEqual([]);
});
