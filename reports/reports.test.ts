import { describe, expect, it } from "vitest";
import { figures } from "./figures.ts";
import { junit } from "./junit.ts";
import { markdown } from "./markdown.ts";
import { sampleRun } from "./sample-run.ts";
import { terminalSummary } from "./terminal.ts";
import { bar, restoreTimeline } from "./timeline.ts";

const plain = { paint: (_style: string, text: string) => text, out: "runs/1" };

describe("figures", () => {
  it("show times as ratios to the raw limits of the same run", () => {
    const shown = Object.fromEntries(
      figures(sampleRun.scenarios[0] ?? { metrics: {} }).map(({ name, value }) => [name, value]),
    );
    expect(shown["restore to first correct answer"]).toBe("800 ms (0.40x plain load)");
    expect(shown["backup, to the signed manifest"]).toBe("300 ms (0.75x SAVE)");
    expect(shown["stored"]).toBe("683.6 KiB (0.35x SAVE)");
    expect(shown["RPO, acknowledged writes lost"]).toBe("3, over 250 ms");
  });
  it("leave out what was not measured", () => {
    expect(figures({ metrics: {} })).toEqual([]);
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

describe("the terminal summary", () => {
  const text = terminalSummary(sampleRun, plain);
  it("ends with the verdict, where the report is, and how to replay", () => {
    expect(text).toContain("FAIL  1 of 3 scenarios passed  exit code 10");
    expect(text).toContain("runs/1/report.md");
    expect(text).toContain("replay: falkordrill run --seed 1");
  });
  it("names findings, hints and what is not covered", () => {
    expect(text).toContain("property-differs main/Entity/1/summary");
    expect(text).toContain("next: Compare the two values.");
    expect(text).toContain("not covered: prune");
  });
});

describe("markdown", () => {
  const text = markdown(sampleRun);
  it("begins with the verdict and has a row a scenario", () => {
    expect(text.split("\n")[0]).toBe("# Disaster-recovery drill: fail");
    expect(text).toContain("| `cycle/full` | pass | 12.35 s | 900 ms | 3 |  |");
  });
  it("lets no text from a graph become markup", () => {
    expect(text).toContain("&lt;b>x&lt;/b>");
    expect(text.replaceAll(/```json[\s\S]*?```/g, "")).not.toContain("<b>");
  });
});

describe("junit", () => {
  const text = junit(sampleRun);
  it("tells failures from errors", () => {
    expect(text).toContain('<testsuites name="falkordrill" tests="3" failures="1" errors="1"');
    expect(text).toContain('<failure type="property-differs"');
    expect(text).toContain('<error type="no-witness"');
  });
  it("is XML whatever a graph holds", () => {
    expect(text).not.toContain("\u0001");
    expect(text).toContain("&lt;b&gt;".replace("&gt;", ">"));
  });
});
