import { describe, expect, it } from "vitest";
import { decide } from "./decide.ts";
import type { RunEvidence } from "./evidence.ts";
import type { Policy } from "./policy.ts";
import { sampleEvidence, sampleFailure, sampleNowMs, sampleScenario } from "./testing/sample-evidence.ts";

const policy: Policy = { version: 1, name: "test", coverage: [{ scenarios: "cycle/full" }] };
const good = sampleEvidence([sampleScenario()]);

function judged(sections: Partial<Policy>, ...runs: RunEvidence[]): ReturnType<typeof decide> {
  return decide({ ...policy, coverage: undefined, ...sections }, runs, sampleNowMs);
}

describe("a decision", () => {
  it("is a go where every rule is met", () => {
    expect(decide(policy, [good], sampleNowMs)).toMatchObject({ decision: "go", exitCode: 0 });
  });

  it.each([
    ["wrong data", "property-differs", "no-go", 10],
    ["no recovery", "not-recovered", "no-go", 11],
    ["a missed objective of the scenario itself", "objective-missed", "no-go", 12],
    ["nothing checked", "no-witness", "inconclusive", 13],
    ["a machine that could not", "environment", "inconclusive", 13],
    ["an error of the harness", "internal-error", "inconclusive", 13],
    ["an interruption", "interrupted", "inconclusive", 13],
  ] as const)("with %s (%s) is %s, %i", (_, code, decision, exitCode) => {
    expect(judged({}, sampleEvidence([sampleFailure([code])]))).toMatchObject({ decision, exitCode });
  });

  it("takes the lowest exit code, and puts what decides first", () => {
    const run = sampleEvidence([
      sampleFailure(["no-witness"]),
      sampleFailure(["property-differs"], { id: "cycle/wire" }),
    ]);
    const decision = judged({ objectives: [{ scenarios: "cycle/full", rto: "1ms" }] }, run);
    expect(decision).toMatchObject({ decision: "no-go", exitCode: 10 });
    expect(decision.rules.map(({ exit }) => exit)).toEqual(["dataWrong", "objectiveMissed", "inconclusive"]);
  });

  it("without any run is inconclusive", () => {
    expect(judged({})).toMatchObject({ decision: "inconclusive", exitCode: 13 });
  });

  it("judges every run that is given: a good one does not make up for a bad one", () => {
    const bad = sampleEvidence([sampleFailure(["property-differs"])], { name: "night-2" });
    expect(decide(policy, [good, bad], sampleNowMs)).toMatchObject({ decision: "no-go", exitCode: 10 });
  });

  it("is inconclusive over one shard of two, and names the one that is not given", () => {
    const half = { ...good, replay: "falkordrill run --shard 1/2", shard: { index: 1, count: 2 } };
    const decision = judged({}, half);
    expect(decision).toMatchObject({ decision: "inconclusive", exitCode: 13 });
    expect(decision.rules[0]).toMatchObject({ scenario: "shard/2-of-2", replay: "falkordrill run --shard 2/2" });
    const other = { ...half, replay: "falkordrill run --shard 2/2", shard: { index: 2, count: 2 } };
    expect(judged({}, half, other).decision).toBe("go");
    // The other half of another commit's drill does not complete it.
    const foreign = { ...other, tool: { ...good.tool, commit: "f".repeat(40) } };
    expect(judged({}, half, foreign).decision).toBe("inconclusive");
  });

  it("leaves a replay command at everything that is not met", () => {
    const { rules } = judged({}, sampleEvidence([sampleFailure(["property-differs"])]));
    expect(rules[0]?.replay).toBe("falkordrill run cycle/full --seed 1");
  });
});

describe("coverage", () => {
  it("is unknown for what was not run, also by size", () => {
    const decision = judged({ coverage: [{ scenarios: ["cycle/full", "fault/*"], minNodes: "1m" }] }, good);
    expect(decision.rules.filter(({ rule }) => rule === "coverage")).toMatchObject([
      { status: "unknown", scenario: "cycle/full from 1m nodes", message: "was not run" },
      { status: "unknown", scenario: "fault/* from 1m nodes" },
    ]);
    expect(decision.exitCode).toBe(13);
  });

  it("counts different seeds, not repetitions of one", () => {
    const coverage = [{ scenarios: "cycle/full", seeds: 2 }];
    expect(judged({ coverage }, good, { ...good, name: "again" }).decision).toBe("inconclusive");
    const seeds = [sampleScenario({ id: "cycle/full@1" }), sampleScenario({ id: "cycle/full@2" })];
    expect(judged({ coverage }, sampleEvidence(seeds)).decision).toBe("go");
  });
});

describe("objectives", () => {
  it.each([
    [{ rto: "1s" }, "met", "900 ms", 0.1],
    [{ rto: "800ms" }, "missed", "900 ms", -0.125],
    [{ rpoWrites: 3 }, "met", "3", 0],
    [{ rpoWrites: 0 }, "missed", "3", -3],
    [{ rpoSpan: "200ms" }, "missed", "250 ms", -0.25],
    [{ storageSaving: "60%" }, "met", "65.0%", 0.083],
    [{ storageSaving: "70%" }, "missed", "65.0%", -0.071],
    [{ metrics: { operationalMs: { atMost: 1000 } } }, "missed", "1,500", -0.5],
    [{ metrics: { edges: { atLeast: 20_000 } } }, "met", "20,000", 0],
  ] as const)("%j is %s with %s", (limits, status, value, margin) => {
    const { rules, exitCode } = judged({ objectives: [{ scenarios: "cycle/*", ...limits }] }, good);
    const item = rules.find(({ rule }) => rule === "objectives");
    expect(item).toMatchObject({ status, value, margin, run: "night-1", scenario: "cycle/full" });
    expect(exitCode).toBe(status === "met" ? 0 : 12);
  });

  it("shows the worst of all results", () => {
    const slow = sampleScenario({ metrics: { ...sampleScenario().metrics, rtoMs: 5000 } });
    const { rules } = judged(
      { objectives: [{ scenarios: "cycle/full", rto: "1s" }] },
      good,
      sampleEvidence([slow], { name: "slow" }),
    );
    expect(rules[0]).toMatchObject({ status: "missed", run: "slow", value: "5.00 s", samples: 2 });
  });

  it("are never met by a metric that is missing, be it in one result of many", () => {
    const objectives = [{ scenarios: "cycle/*", writePause: "1s" }];
    expect(judged({ objectives }, good)).toMatchObject({ decision: "inconclusive", exitCode: 13 });
    const measured = sampleScenario({ metrics: { writePauseMs: 3 } });
    const other = sampleScenario({ id: "cycle/other", metrics: {} });
    expect(judged({ objectives }, sampleEvidence([measured])).decision).toBe("go");
    const { rules } = judged({ objectives }, sampleEvidence([measured, other]));
    expect(rules[0]).toMatchObject({ status: "unknown", scenario: "cycle/other", message: "was not measured" });
  });

  it("that are missed somewhere stay missed where another result has no value", () => {
    const objectives = [{ scenarios: "cycle/*", rto: "1ms" }];
    const other = sampleScenario({ id: "cycle/other", metrics: {} });
    expect(judged({ objectives }, sampleEvidence([sampleScenario(), other])).exitCode).toBe(12);
  });
});

describe("witnesses", () => {
  it.each([
    ["nodesCompared", 10_000, "go"],
    ["nodesCompared", 10_001, "inconclusive"],
    ["writesDuringCut", 1, "inconclusive"],
  ])("%s at least %i: %s", (name, least, decision) => {
    expect(judged({ witnesses: [{ scenarios: "**", atLeast: { [name]: least } }] }, good).decision).toBe(decision);
  });
});

describe("the last good drill", () => {
  it.each([
    ["2h", 0, "go", 0],
    ["30m", 0, "no-go", 12],
    ["2h", 7_200_000, "inconclusive", 13],
  ])("within %s, clock set on by %i ms: %s", (maxAge, future, decision, exitCode) => {
    const run = { ...good, startedAtMs: good.startedAtMs + future };
    expect(judged({ lastGoodDrill: [{ scenarios: "**", maxAge }] }, run)).toMatchObject({ decision, exitCode });
  });

  it("is not one that failed", () => {
    const failed = sampleEvidence([sampleFailure(["too-slow"])]);
    const { rules } = judged({ lastGoodDrill: [{ scenarios: "**", maxAge: "7d" }] }, failed);
    expect(rules.at(-1)).toMatchObject({ rule: "lastGoodDrill", status: "unknown" });
  });
});

describe("engines", () => {
  it.each([
    [{ falkordb: ["4.16.*"], redis: ["8.*.*"], kinds: ["embedded"] }, "go", 0],
    [{ falkordb: ["4.18.*", "4.17.0"] }, "no-go", 12],
    [{ kinds: ["container"] }, "no-go", 12],
  ])("%j: %s", (engines, decision, exitCode) => {
    expect(judged({ engines }, good)).toMatchObject({ decision, exitCode });
  });

  it.each([[new Map()], [new Map([["cycle/full", { kind: "external", redis: "8.2.3", falkordb: "unknown" }]])]])(
    "that are not known are not allowed: %j",
    (engines) => {
      expect(judged({ engines: { falkordb: ["4.*.*"] } }, { ...good, engines }).exitCode).toBe(13);
    },
  );
});

describe("what a run is about", () => {
  const old = { ...good, startedAtMs: good.startedAtMs - 86_400_000 };
  const elsewhere = { ...good, checkout: { commit: "f".repeat(40), isClean: true } };
  it.each<[string, Partial<Policy>, RunEvidence, string, number]>([
    ["an age within its limit", { age: { atMost: "2h" } }, good, "go", 0],
    ["one old run", { age: { atMost: "2h" } }, old, "no-go", 12],
    ["a start in the future", { age: { atMost: "2h" } }, { ...good, startedAtMs: sampleNowMs + 1 }, "inconclusive", 13],
    ["the commit", { commit: { is: "0123456" } }, good, "go", 0],
    ["another commit", { commit: { is: "0123456" } }, elsewhere, "no-go", 12],
    ["no commit", { commit: { is: "0123456" } }, { ...good, checkout: undefined }, "inconclusive", 13],
    ["a HEAD that is not known", { commit: { is: "HEAD" } }, good, "inconclusive", 13],
    [
      "changed files",
      { commit: { is: "0123456" } },
      { ...good, checkout: { commit: "0123456789abcdef", isClean: false } },
      "inconclusive",
      13,
    ],
    ["a version", { toolVersion: ["0.1.*"] }, good, "go", 0],
    ["another version", { toolVersion: ["0.2.*", "1.0.0"] }, good, "no-go", 12],
  ])("with %s", (_, sections, run, decision, exitCode) => {
    expect(judged(sections, run)).toMatchObject({ decision, exitCode });
    expect(judged(sections, good, run).exitCode).toBe(exitCode);
  });
});
