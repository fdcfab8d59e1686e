// No text of a run begins a line of its own in what is printed, and none steers a terminal or a runner.
import { describe, expect, it } from "vitest";
import { indented, oneLine, paintedLine } from "../harness/base/one-line.ts";
import type { ScenarioResult } from "../harness/record/result.ts";
import { decide } from "./gate/decide.ts";
import { sampleEvidence, sampleNowMs, sampleScenario } from "./gate/testing/sample-evidence.ts";
import { terminalDecision } from "./gate/terminal.ts";
import { annotations, stepOutputs } from "./text/github.ts";
import { reportModel } from "./model/model.ts";
import { plainTerminal, sampleRun, stored } from "./testing/sample-run.ts";
import { terminalSummary } from "./text/terminal.ts";

const text = "::add-mask::a\n::set-output name=b::c\r\n##[add-mask]d\u2028\u2029\u0085\u001B[2J";
const finding = { code: text, severity: "error", subject: text, message: text, evidence: {}, hint: text } as const;
const scenario: ScenarioResult = sampleScenario({
  id: text,
  title: text,
  verdict: "fail",
  exit: "dataWrong",
  findings: [finding, { ...finding, severity: "warning" }],
  phases: [{ name: `restore/${text}`, startMs: 0, ms: 1 }],
  notCovered: [text],
  replay: text,
});
const model = reportModel([stored({ ...sampleRun, replay: text, scenarios: [scenario] }, text)]);
const plain = (_style: string, words: string): string => words;

function mustBeTame(printed: string): void {
  for (const line of printed.split("\n")) expect(line).not.toMatch(/^\s*::|##\[|[\u2028\u2029]|\p{Cc}/u);
}

describe("text of a run", () => {
  it("stays on its line in a terminal", () => {
    mustBeTame(terminalSummary(model, { ...plainTerminal, directories: [text] }));
    const policy = { version: 1, name: text, coverage: [{ scenarios: "cycle/full" }] } as const;
    const exceptions = [{ code: text, owner: text, reason: text, expires: "2026-12-31", acceptsWrongData: true }];
    const decision = decide({ ...policy, exceptions }, [sampleEvidence([scenario], { name: text })], sampleNowMs);
    mustBeTame(terminalDecision(decision, plain, plainTerminal.paste));
    mustBeTame(indented(text));
    mustBeTame(paintedLine(text));
    expect(paintedLine("\u001B[31mgone\u001B[39m  b\u001B[2J")).toBe("\u001B[31mgone\u001B[39m  b\\u001b[2J");
    expect(indented("one\ntwo")).toBe("one\n  two");
    expect(oneLine("a::b \u00E4\u{1F600}")).toBe("a::b \u00E4\u{1F600}");
  });

  it("is one annotation and one output", () => {
    expect(annotations(model).trimEnd().split("\n")).toHaveLength(1);
    for (const value of Object.values(stepOutputs(model, "report.html"))) mustBeTame(value);
  });
});
