import { describe, expect, it } from "vitest";
import type { DrillResult, ScenarioResult } from "../../harness/record/result.ts";
import { failuresOf, type OpenIssue, planIssues } from "./failure-issues.ts";
import { sampleRun } from "../testing/sample-run.ts";

const [passed, failed] = sampleRun.scenarios as [ScenarioResult, ScenarioResult];
const night = (...scenarios: ScenarioResult[]): DrillResult => ({ ...sampleRun, scenarios });
const withSubject = (subject: string, id = failed.id): ScenarioResult => ({
  ...failed,
  id,
  findings: failed.findings.map((finding) => ({ ...finding, subject })),
});
const url = "https://example.org/runs/1";

describe("issues about failing nights", () => {
  it("are one for each kind of failure, not for each scenario, seed or entity", () => {
    const runs = [
      night(passed, withSubject("main/Entity/1/summary")),
      night(
        withSubject("group-9/Entity/77/summary", "cycle/wire@1001"),
        withSubject("main/Entity/3/summary", "cycle/full"),
      ),
    ];
    const kinds = failuresOf(runs);
    expect(kinds.map(({ scenarios }) => scenarios.length)).toEqual([2, 1]);
    expect(planIssues(kinds, [], url).map(({ kind }) => kind)).toEqual(["create", "create"]);
  });

  it("find the open one again by its marker, with another seed and other entities", () => {
    const [created] = planIssues(failuresOf([night(withSubject("main/Entity/1/summary"))]), [], url);
    expect(created).toMatchObject({ kind: "create", title: expect.stringContaining("property-differs in cycle/wire") });
    const open: OpenIssue[] = [
      { number: 3, body: "something else" },
      { number: 4, body: created?.body ?? "" },
    ];
    const [again] = planIssues(failuresOf([night(withSubject("main/Entity/12345/summary"))]), open, `${url}2`);
    expect(again).toMatchObject({ kind: "comment", number: 4, body: expect.stringContaining(`Again: ${url}2`) });
    const [other] = planIssues(failuresOf([night(withSubject("main/Entity/1/name"))]), open, url);
    expect(other?.kind).toBe("create");
  });

  it("name the replay command, and let no text of a graph mention a user", () => {
    const loud = {
      ...failed,
      findings: failed.findings.map((finding) => ({ ...finding, message: "`@everyone`\nfixes #1" })),
    };
    const [action] = planIssues(failuresOf([night(loud)]), [], url);
    expect(action?.body).toContain(`replay: \`${failed.replay}\``);
    expect(action?.body).toContain("`'@everyone' fixes #1`");
  });

  it("are one where a night left nothing, and none where everything passed", () => {
    expect(planIssues(failuresOf([]), [], url)).toMatchObject([
      { kind: "create", title: "Backup drill: a night left no run" },
    ]);
    expect(failuresOf([night(passed)])).toEqual([]);
  });
});
