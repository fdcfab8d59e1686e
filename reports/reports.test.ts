import { describe, expect, it } from "vitest";
import type { StoredFinding } from "../harness/record/result.ts";
import { badge } from "./text/badge.ts";
import { figures, otherFigures } from "./figures/figures.ts";
import { annotations, jobSummary, stepOutputs, summaryBytesMax } from "./text/github.ts";
import { junit } from "./text/junit.ts";
import { markdown } from "./text/markdown.ts";
import { reportModel } from "./model/model.ts";
import { hostile, manyScenarios, plainTerminal, sampleRun, stored } from "./testing/sample-run.ts";
import { terminalSummary } from "./text/terminal.ts";
import { bar, restoreTimeline } from "./model/timeline.ts";

const plain = plainTerminal;
const model = reportModel([stored()]);
const passing = reportModel([stored({ ...sampleRun, scenarios: sampleRun.scenarios.slice(0, 1) })]);

/** The same run with `hostile` wherever a graph, a system or a user could have put text. */
const attack = reportModel([
  stored({
    ...sampleRun,
    scenarios: sampleRun.scenarios.map((scenario) => ({
      ...scenario,
      id: scenario.verdict === "fail" ? `cycle/${hostile}` : scenario.id,
      title: hostile,
      findings: scenario.findings.map((finding) => ({
        ...finding,
        subject: hostile,
        message: `${hostile}\n::error::forged`,
        hint: hostile,
        evidence: { expected: hostile, found: `\`\`\`\n${hostile}` },
      })),
      notCovered: [hostile],
    })),
  }),
]);

describe("figures", () => {
  it("show times as ratios to the raw limits of the same run", () => {
    const shown = Object.fromEntries(
      figures(sampleRun.scenarios[0] ?? { metrics: {} }).map(({ name, value }) => [name, value]),
    );
    expect(shown["restore to first correct answer"]).toBe("800 ms (0.40x the engine loading its own dump)");
    expect(shown["backup, until it is complete"]).toBe("300 ms (0.75x the engine's own SAVE)");
    expect(shown["backup size"]).toBe("683.6 KiB (0.35x the engine's own dump)");
    expect(shown["RPO, acknowledged writes lost"]).toBe("written after the backup (expected loss): 3 in 250 ms");
  });
  it("leave out what was not measured, and show unregistered names", () => {
    expect(figures({ metrics: {} })).toEqual([]);
    const unknown = { rtoMs: 1, sealedPartsBytes: 2048, "readsPerSecond-after": 12.345, hopsP99Ms: 5, spareRatio: 0.5 };
    expect(otherFigures({ metrics: unknown })).toEqual([
      { name: "sealed parts", value: "2.0 KiB" },
      { name: "reads after", value: "12.3/s" },
      { name: "hops p99", value: "5.0 ms" },
      { name: "spare", value: "0.50x" },
    ]);
  });
});

describe("the timeline", () => {
  it("holds the restore's phases with their share of the plain load", () => {
    const [scenario] = sampleRun.scenarios;
    expect(scenario === undefined ? [] : restoreTimeline(scenario)).toEqual([
      { name: "provision", startMs: 0, ms: 200, bytes: undefined, ofRawLoad: 0.1 },
      { name: "load", startMs: 200, ms: 600, bytes: 5_000_000, ofRawLoad: 0.3 },
    ]);
  });
  it("draws bars to scale, at least one character each", () => {
    expect(bar({ startMs: 0, ms: 50 }, 100, 10)).toBe("█████     ");
    expect(bar({ startMs: 99, ms: 0 }, 100, 10)).toBe("         █");
  });
});

describe("the model", () => {
  it("puts what is worst first, and the worst figures against their objectives", () => {
    expect(model.scenarios.map(({ id }) => id)).toEqual(["cycle/wire", "cycle/nothing", "cycle/full"]);
    expect(model.rto).toMatchObject({ value: 900, text: "900 ms", scenario: "cycle/full", judged: undefined });
    const judged = reportModel([stored()], { rtoMs: 800, rpoWrites: 3 });
    expect([judged.rto.judged, judged.rpo.judged, judged.rpo.objective]).toEqual(["missed", "not judged", "3 writes"]);
    // Without any of their own they are those of the run.
    const own = stored(sampleRun, "runs/1", { options: { objectives: { rtoMs: 901, rpoMs: 250 } } });
    expect([reportModel([own]).rto.objective, reportModel([own]).rpo.objective]).toEqual(["901 ms", "250 ms"]);
  });
});

describe("the terminal summary", () => {
  const text = terminalSummary(model, plain);
  it("prints failures first and ends with the verdict, where the report is, and how to replay", () => {
    expect(text.indexOf("cycle/wire")).toBeLessThan(text.indexOf("cycle/full"));
    expect(text).toContain("FAIL  1 of 3 scenarios passed  exit code 10");
    expect(text).toContain("runs/1/report.html");
    expect(text.trimEnd().split("\n").at(-1)).toBe("replay    falkordrill run --seed 1");
  });
  it("says that all is equal only where all is", () => {
    expect(terminalSummary(passing, plain)).toContain("all equal");
    expect(text).not.toContain("all equal");
    expect(text).toContain("these equal");
  });
  it("names findings, hints and what is not covered", () => {
    expect(text).toContain("  property-differs\n    e.g. main/Entity/1/summary\n    in cycle/wire");
    expect(text).toContain("next: Compare the two values.");
    expect(text).toContain("not covered: prune");
  });
  it("says below the verdict where data is wrong, and what is only not proven apart from it", () => {
    expect(text.match(/^(?:FAIL|data difference|not proven|RTO)/gm)).toEqual([
      "FAIL",
      "data difference",
      "not proven",
      "RTO",
    ]);
    expect(text).toContain("exit code 10\n1 of 3 failed, 1 of 3 inconclusive: data wrong in cycle/wire.");
  });
  it("has the values of all figures in one column", () => {
    const [scenario] = sampleRun.scenarios;
    if (scenario === undefined) throw new Error("the sample run has no scenario");
    const metrics = { ...scenario.metrics, writePauseMs: 5000 };
    const printed = terminalSummary(
      reportModel([stored({ ...sampleRun, scenarios: [{ ...scenario, metrics }] })]),
      plain,
    );
    const columns = ["10,000 nodes", "900 ms", "5.00 s"].map((value) =>
      printed
        .split("\n")
        .find((line) => line.endsWith(value) || line.includes(`${value},`))
        ?.indexOf(value),
    );
    expect(columns[0]).toBeGreaterThan(0);
    expect(columns).toEqual(columns.map(() => columns[0]));
  });
  it("sends no control character of a graph to the terminal", () => {
    expect(terminalSummary(attack, plain)).not.toContain("\u0007");
  });
  it("stays short where thousands passed", () => {
    const lines = terminalSummary(reportModel([stored(manyScenarios(10_000, 5000))]), plain).split("\n");
    expect(lines.length).toBeLessThan(150);
    expect(lines.join("\n")).toContain("... and 9,948 more passed");
  });
});

describe("markdown", () => {
  const text = markdown(model);
  it("begins with the verdict and has a row a scenario", () => {
    expect(text.split("\n")[0]).toBe("# Disaster-recovery drill: fail");
    expect(text).toContain("| <code>cycle/full</code> | pass | 12.35 s | 900 ms | 3 |  |");
  });
  it("says first what did not pass and why, by cause, then what was verified", () => {
    const [first = ""] = text.split("- RTO");
    expect(first.split("\n").filter((line) => line.startsWith("- "))).toEqual([
      '- **summary is "&lt;b&gt;x&lt;/b&gt;\\\\u0001" and must be "y"** (data difference, <code>property-differs</code>) in <code>cycle/wire</code>',
      "- **nothing was checked** (not proven, <code>no-witness</code>) in <code>cycle/nothing</code>",
    ]);
    expect(text).toContain("Engine: FalkorDB 4.16.3, Redis 8.2.3, embedded, System: reference (coordinated");
    expect(text).toContain("| Nodes, with labels and properties | 30,000 nodes | 0 | equal |");
    expect(markdown(passing)).not.toMatch(/^- \*\*/m);
    const many = markdown(reportModel([stored(manyScenarios(100, 4))]));
    expect(many).toContain("and 21 more");
  });
  it("shows expected and actual values side by side, and collapses the rest of the evidence", () => {
    expect(text).toContain(
      "| | expected | actual |\n|---|---|---|\n| summary | a summary of y | a summary of &lt;b&gt;x&lt;/b&gt; |",
    );
    expect(text).toContain("<details><summary>evidence: kind</summary>");
  });
  it("lists errors that name an entity first, then the others, and collapses those after the fifth", () => {
    const [, wire] = sampleRun.scenarios;
    if (wire === undefined) throw new Error("the sample has a failed scenario");
    const [named] = wire.findings;
    const vague = (code: string, severity: "error" | "info"): StoredFinding => {
      return { code, severity, subject: "main", message: code, evidence: {} };
    };
    const counts = ["one", "two", "three", "four", "five"].map((code) => vague(code, "error"));
    const findings = [vague("note", "info"), ...counts, ...(named === undefined ? [] : [named])];
    const failing = markdown(reportModel([stored({ ...sampleRun, scenarios: [{ ...wire, findings }] })]));
    const codes = [
      ...failing.matchAll(/^(?:error|info) <code>([\w-]+)<\/code>|^<details><summary>(\d) more findings/gm),
    ];
    expect(codes.map(([, code, folded]) => code ?? folded)).toEqual([
      "property-differs",
      "one",
      "two",
      "three",
      "four",
      "2",
      "five",
      "note",
    ]);
  });
  it("lets no text from a graph become markup or mention a user", () => {
    const outside = markdown(attack).replaceAll(/^(`{3,})\w*\n[\s\S]*?\n\1$/gm, "");
    expect(outside).not.toMatch(/<script|<img|@everyone|[^&]#1\b/);
    expect(outside).toContain("@<!-- -->everyone");
  });
});

describe("the job summary", () => {
  it("stays whole while it fits", () => {
    expect(jobSummary(model)).toBe(markdown(model));
  });
  it.each([
    { failing: 5000, leaves: ["cycle/claim-0</code> | fail", "passed scenarios"] },
    { failing: 2, leaves: ["evidence of findings"] },
    { failing: 1, leaves: ["all but 1 findings", "more that did not pass"] },
  ])(
    "degrades in steps with 10,000 scenarios, every $failing-th failing, and says so",
    { timeout: 30_000 },
    ({ failing, leaves }) => {
      const text = jobSummary(reportModel([stored(manyScenarios(10_000, failing))]));
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(summaryBytesMax);
      // It uses the room that there is.
      expect(Buffer.byteLength(text)).toBeGreaterThan(summaryBytesMax / 4);
      for (const words of leaves) expect(text).toContain(words);
    },
  );
  it("counts bytes, not characters", () => {
    const wide = manyScenarios(10_000, 5000).scenarios.map((scenario) =>
      Object.assign({}, scenario, { title: "漢".repeat(60) }),
    );
    const text = jobSummary(reportModel([stored({ ...sampleRun, scenarios: wide })]));
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(summaryBytesMax);
  });
});

describe("annotations", () => {
  it("are empty where everything passed", () => {
    expect(annotations(passing)).toBe("");
  });
  it("report failures as errors, and inconclusive scenarios as warnings", () => {
    const [first, second] = annotations(model).split("\n");
    expect(first).toMatch(/^::error title=cycle\/wire%3A fail::.*%0Areplay: falkordrill run/);
    expect(second).toMatch(/^::warning title=cycle\/nothing%3A inconclusive::nothing was checked/);
  });
  it("are at most ten, and the last says how many more there are", () => {
    const lines = annotations(reportModel([stored(manyScenarios(100, 4))]))
      .trimEnd()
      .split("\n");
    expect(lines).toHaveLength(10);
    expect(lines.at(-1)).toContain("+16 more");
  });
  it("let no text begin a command of its own", () => {
    const lines = annotations(attack).trimEnd().split("\n");
    expect(lines).toHaveLength(2);
    expect(annotations(attack)).not.toMatch(/^::error::forged/m);
  });
});

describe("step outputs", () => {
  it("hold what later steps ask for", () => {
    expect(stepOutputs(model, "runs/1/report.html")).toEqual({
      verdict: "fail",
      "rto-ms": "900",
      "rpo-writes": "3",
      failed: "1",
      inconclusive: "1",
      summary: "1 of 3 failed, 1 of 3 inconclusive: data wrong in cycle/wire.",
      "report-path": "runs/1/report.html",
      replay: "falkordrill run --seed 1",
      seed: "1",
    });
  });
});

describe("junit", () => {
  const text = junit(model);
  it("distinguishes failures from errors, with the seed and the commit", () => {
    expect(text).toContain('<testsuites name="falkordrill" tests="3" failures="1" errors="1"');
    expect(text).toContain('<failure type="property-differs"');
    expect(text).toContain('<error type="no-witness"');
    expect(text).toContain('<property name="seed" value="1"/>');
    expect(text).toContain(`<property name="commit" value="${"c".repeat(40)}"/>`);
  });
  it("is XML whatever a graph holds", () => {
    expect(junit(attack)).not.toMatch(/\u202E|<script|<img/);
  });
});

describe("the badge", () => {
  it("says the verdict, and how many did not pass", () => {
    expect(badge(model)).toContain('aria-label="recovery drill: fail 2/3"');
    expect(badge(passing)).toContain("recovery drill: pass 1");
  });
});
