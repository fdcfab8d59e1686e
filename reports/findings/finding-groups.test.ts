import { describe, expect, it } from "vitest";
import type { ScenarioResult, StoredFinding } from "../../harness/record/result.ts";
import { damageOf, worstDamage } from "./damage.ts";
import { findingGroups, groupCount } from "./finding-groups.ts";
import { rpoHeadline, rtoHeadline } from "../figures/headlines.ts";

type Evidence = StoredFinding["evidence"];

function found(
  code: string,
  subject: string,
  evidence: Evidence = {},
  message = `${code} of ${subject}`,
): StoredFinding {
  return { code, severity: "error", subject, message, evidence, judgement: "target" };
}

/** One of `alike` entities that differ in the same way; the graph has `differingEntities` that differ in all. */
function entity(code: string, key: string, alike: number, properties: readonly string[] = []): StoredFinding {
  const evidence = {
    label: "Entity",
    key,
    properties: properties.map((name) => ({ name, expected: null, actual: null })),
    alike,
    differingEntities: 341,
    differingBuckets: 9,
    bucketsRead: 9,
    compared: 11_000,
  };
  return found(code, `main/Entity/${key}`, evidence);
}

/** 40 nodes deleted, an index dropped, 300 names changed and one property removed, as the judge reports it. */
const damaged: StoredFinding[] = [
  found("node-count-differs", "main/Entity", { expected: 500, found: 460, compared: 11_000 }),
  found("edge-content-differs", "main/RELATES_TO", { compared: 11_000 }),
  found("property-count-differs", "main/Entity/summary", { compared: 11_000 }),
  entity("node-missing", "a", 40),
  entity("node-missing", "b", 40),
  entity("node-changed", "c", 300, ["name"]),
  entity("node-changed", "d", 1, ["summary"]),
  found("index-missing", "main/Entity"),
  found("fulltext-misses", "main/Entity"),
  found("search-differs", "main/node search"),
  { ...found("index-inexact-in-engine", "main"), severity: "info" },
];

function scenario(
  id: string,
  findings: readonly StoredFinding[],
): Pick<ScenarioResult, "id" | "findings" | "witnesses"> {
  return { id, findings, witnesses: {} };
}

const shown = (findings: readonly StoredFinding[]): string[] =>
  findingGroups([scenario("cycle/full", findings)]).map(({ title }) => title);

describe("finding groups", () => {
  const groups = findingGroups([scenario("cycle/full", damaged)]);
  it("are one a cause, with counts, root differences only, missing before changed before indexes", () => {
    expect(groups.map(({ title, count, code }) => [title, count, code])).toEqual([
      ["40 nodes missing", 40, "node-missing"],
      ["300 nodes changed in name", 300, "node-changed"],
      ["1 node changed in summary", 1, "node-changed"],
      ["1 index missing", 1, "index-missing"],
    ]);
    expect(groupCount(groups)).toBe("4 causes");
  });
  it("fold what follows under its root, and name an example", () => {
    expect(groups[0]?.derived.map(({ code }) => code)).toEqual([
      "node-count-differs",
      "edge-content-differs",
      "property-count-differs",
      "search-differs",
    ]);
    expect(groups[3]?.derived.map(({ code }) => code)).toEqual(["fulltext-misses"]);
    expect(groups[1]?.example.subject).toBe("main/Entity/c");
  });
  it("keep sums and counts as roots where no entity was named", () => {
    expect(shown(damaged.slice(0, 3))).toEqual([
      "node-count-differs of main/Entity",
      "edge-content-differs of main/RELATES_TO",
    ]);
  });
  it("are one for a cause that several scenarios have, whatever ids and paths their messages name", () => {
    const failed = (id: string, path: string): ReturnType<typeof scenario> =>
      scenario(id, [found("system-failed", id, {}, `no space left on ${path} after 4096 bytes`)]);
    const [group, ...more] = findingGroups([failed("cycle/full", "/tmp/a"), failed("cycle/wire", "/tmp/b/7")]);
    expect(more).toEqual([]);
    expect(group).toMatchObject({ kind: "system", count: 2, scenarios: ["cycle/full", "cycle/wire"] });
  });
  it("put data before a failed system, and both before assumptions and the machine; notes are left out", () => {
    const codes = ["assumption-writers-too-slow", "internal-error", "objective-missed"];
    const kinds = findingGroups([
      scenario(
        "a/b",
        codes.map((code) => found(code, "a/b")),
      ),
      scenario("a/d", [found("no-witness", "a/d")]),
      scenario("a/c", [found("system-failed", "a/c"), found("no-witness", "a/c"), found("edge-extra", "main/X/1")]),
    ]).map(({ kind, code }) => `${kind} ${code}`);
    expect(kinds).toEqual([
      "data edge-extra",
      "system system-failed",
      "objective objective-missed",
      "ours internal-error",
      "machine assumption-writers-too-slow",
      "assumption no-witness",
    ]);
  });
  it("count what the judge reported only as a number", () => {
    const lost = found("write-lost", "g/1", { count: 5 });
    const more = found("index-missing", "others", { more: 70 });
    expect(shown([lost, found("index-missing", "t1/Entity"), more])).toEqual([
      "A write acknowledged before the cut is not there (5 times)",
      "71 indexes missing",
    ]);
  });
});

describe("the size of the damage", () => {
  it("is data and a sentence", () => {
    expect(damageOf(scenario("cycle/full", damaged))).toEqual({
      differing: 341,
      isAtLeast: false,
      compared: 11_000,
      counts: { "node-missing": 40, "node-changed": 301, "index-missing": 1 },
      sentence: "341 of 11,000 entities differ (3.1 %): 40 nodes missing, 301 nodes changed, 1 index missing",
    });
  });
  it("counts all of a graph that is missing, and says at least where not everything was read one by one", () => {
    const gone = found("graph-missing", "main", { entities: 1000, compared: 1000 });
    expect(damageOf(scenario("a/b", [gone]))?.sentence).toBe("1,000 of 1,000 entities differ (100 %): 1 graph missing");
    const [first] = damaged.slice(3);
    const partly = { ...first, evidence: { ...first?.evidence, bucketsRead: 4 } } as StoredFinding;
    expect(damageOf(scenario("a/b", [partly]))?.sentence).toMatch(/^at least 341 of/);
  });
  it("is empty where only the system failed, and the worst over scenarios", () => {
    expect(damageOf(scenario("a/b", [found("system-failed", "a/b")]))).toBeUndefined();
    const small = scenario("a/small", [found("index-missing", "main/Entity")]);
    expect(damageOf(small)?.sentence).toBe("1 index missing");
    expect(worstDamage([small, scenario("a/large", damaged)])?.scenario).toBe("a/large");
  });
});

describe("the headline figures", () => {
  const held = { rtoMs: 368, rpoMs: 3570, rpoWrites: 129, lostBeforeCutWrites: 0, systemPauseMs: 3 };
  const runs = [
    { id: "cycle/full", metrics: held, coordination: "held", exit: "pass" },
    { id: "cycle/wire", metrics: { ...held, rtoMs: 200, rpoMs: 100, rpoWrites: 4 }, exit: "pass" },
    {
      id: "concurrent/uncoordinated",
      metrics: { ...held, rtoMs: 9000, rpoWrites: 2262 },
      coordination: "none",
      exit: "pass",
    },
  ] as const;
  it("come from coordinated runs, with time first and as the worst of how many", () => {
    expect(rtoHeadline(runs, { rtoMs: 300 })).toMatchObject({ text: "368 ms", rank: "worst of 2", judged: "missed" });
    expect(rpoHeadline(runs, {})).toMatchObject({
      value: 129,
      text: "3.57 s (129 writes)",
      explained: "written after the backup (expected loss): 129 in 3.57 s; lost before the cut: 0 (must be 0)",
      scenario: "cycle/full",
    });
  });
  it("are judged only where the data is right, whichever scenario showed that it is not", () => {
    const judged = (exit: ScenarioResult["exit"], rpoMs: number): unknown =>
      rpoHeadline([runs[0], { id: "cycle/edge-values", metrics: {}, exit }], { rpoMs }).judged;
    expect([judged("pass", 5000), judged("pass", 3000)]).toEqual(["met", "missed"]);
    expect([judged("dataWrong", 5000), judged("notRecovered", 5000)]).toEqual(["not judged", "not judged"]);
    expect([judged("objectiveMissed", 5000), judged("dataWrong", 3000)]).toEqual(["met", "missed"]);
    expect(rtoHeadline([], { rtoMs: 1 }).judged).toBe("not judged");
  });
  it("come from all runs where no system could hold writes, and say so where nothing was measured", () => {
    expect(rpoHeadline(runs.slice(2), {})).toMatchObject({ value: 2262, rank: "" });
    expect(rtoHeadline([], {})).toMatchObject({ text: "not measured", scenario: undefined });
  });
});
