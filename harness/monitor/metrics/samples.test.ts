// Names and units follow the conventions of Prometheus, and samples follow the registry.
import { describe, expect, it } from "vitest";
import { type MetricName, monitorMetrics, MetricSamples } from "./samples.ts";

describe.each(Object.entries(monitorMetrics))("%s", (name, { type, help, from, cannotSay, labels }) => {
  it("is named by what it is", () => {
    expect(name).toMatch(/^falkordrill_[a-z]+(?:_[a-z]+)*$/);
    expect(name.endsWith("_total")).toBe(type === "counter");
    expect(name).not.toMatch(/_(?:ms|minutes|hours|days|kb|percent|age|count|sum|bucket)(?:_|$)/);
    expect(labels).not.toContain("le");
  });

  it("says what it is, where it comes from, and what it does not say", () => {
    expect(help).toMatch(/^(?:1|[A-Z]).*\.$/);
    expect([from, cannotSay]).toEqual([
      expect.stringMatching(/\w$|\)$/),
      expect.stringMatching(/^(?!It )[a-z].*[\w)]$/),
    ]);
  });
});

const vault = { vault: "v", region: "" };

describe("samples", () => {
  it("come in the order of the registry, with what a histogram adds up to", () => {
    const out = new MetricSamples();
    out.add("falkordrill_monitor_info", 1, { version: "1" });
    const durations = { bounds: [1, 5], counts: [2, 0, 1], sum: 9.5 };
    out.distribution("falkordrill_vault_backup_duration_seconds", durations, vault);
    out.add("falkordrill_vault_up", 1, vault);
    const lines = String(out)
      .split("\n")
      .filter((line) => !line.startsWith("# HELP"));
    expect(lines).toEqual([
      "# TYPE falkordrill_vault_up gauge",
      'falkordrill_vault_up{vault="v",region=""} 1',
      "# TYPE falkordrill_vault_backup_duration_seconds histogram",
      'falkordrill_vault_backup_duration_seconds_bucket{vault="v",region="",le="1"} 2',
      'falkordrill_vault_backup_duration_seconds_bucket{vault="v",region="",le="5"} 2',
      'falkordrill_vault_backup_duration_seconds_bucket{vault="v",region="",le="+Inf"} 3',
      'falkordrill_vault_backup_duration_seconds_sum{vault="v",region=""} 9.5',
      'falkordrill_vault_backup_duration_seconds_count{vault="v",region=""} 3',
      "# TYPE falkordrill_monitor_info gauge",
      'falkordrill_monitor_info{version="1"} 1',
      "# EOF",
      "",
    ]);
  });

  it("cannot leave a label out, nor be of another type", () => {
    const out = new MetricSamples();
    expect(() => out.add("falkordrill_vault_up", 1, { vault: "v" })).toThrow("has the labels vault,region");
    const histogram: MetricName = "falkordrill_vault_backup_duration_seconds";
    expect(() => out.add(histogram, 1, vault)).toThrow("is a histogram");
    const none = { bounds: [], counts: [0], sum: 0 };
    expect(() => out.distribution("falkordrill_vault_up", none, vault)).toThrow("is a gauge");
  });
});
