// The scorecard of runs as data: what is met, what is not, and what nothing decides.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgeScenario, type ScenarioResult } from "../../harness/record/result.ts";
import { sampleEvidence, sampleFailure, sampleNowMs, sampleScenario } from "../gate/testing/sample-evidence.ts";
import { assess } from "./assess.ts";
import type { AssessedRun } from "./assessed-run.ts";
import { criteria } from "./criteria.ts";
import type { CriterionResult, Scorecard } from "./scorecard.ts";

const expected = { nowMs: sampleNowMs, proofAgeMsMax: 7 * 86_400_000, rtoMsMax: undefined, rpoMsMax: undefined };
const everyWitness = Object.fromEntries(
  criteria.flatMap(({ experiments }) =>
    experiments.flatMap(({ witnesses, anyWitness = [] }) => [...witnesses, ...anyWitness].map((name) => [name, 5])),
  ),
);

function run(scenarios: readonly ScenarioResult[], changes: Partial<AssessedRun> = {}): AssessedRun {
  const claims = { sealSha256: undefined, capabilities: undefined, objectives: {}, notRun: [] };
  return { ...sampleEvidence(scenarios), path: "runs/night-1", ...claims, ...changes };
}

function passed(id: string, changes: Partial<ScenarioResult> = {}): ScenarioResult {
  return sampleScenario({ id, witnesses: everyWitness, ...changes });
}

function of(card: Scorecard, id: string): CriterionResult {
  const found = card.criteria.find((criterion) => criterion.id === id);
  if (found === undefined) throw new Error(`there is no criterion ${id}`);
  return found;
}

function verdictsOf(card: Scorecard): Record<string, string> {
  return Object.fromEntries(card.criteria.map(({ id, verdict }) => [id, verdict]));
}

describe("a scorecard", () => {
  it("names for what is met the result, what it looked at, and the command that repeats it", () => {
    const result = of(assess([run([passed("cycle/full")])], expected), "no-data-loss");
    expect(result).toMatchObject({ verdict: "met", why: expect.stringContaining("nodes compared 5") });
    expect(result.next).toBeUndefined();
    expect(result.evidence).toEqual([
      expect.objectContaining({
        run: "night-1",
        scenario: "cycle/full",
        repeat: "falkordrill run cycle/full --seed 1",
      }),
    ]);
  });

  it("of a total loss says not met, with the finding, the risk and what to do, and meets nothing by that result", () => {
    const lost = sampleFailure(["graph-missing"], { id: "cycle/full", witnesses: everyWitness });
    const card = assess([run([lost])], expected);
    expect(of(card, "no-data-loss")).toMatchObject({
      verdict: "not met",
      evidence: [{ scenario: "cycle/full", finding: { code: "graph-missing", subject: "main/Entity/7/name" } }],
      risk: expect.stringMatching(/\w/),
      next: expect.stringMatching(/\w/),
    });
    expect(of(card, "restore-tried").verdict).toBe("not met");
    expect(card.counts.met).toBe(0);
  });

  it("names a scenario that failed, whether or not a criterion is about it", () => {
    const other = sampleFailure(["graph-missing"], { id: "persistence/append-only-target", witnesses: everyWitness });
    const problems = assess([run([passed("cycle/full"), other])], expected).runs.flatMap((each) => each.problems);
    expect(problems).toEqual([expect.stringMatching(/^persistence\/append-only-target failed: ./)]);
    const lost = sampleFailure(["graph-missing"], { id: "cycle/full", witnesses: everyWitness });
    expect(assess([run([lost])], expected).runs[0]?.problems).toEqual([]);
  });

  it("of a run without results covers nothing, and says what to run", () => {
    const replay = "npx falkordrill run --seed 1 --config 'my drills.ts' --system nightly";
    const card = assess([run([], { replay, system: "nightly" })], expected);
    expect(card.counts).toEqual({ met: 0, "not met": 0, "not covered": criteria.length, "not falsifiable": 0 });
    expect(card.runNext).toMatch(/^falkordrill run cycle\/full .* --config 'my drills.ts' --system nightly$/);
    expect(card.runNext).not.toContain("*");
  });

  it.each([
    ["without writers", { writesAcknowledgedBeforeCut: 0 }, "no-data-loss", "restore-tried"],
    ["of an empty graph", { nodesCompared: 0, edgesCompared: 0, propertiesCompared: 0 }, "restore-tried", "encryption"],
  ])("calls a drill %s not falsifiable where it could not have failed", (_, zeros, blind, seeing) => {
    const notCovered = ["prune: the system has no program for it"];
    const witnesses = { ...everyWitness, ...zeros };
    const card = assess([run([passed("cycle/full", { witnesses, notCovered })])], expected);
    expect([of(card, blind).verdict, of(card, seeing).verdict]).toEqual(["not falsifiable", "met"]);
  });

  it("calls a scenario that lacks a required witness not falsifiable, and any other inconclusive one not covered", () => {
    const verdict = (code: string): string =>
      of(
        assess([run([sampleFailure([code], { id: "cycle/full", witnesses: everyWitness })])], expected),
        "no-data-loss",
      ).verdict;
    expect([verdict("no-witness"), verdict("assumption-writers-too-slow"), verdict("interrupted")]).toEqual([
      "not falsifiable",
      "not covered",
      "not covered",
    ]);
  });

  it("blames a finding on the criterion that it is about, and takes nothing else of that result as proven", () => {
    const clear = sampleFailure(["stored-in-clear"], { id: "cycle/full", witnesses: everyWitness });
    const card = assess([run([clear])], expected);
    expect(verdictsOf(card)).toMatchObject({
      encryption: "not met",
      "security-audit": "not met",
      "no-data-loss": "not covered",
      "restore-tried": "not covered",
    });
    expect(of(card, "no-data-loss").why).toContain("failed for another reason");
  });

  it.each([
    ["failure-hidden", "conformance/failed-backup", "failure-reported", "not met"],
    ["node-missing", "conformance/failed-backup", "failure-reported", "not covered"],
    ["tampering-missed", "cycle/one-changed-property", "regressions", "not covered"],
    ["target-refuses-writes", "cycle/full", "hardened-restore", "not met"],
    ["source-changed", "conformance/source-untouched", "hardened-restore", "not met"],
    ["objective-missed", "cycle/full", "performance", "not met"],
    ["bad-chain-restored", "incremental/bad-chains", "security-audit", "not met"],
    ["retention-removed-too-much", "conformance/prune-keeps", "retention", "not met"],
  ])("judges by %s in %s that %s is %s", (code, id, criterion, verdict) => {
    const card = assess([run([sampleFailure([code], { id, witnesses: everyWitness })])], expected);
    expect(of(card, criterion).verdict).toBe(verdict);
  });

  it("counts a failure in one run whatever other runs say", () => {
    const bad = run([sampleFailure(["node-missing"], { id: "cycle/full" })], { name: "night-2" });
    const card = assess([run([passed("cycle/full")]), bad], expected);
    expect(of(card, "no-data-loss")).toMatchObject({ verdict: "not met", evidence: [{ run: "night-2" }] });
  });

  it("asks nothing optional of a system that does not claim it, and covers nothing that is not claimed", () => {
    const all = ["cycle/full", "cycle/one-changed-property"].map((id) => passed(id));
    const plain = assess([run(all, { capabilities: new Set(["full-backup"]) })], expected);
    expect(verdictsOf(plain)).toMatchObject({ "graph-integrity": "met", encryption: "not covered" });
    expect(of(plain, "encryption").why).toBe("The system does not say that it encrypts.");
    const able = assess([run(all, { capabilities: new Set(["full-backup", "incremental"]) })], expected);
    expect(of(able, "graph-integrity")).toMatchObject({
      verdict: "not covered",
      next: "Run what is missing: falkordrill run incremental/chain",
    });
  });

  it("shows torn episodes against a system that does not say that it coordinates", () => {
    const torn = sampleFailure(["write-torn"], { id: "cycle/full", witnesses: everyWitness });
    const gone = sampleFailure(["write-torn", "node-missing"], { id: "cycle/full", witnesses: everyWitness });
    const verdict = ({ id }: ScenarioResult, result: ScenarioResult): string =>
      of(assess([run([{ ...result, id }], { capabilities: new Set(["full-backup"]) })], expected), "coordination")
        .verdict;
    expect([torn, gone, passed("cycle/full")].map((result) => verdict(torn, result))).toEqual([
      "not met",
      "not covered",
      "not covered",
    ]);
  });

  it("repeats what a scenario says that it did not cover, and is not met by it", () => {
    const sentence = "retention: the nightly system has no prune";
    const silent = passed("retention/kept-chains", { witnesses: {}, notCovered: [sentence] });
    const notRun = [{ id: "conformance/prune-keeps", title: "A prune", missing: ["prune"] }];
    const card = assess([run([silent], { notRun })], expected);
    expect(of(card, "retention")).toMatchObject({ verdict: "not covered", why: expect.stringContaining(sentence) });
    expect(card.notCovered).toEqual([
      { sentence, scenarios: ["retention/kept-chains"] },
      { sentence: "not run, for systems with prune", scenarios: ["conformance/prune-keeps"] },
    ]);
  });

  it("does not take a drill for the system's in which the drill itself took the pause away", () => {
    const removed = passed("concurrent/episodes-torn-without-pause", { coordination: "removed" });
    expect(assess([run([removed])], expected).counts.met).toBe(0);
  });

  it("measures against objectives: those of assess, or else of the run; without any nothing could have failed", () => {
    const verdict = (objectives: AssessedRun["objectives"], rtoMsMax?: number): string =>
      of(assess([run([passed("cycle/full")], { objectives })], { ...expected, rtoMsMax }), "performance").verdict;
    expect([verdict({}), verdict({ rtoMs: 900 }), verdict({ rtoMs: 900 }, 899), verdict({}, 900)]).toEqual([
      "not falsifiable",
      "met",
      "not met",
      "met",
    ]);
  });

  it("says of time and loss the worst that the summary of the run says", () => {
    const held = (id: string, rtoMs: number, rpoMs: number): ScenarioResult =>
      passed(id, { coordination: "held", metrics: { rtoMs, rpoMs, rpoWrites: 7 } });
    const scenarios = [held("cycle/full", 900, 30), held("cycle/wire", 100, 40)];
    const removed = passed("concurrent/uncoordinated", {
      coordination: "removed",
      metrics: { rpoMs: 999, rpoWrites: 9 },
    });
    const objectives = { rtoMs: 1000, rpoMs: 1000 };
    expect(of(assess([run([...scenarios, removed], { objectives })], expected), "performance").why).toBe(
      "Measured RTO 900 ms of at most 1.00 s (worst of 2, cycle/full); RPO 40 ms (7 writes) of at most 1.00 s (worst of 2, cycle/wire).",
    );
  });

  it("judges the age of the newest run that passed, and trusts no start in the future", () => {
    const verdict = (...ages: readonly number[]): string => {
      const runs = ages.map((days) =>
        run([passed("cycle/full")], { name: `age-${days}`, startedAtMs: sampleNowMs - days * 86_400_000 }),
      );
      return of(assess(runs, expected), "proof-age").verdict;
    };
    expect([verdict(1), verdict(8), verdict(8, 1), verdict(-1)]).toEqual(["met", "not met", "met", "not covered"]);
  });

  it("asks for a million nodes, for small increments, and for more than one run of a drill", () => {
    const large = passed("cycle/full", {
      metrics: { nodes: 1_000_000 },
      witnesses: { ...everyWitness, nodesCompared: 1_000_000 },
    });
    const chain = (incrementBytes: number): ScenarioResult =>
      passed("incremental/chain", { metrics: { incrementBytes, storedBytes: 1000 } });
    const first = run([large, chain(400), passed("cycle/one-changed-property")]);
    const second = run([passed("cycle/full"), chain(401)], { name: "night-2", startedAtMs: sampleNowMs - 1 });
    expect(verdictsOf(assess([first], expected))).toMatchObject({
      "large-graph": "met",
      "incremental-saving": "met",
      regressions: "not covered",
    });
    expect(verdictsOf(assess([first, second], expected))).toMatchObject({
      "large-graph": "met",
      "incremental-saving": "not met",
      regressions: "met",
    });
  });

  it("is of one system", () => {
    const runs = [run([]), run([], { name: "other", system: "nightly" })];
    expect(() => assess(runs, expected)).toThrow(
      expect.objectContaining({
        exit: "usage",
        message: expect.stringContaining("reference (night-1); nightly (other)"),
      }),
    );
  });

  it("never calls a criterion met without a result that passed, looked at all it must, and is named", () => {
    const ids = criteria.flatMap(({ experiments }) =>
      experiments.flatMap(({ scenarios }) => scenarios.map((each) => each.replace("*", "some"))),
    );
    const result = fc.record({
      id: fc.constantFrom(...new Set(ids)),
      code: fc.constantFrom(undefined, "node-missing", "stored-in-clear", "no-witness", "assumption-broken"),
      seen: fc.subarray(Object.keys(everyWitness)),
    });
    const property = fc.property(fc.array(result, { maxLength: 8 }), (drawn) => {
      const scenarios = drawn.map(({ id, code, seen }) => {
        const witnesses = Object.fromEntries(seen.map((name) => [name, 1]));
        return code === undefined ? passed(id, { witnesses }) : sampleFailure([code], { id, witnesses });
      });
      for (const { id, verdict, evidence } of assess([run(scenarios)], expected).criteria) {
        if (verdict !== "met") continue;
        const { experiments = [] } = criteria.find((criterion) => criterion.id === id) ?? {};
        expect(evidence.length).toBeGreaterThan(0);
        for (const { scenario } of evidence) {
          const seen = scenarios.filter(
            (each) => each.id === scenario && judgeScenario(each.findings).verdict === "pass",
          );
          const isProof = ({ witnesses }: ScenarioResult): boolean =>
            experiments.some(
              ({ witnesses: all, anyWitness = all }) =>
                all.every((name) => (witnesses[name] ?? 0) > 0) &&
                anyWitness.some((name) => (witnesses[name] ?? 0) > 0),
            );
          expect(seen.some(isProof)).toBe(true);
        }
      }
    });
    fc.assert(property, { numRuns: 200 });
  });
});
