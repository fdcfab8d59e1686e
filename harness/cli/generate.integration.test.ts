// `falkordrill generate` as a user runs it.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { exitCodes } from "../base/errors.ts";
import { embeddedEngines } from "../engine/embedded.ts";
import { connect } from "../falkordb/client/connection.ts";
import { main } from "./main.ts";

let out = "";
let err = "";
beforeEach(() => {
  out = "";
  err = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    out += String(text);
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    err += String(text);
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());

test("without a server it prints the shape next to the measured one", async () => {
  expect(await main(["generate", "--nodes", "2k"])).toBe(exitCodes.pass);
  expect(out).toMatch(/^ +generated +measured A +measured B\n/);
  expect(out).toMatch(/Episodic +840 +686 +59\n/);
});

test("--json prints one document with the same numbers", async () => {
  expect(await main(["generate", "--nodes", "2k", "--shape", "large", "--seed", "7", "--json"])).toBe(exitCodes.pass);
  const document = JSON.parse(out) as { options: { seed: number }; statistics: { labels: Record<string, number> } };
  expect(document.options.seed).toBe(7);
  expect(document.statistics.labels["Episodic"]).toBe(600);
});

test("it loads, says what it loaded, and overwrites nothing", async () => {
  await using engine = await embeddedEngines().start({ name: "generate" });
  const { host, port, username = "", password = "" } = engine.endpoint;
  const url = `redis://${username}:${password}@${host}:${port}`;
  const args = ["generate", "--nodes", "500", "--dims", "8", "--url", url];
  expect(await main(args)).toBe(exitCodes.pass);
  expect(out).toMatch(/^loaded 500 nodes and 1,\d+ edges in 1 graph in /);
  await using connection = await connect(engine.endpoint);
  expect((await connection.roQuery("main", "MATCH (n) RETURN count(n)")).rows).toEqual([[500]]);
  expect(await main(args)).toBe(exitCodes.usage);
  expect(err).toContain('there is already a graph or key named "main"; nothing was loaded');
});

test.each([
  [["--shape", "tiny"], "--shape tiny is not known; it takes personal, team, large, tenants"],
  [["--variant", "dirt"], "Did you mean dirty?"],
  [["--nodes", "0"], "--nodes 0 is out of range"],
  [["--nodes", "many"], '"many" is not a count'],
  [["--dims", "-1"], "--dims -1 is out of range"],
  [["--seed", "1.5"], "--seed 1.5 is out of range"],
  [["--url", "http://localhost"], 'it begins with "http:"'],
  [["--nodez", "1k"], "unknown option"],
])("%o is a clear error", async (args, message) => {
  expect(await main(["generate", ...args])).toBe(exitCodes.usage);
  expect(err).toContain(message);
  expect(out).toBe("");
});

test("a server that does not answer is named", async () => {
  expect(await main(["generate", "--nodes", "10", "--url", "redis://127.0.0.1:7299"])).toBe(exitCodes.environment);
  expect(err).toContain("127.0.0.1:7299");
});
