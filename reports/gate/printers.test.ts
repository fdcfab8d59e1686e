import { describe, expect, it } from "vitest";
import { decide } from "./decide.ts";
import { markdownDecision } from "./markdown.ts";
import { decisionPage } from "./page.ts";
import { sampleEvidence, sampleFailure, sampleNowMs } from "./testing/sample-evidence.ts";
import { terminalDecision } from "./terminal.ts";

const decision = decide(
  {
    version: 1,
    name: "Graphs | <b>production</b>",
    coverage: [{ scenarios: "cycle/full" }],
    exceptions: [{ code: "too-slow", owner: "K`im", reason: "one | two", expires: "2026-12-31" }],
  },
  [sampleEvidence([sampleFailure(["property-differs", "too-slow"])])],
  sampleNowMs,
);
const plain = (_style: string, text: string): string => text;

describe("the printers of a decision", () => {
  it.each([
    ["terminal", terminalDecision(decision, plain, (text) => text)],
    ["Markdown", markdownDecision(decision)],
    ["HTML", decisionPage(decision)],
  ])("%s shows the decision, its evidence and every exception", (_, text) => {
    expect(text).toContain("NO-GO: 0 of 2 rules met (2 missed), with 1 exception");
    expect(text).toContain("property-differs");
    expect(text).toContain("night-1");
    expect(text).toContain("2026-12-31");
  });

  it("let no text of a policy or a graph become markup or another cell", () => {
    const markdown = markdownDecision(decision);
    expect(markdown).toContain("Graphs &#124; &lt;b&gt;production&lt;/b&gt;");
    const row = markdown.split("\n").find((line) => line.includes("one &#124; two"));
    expect(row?.split("|")).toHaveLength(8);
    expect(decisionPage(decision)).not.toContain("<b>production</b>");
  });

  it("put the replay command next to what is not met", () => {
    expect(terminalDecision(decision, plain, (text) => text)).toContain("replay: falkordrill run cycle/full --seed 1");
    expect(decisionPage(decision)).toContain("<code>falkordrill run cycle/full --seed 1</code>");
  });
});
