import { describe, expect, it } from "vitest";
import type { ScenarioResult } from "../harness/record/result.ts";
import { comment, commentMarker } from "./comment.ts";
import { reportModel, type ReportModel } from "./model/model.ts";
import { hostile, manyScenarios, sampleRun, stored } from "./testing/sample-run.ts";

const [passed, failed] = sampleRun.scenarios;
const links = { run: "https://github.com/o/r/actions/runs/1", artifact: "https://github.com/o/r/artifacts/2" };

function modelOf(scenarios: readonly (ScenarioResult | undefined)[]): ReportModel {
  return reportModel([stored({ ...sampleRun, scenarios: scenarios.filter((scenario) => scenario !== undefined) })]);
}

const passing = modelOf([passed]);

describe("the comment of a passing run", () => {
  const base = modelOf([passed === undefined ? undefined : { ...passed, metrics: { ...passed.metrics, rtoMs: 450 } }]);
  const text = comment(passing, { about: "drill", links, decision: "go", base });

  it("is a few lines, a table against the base, and links", () => {
    expect(text.split("\n")).toEqual([
      "<!-- falkordrill report drill -->",
      "### Disaster-recovery drill drill: pass",
      "",
      expect.stringMatching(
        /^The scenario passed\. Release gate: \*\*go\*\*\. reference, profile pr, 10,000 nodes, seed 1, c{12}\.$/,
      ),
      "",
      "| | this change | base | change |",
      "|---|---:|---:|---:|",
      expect.stringMatching(/^\| RTO \| 900 ms.* \| 450 ms.* \| \+100 % \|$/),
      expect.stringMatching(/^\| RPO \| .* \| = \|$/),
      "| backup | 300 ms | 300 ms | = |",
      "| restore to the first answer | 800 ms | 800 ms | = |",
      "| stored | 683.6 KiB | 683.6 KiB | = |",
      "| scenarios passed | 1 of 1 | 1 of 1 | = |",
      "",
      expect.stringMatching(/^<sub>One run each/),
      "",
      `[workflow run](${links.run}) · [report and run directory](${links.artifact})`,
      "",
    ]);
  });

  it("compares nothing with a run of other settings, and says so", () => {
    const other = reportModel([stored(base.result, "base", { options: { profile: "nightly" } })]);
    const alone = comment(passing, { base: other });
    expect(alone).toContain("| RTO | 900 ms");
    expect(alone).not.toContain("| base |");
    expect(alone).toContain("The last run of the base had other settings");
  });
});

describe("the comment of a failing run", () => {
  it("names what went wrong by cause, what changed against the base, and how to run it again", () => {
    const text = comment(modelOf([passed, failed]), {
      base: modelOf([
        passed,
        failed === undefined ? undefined : { ...failed, verdict: "pass", exit: "pass", findings: [] },
      ]),
    });
    expect(text).toContain("### Disaster-recovery drill: fail\n\n1 of 2 failed: data wrong in cycle/wire.");
    expect(text).toMatch(
      /^- data difference: \*\*.*\*\* \(<code>property-differs<\/code>\) in <code>cycle\/wire<\/code>/m,
    );
    expect(text).toContain("Changed against the base: <code>cycle/wire</code> pass → fail.");
    expect(text).toContain("```sh\nfalkordrill run --seed 1\n```");
  });

  it("stays short whatever failed, and begins with the marker by which it is found again", () => {
    const text = comment(reportModel([stored(manyScenarios(10_000, 3))]), { links });
    expect(text.split("\n")[0]).toBe(commentMarker);
    expect(Buffer.byteLength(text)).toBeLessThan(20_000);
  });

  it("lets no text of a graph become markup or mention a user", () => {
    const attacked =
      failed === undefined
        ? undefined
        : {
            ...failed,
            id: `cycle/${hostile}`,
            findings: failed.findings.map((finding) =>
              Object.assign({}, finding, { subject: hostile, message: hostile, hint: hostile }),
            ),
          };
    const outside = comment(modelOf([attacked]), { about: hostile }).replaceAll(/^(`{3,})\w*\n[\s\S]*?\n\1$/gm, "");
    expect(outside).not.toMatch(/<script|<img|@everyone|[^&]#1\b/);
  });
});
