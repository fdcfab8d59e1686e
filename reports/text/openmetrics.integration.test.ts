// What Prometheus' own tool says of our metrics.
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { environment } from "../../harness/base/environment.ts";
import { reportModel } from "../model/model.ts";
import { openMetrics } from "./openmetrics.ts";
import { hostile, sampleRun, stored } from "../testing/sample-run.ts";

const isMissing = spawnSync("promtool", ["--version"]).error !== undefined;
const isSkipped = isMissing && !environment().requireBrowser;
const why = isSkipped ? " (skipped: it is not on this machine)" : "";

describe.skipIf(isSkipped)(`promtool${why}`, () => {
  const check = (input: string): { status: number | null; said: string } => {
    const { status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], { input, encoding: "utf8" });
    return { status, said: `${stdout}${stderr}` };
  };
  it("finds no fault, whatever a scenario is called and measures", () => {
    const scenarios = sampleRun.scenarios.map((scenario) => ({
      ...scenario,
      id: `${scenario.id}${hostile}`,
      metrics: {
        ...scenario.metrics,
        "writesPerSecond-before": 1.5,
        edgeCount: 2,
        p50Ms: 3,
        spareRatio: 0.1,
        doneTotal: 4,
      },
    }));
    const runs = [stored({ ...sampleRun, scenarios }), stored(sampleRun, "runs/2", { seed: 2 })];
    expect(check(openMetrics(reportModel(runs)))).toEqual({ status: 0, said: "" });
  });
  it("would find one, so it is really asked", () => {
    expect(check('falkordrill_total{a="b} 1\n').status).not.toBe(0);
  });
});
