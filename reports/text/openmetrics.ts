// The run for Prometheus, as a file for node_exporter's textfile collector: no server is needed. It reads as the text
// format of Prometheus and as OpenMetrics; such files may carry no timestamps, so the time of the run is a metric.
import { exitCodes } from "../../harness/base/errors.ts";
import type { Verdict } from "../../harness/record/result.ts";
import { Exposition } from "./exposition.ts";
import { baseUnits, metricMeaning } from "../figures/metrics.ts";
import type { ReportModel } from "../model/model.ts";

const verdicts: readonly Verdict[] = ["pass", "fail", "inconclusive"];

export function openMetrics({ runs, result, scenarios, counts }: ReportModel): string {
  const out = new Exposition();
  for (const verdict of verdicts)
    out.gauge(
      "falkordrill_verdict",
      "1 for the verdict of the drill, 0 for the others.",
      Number(result.verdict === verdict),
      { verdict },
    );
  for (const verdict of verdicts)
    out.gauge("falkordrill_scenarios", "Scenarios of the drill by verdict.", counts[verdict], { verdict });
  out.gauge(
    "falkordrill_exit_code",
    `Exit code of the drill: 0 to ${exitCodes.interrupted}, see docs/reference/exit-codes.md.`,
    result.exitCode,
  );
  for (const { record } of runs) {
    const { version, commit = "", system, seed } = record;
    const run = { seed: String(seed), system };
    const startedMs = Date.parse(record.startedAt);
    out.gauge("falkordrill_run_start_timestamp_seconds", "When the run began.", startedMs / 1000, run);
    out.gauge("falkordrill_run_info", "What ran; always 1.", 1, {
      ...run,
      version,
      commit,
      profile: profileOf(record.options),
    });
  }
  for (const { id: scenario, verdict, durationMs, metrics, findings } of scenarios) {
    out.gauge("falkordrill_scenario_passed", "1 where the scenario passed, else 0.", Number(verdict === "pass"), {
      scenario,
    });
    out.gauge("falkordrill_scenario_duration_seconds", "How long the scenario took.", durationMs / 1000, { scenario });
    out.gauge("falkordrill_scenario_findings", "Findings of the scenario.", findings.length, { scenario });
    for (const [metric, measured] of Object.entries(metrics)) {
      const { name, value } = baseUnits(metric, measured);
      out.gauge(`falkordrill_${name}`, metricMeaning(metric), value, { scenario });
    }
  }
  return out.toString();
}

function profileOf({ profile }: Readonly<Record<string, unknown>>): string {
  return typeof profile === "string" ? profile : "";
}
