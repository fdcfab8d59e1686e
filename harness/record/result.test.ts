import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { judgeDrill, judgeScenario, scenarioResultSchema, type StoredFinding } from "./result.ts";
import { readResult } from "./run-directory.ts";

const finding = (code: string, severity: StoredFinding["severity"] = "error"): StoredFinding => ({
  code,
  severity,
  subject: "s",
  message: "m",
  evidence: {},
});

describe("the verdict of a scenario", () => {
  it.each([
    ["no finding", [], "pass", "pass"],
    ["a warning only", [finding("odd", "warning")], "pass", "pass"],
    ["wrong data", [finding("node-changed")], "fail", "dataWrong"],
    ["not recovered", [finding("not-recovered")], "fail", "notRecovered"],
    ["too slow", [finding("too-slow")], "fail", "notRecovered"],
    ["a missed objective", [finding("objective-missed")], "fail", "objectiveMissed"],
    ["wrong data and too slow", [finding("too-slow"), finding("node-changed")], "fail", "dataWrong"],
    ["a broken assumption", [finding("assumption-source-differs")], "inconclusive", "inconclusive"],
    [
      "wrong data by a broken oracle",
      [finding("assumption-source-differs"), finding("node-changed")],
      "inconclusive",
      "inconclusive",
    ],
    ["total loss, so that nothing was compared", [finding("no-witness"), finding("node-missing")], "fail", "dataWrong"],
    [
      "wrong data under slow writers",
      [finding("assumption-writers-too-slow"), finding("write-lost")],
      "fail",
      "dataWrong",
    ],
    ["wrong data, then a fault of ours", [finding("node-missing"), finding("internal-error")], "fail", "dataWrong"],
    ["wrong data, then Ctrl-C", [finding("node-missing"), finding("interrupted")], "fail", "dataWrong"],
    ["not recovered on a poor machine", [finding("environment"), finding("not-recovered")], "fail", "notRecovered"],
    ["no environment, so no evidence", [finding("environment"), finding("no-witness")], "inconclusive", "environment"],
    ["a code of another version", [finding("a-later-code")], "fail", "dataWrong"],
    ["a code whose role is another", [{ ...finding("moment-before-backup"), class: "usage" }], "inconclusive", "usage"],
    ["no evidence", [finding("no-witness")], "inconclusive", "inconclusive"],
    ["an internal error", [finding("internal-error")], "inconclusive", "internal"],
    ["no environment", [finding("environment")], "inconclusive", "environment"],
    ["Ctrl-C", [finding("interrupted"), finding("internal-error")], "inconclusive", "interrupted"],
  ] as const)("%s", (_name, findings, verdict, exit) => {
    expect(judgeScenario(findings)).toEqual({ verdict, exit });
  });
});

describe("the verdict of a drill", () => {
  const result = (
    verdict: "pass" | "fail" | "inconclusive",
    exit: Parameters<typeof judgeDrill>[0][number]["exit"],
  ) => ({
    verdict,
    exit,
  });
  it("is inconclusive when nothing ran", () => {
    expect(judgeDrill([])).toEqual({ verdict: "inconclusive", exitCode: 13 });
  });
  it("passes only when every scenario passes", () => {
    expect(judgeDrill([result("pass", "pass"), result("pass", "pass")])).toEqual({ verdict: "pass", exitCode: 0 });
    expect(judgeDrill([result("pass", "pass"), result("inconclusive", "inconclusive")])).toEqual({
      verdict: "inconclusive",
      exitCode: 13,
    });
  });
  it("takes the lowest of 10..13, whatever else happened", () => {
    const all = [result("inconclusive", "inconclusive"), result("fail", "notRecovered"), result("fail", "dataWrong")];
    expect(judgeDrill(all)).toEqual({ verdict: "fail", exitCode: 10 });
    expect(judgeDrill([result("inconclusive", "internal"), result("fail", "objectiveMissed")]).exitCode).toBe(12);
    expect(judgeDrill([result("inconclusive", "internal")]).exitCode).toBe(1);
    expect(judgeDrill([result("inconclusive", "environment")]).exitCode).toBe(14);
    expect(judgeDrill([result("inconclusive", "interrupted"), result("pass", "pass")]).exitCode).toBe(130);
    expect(judgeDrill([result("inconclusive", "interrupted"), result("fail", "dataWrong")]).exitCode).toBe(10);
  });
});

const storedScenario = {
  id: "cycle/full",
  title: "It comes back",
  verdict: "pass",
  exit: "pass",
  durationMs: 1,
  findings: [],
  witnesses: {},
  metrics: {},
  phases: [],
  notCovered: [],
  judged: [],
  replay: "falkordrill run",
} as const;

it.each<[string, object, string | undefined]>([
  ["a time of nothing", { metrics: { rtoMs: 0 } }, undefined],
  ["a share below zero", { metrics: { writeCostShare: -0.01 } }, undefined],
  ["a time below zero", { metrics: { rtoMs: -1 } }, "rtoMs"],
  ["no metrics", { metrics: null }, "metrics"],
  ["a count below zero", { witnesses: { nodesCompared: -1 } }, "nodesCompared"],
])("a stored result with %s", (_, change, wrongAt) => {
  const { error } = scenarioResultSchema.safeParse({ ...storedScenario, ...change });
  expect(error?.issues.map(({ path }) => path.at(-1))).toEqual(wrongAt === undefined ? undefined : [wrongAt]);
});

it("reads a result of schemaVersion 1 by the names of today", async () => {
  const folder = mkdtempSync(join(tmpdir(), "falkordrill-result-"));
  const scenario = {
    id: "concurrent/restore-under-writers",
    title: "Writes are refused during a restore",
    verdict: "pass",
    exit: "pass",
    durationMs: 9120,
    findings: [],
    witnesses: { nodesCompared: 500, knocksTurnedAway: 41, knocksAcknowledged: 17 },
    metrics: { rtoMs: 812, knocksInDoubt: 2 },
    phases: [],
    notCovered: [],
    replay: "falkordrill run",
  };
  const result = { schemaVersion: 1, verdict: "pass", seed: 1, exitCode: 0, replay: "falkordrill run" };
  writeFileSync(join(folder, "result.json"), JSON.stringify({ ...result, scenarios: [scenario] }));
  const { scenarios } = await readResult(folder);
  rmSync(folder, { recursive: true });
  expect(scenarios[0]).toEqual({
    ...scenario,
    witnesses: { nodesCompared: 500, writesRefusedDuringRestore: 41, writesAcknowledgedDuringRestore: 17 },
    metrics: { rtoMs: 812, writesUnknownDuringRestore: 2 },
  });
});
