import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { marked, sidesOf } from "../findings/evidence.ts";
import { kindNames } from "../findings/finding-groups.ts";
import { htmlReport } from "./html.ts";
import { reportModel } from "../model/model.ts";
import { hostile, manyScenarios, sampleRun, stored } from "../testing/sample-run.ts";
import { chainsOf } from "../model/storage.ts";

const text = htmlReport(reportModel([stored()], { rtoMs: 800, rpoWrites: 5 }));

describe("the HTML report", () => {
  it("says the verdict, recovery against its objectives, and what failed, before anything else", () => {
    const at = (words: string): number => text.indexOf(words);
    expect(text).toContain("1 of 3 failed, 1 of 3 inconclusive: data wrong in cycle/wire.");
    expect(text).toMatch(/objective 800 ms <span class="missed">missed/);
    expect(text).toMatch(/objective 5 writes <span class="not-judged">not judged/);
    expect(at('id="failures"')).toBeLessThan(at('id="recovery"'));
    expect(at('id="recovery"')).toBeLessThan(at('id="scenarios"'));
  });

  it("says what was drilled, what was verified, what changed since the last run, and what the gate decided", () => {
    for (const words of ["FalkorDB 4.16.3, Redis 8.2.3, embedded", "reference (coordinated, encrypted, not signed)"])
      expect(text).toContain(words);
    expect(text).toContain("up to 10,000 nodes, 20,000 edges");
    expect(text).toContain("10,000 nodes");
    expect(text).toContain("prune: the system has no such command (in 1 of 3 scenarios)");
    const before = { startedAt: "2026-01-01T03:04:05.678Z", commit: "d".repeat(40), rtoMs: 600, rpoWrites: 3 };
    const earlier = [{ ...before, verdicts: new Map([["cycle/wire", "pass" as const]]) }];
    const gate = { decision: "no-go", why: "3 of 4 rules met" };
    const since = htmlReport(reportModel([stored()], {}, "whole", { earlier, gate }));
    expect(since).toContain(
      "Since the run of 2026-01-01 03:04, commit dddddddddd: cycle/wire pass → fail; RTO 600 ms → 900 ms (+50 %); writes lost 3, unchanged.",
    );
    expect(since).toContain('id="trend-rto-t"');
    expect(since).toMatch(/Gate: <span class="missed">no-go<\/span>, 3 of 4 rules met/);
    expect(text).not.toContain("trend-rto");
  });

  it("distinguishes data differences from assumptions in words, with counts and how to get a code explained", () => {
    for (const words of [kindNames.data, "summary is", kindNames.assumption]) expect(text).toContain(words);
    expect(text).toContain("falkordrill explain no-witness");
  });

  it("shows warnings apart from what did not pass, also where all passed", () => {
    const warning = {
      code: "oddly-named",
      severity: "warning",
      subject: "main",
      message: "a warning",
      evidence: {},
    } as const;
    const warned = sampleRun.scenarios.map((scenario) => ({ ...scenario, findings: [...scenario.findings, warning] }));
    const sections = (scenarios: typeof warned): string[] => {
      const page = htmlReport(reportModel([stored({ ...sampleRun, scenarios })]));
      return page.split('<section class="part"').filter((part) => part.includes('<h3 class="message">a warning'));
    };
    const [first = "", second = "", ...more] = sections(warned);
    expect([first, second].map((part) => /id="(\w+)"/.exec(part)?.[1])).toEqual(["warnings", "details"]);
    expect(more).toEqual([]);
    expect(first).toContain("In <a href=");
    expect(text).not.toContain('id="warnings"');
  });

  it("has five sizes of text", () => {
    const style = /<style>([\s\S]*?)<\/style>/.exec(text)?.[1] ?? "";
    const sizes = [...style.matchAll(/(?<!-)font(?:-size)?: (?!inherit|\d+%)([^;\s/]+)/g)].map(([, size]) => size);
    expect(new Set(sizes)).toEqual(new Set(["big", "huge", "mid", "small", "text"].map((name) => `var(--${name})`)));
  });

  it("needs nothing but itself, and lets nothing else run", () => {
    expect(text.replaceAll(/href="#|xmlns="http/g, "")).not.toMatch(/(?:src|href)="(?!data:)/);
    expect(text).not.toMatch(/url\(|@import| style="| on\w+="/);
    const policy = /Content-Security-Policy"\s+content="([^"]*)"/.exec(text)?.[1] ?? "";
    const hash = (tag: string): string => {
      const content = new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(text)?.[1] ?? "";
      return `'sha256-${createHash("sha256").update(content).digest("base64")}'`;
    };
    expect(policy).toContain(`style-src ${hash("style")}`);
    expect(policy).toContain(`script-src ${hash("script")}`);
    expect(policy).not.toContain("unsafe");
  });

  it("has the ids that it links to, each once", () => {
    const ids = [...text.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id ?? "");
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
    const links = [...text.matchAll(/href="#([^"]*)"/g)].map(([, id]) => decodeURIComponent(id ?? ""));
    expect(links.filter((id) => !ids.includes(id))).toEqual([]);
  });

  it("shows hostile text as text", () => {
    const scenarios = sampleRun.scenarios.map((scenario) => ({
      ...scenario,
      id: `${scenario.id}/${hostile}`,
      title: hostile,
      findings: scenario.findings.map((found) => ({
        ...found,
        code: hostile,
        subject: hostile,
        message: hostile,
        evidence: { expected: hostile, found: { [hostile]: hostile }, [hostile]: hostile },
      })),
      witnesses: { [hostile]: 1 },
      metrics: { ...scenario.metrics, [hostile]: 1 },
      phases: [...scenario.phases, { name: `restore/${hostile}`, startMs: 0, ms: 1 }],
      notCovered: [hostile],
      replay: hostile,
    }));
    const attacked = htmlReport(reportModel([stored({ ...sampleRun, scenarios }, hostile, { version: hostile })]));
    expect(attacked).not.toMatch(/<script>alert|<img|\u202E/);
    expect(attacked.match(/<script>/g)).toHaveLength(1);
  });

  it("shows 10,000 scenarios as rows, what did not pass in detail, and stays below 10 MB", { timeout: 30_000 }, () => {
    const many = htmlReport(reportModel([stored(manyScenarios(10_000, 100))]));
    expect(many.match(/<tr data-verdict/g)).toHaveLength(10_000);
    expect(many.match(/<details class="scenario"/g)).toHaveLength(300);
    expect(many).toContain("9,700 more scenarios that passed");
    expect(many.length).toBeLessThan(10e6);
  });
});

describe("evidence", () => {
  it("shows two-sided evidence side by side, key by key", () => {
    expect(sidesOf({ expected: { a: 1, b: 2 }, found: { a: 1, b: 3 }, more: 1 })).toEqual({
      leftTitle: "expected",
      rightTitle: "found",
      rows: [{ name: "b", left: 2, right: 3 }],
      rest: { more: 1 },
    });
    const properties = [{ name: "summary", expected: "x", actual: "y" }];
    expect(sidesOf({ kind: "changed", properties })).toMatchObject({
      rows: [{ name: "summary", left: "x", right: "y" }],
      rest: { kind: "changed" },
    });
    expect(sidesOf({ stack: "s" }).rows).toEqual([]);
  });
  it("has what differs marked", () => {
    const [left, right] = marked("the quick fox", "the slow fox");
    expect(left.text).toBe("the <mark>quick</mark> fox");
    expect(right.text).toBe("the <mark>slow</mark> fox");
    expect(marked("abc", "abXc")[0].text).toContain('class="gap"');
  });
});

describe("chains", () => {
  const point = (id: string, parent?: string) => {
    return { id, cutAt: id, storedBytes: 1, ...(parent === undefined ? {} : { parent }) };
  };
  it("are full backups with what builds on them, also where a parent is gone or the parents form a ring", () => {
    const ids = (points: readonly ReturnType<typeof point>[]) =>
      chainsOf(points).map((chain) => chain.map(({ id }) => id));
    expect(ids([point("3", "2"), point("1"), point("2", "1"), point("4")])).toEqual([["1", "2", "3"], ["4"]]);
    expect(ids([point("2", "gone")])).toEqual([["2"]]);
    expect(
      ids([point("1", "2"), point("2", "1")])
        .flat()
        .toSorted(),
    ).toEqual(["1", "2"]);
  });
});
