// The conditions of the dashboard against the lie table that the rules of Prometheus are held to: in each situation the same
// alerts, and none in ten good days.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { packageRoot } from "../../harness/base/package.ts";
import { saidAlerts } from "../../harness/monitor/alerts/alert-texts.ts";
import { firingAlerts, judgedAlerts, looksBack } from "../../harness/monitor/alerts/firing-alerts.ts";
import type { MetricSample } from "../../harness/monitor/metrics/samples.ts";
import { goodDay, hour, minute, type Situation, situations } from "./lie-table.ts";

const begins = 8 * hour;

function samplesAt(t: number, changes: Situation["changes"] = {}): readonly MetricSample[] {
  return Object.entries({ ...goodDay, ...changes }).flatMap(([series, valueAt]): readonly MetricSample[] => {
    const value = valueAt(t);
    const [, name = "", inner = ""] = /^(\w+)\{(.*)\}$/.exec(series) ?? [];
    const labels = Object.fromEntries(Array.from(inner.matchAll(/(\w+)="([^"]*)"/g), ([, key, text]) => [key, text]));
    return value === undefined || name === "up" ? [] : [{ name, labels, value }];
  });
}

const namesAt = (t: number, changes?: Situation["changes"]): readonly string[] =>
  [...new Set(firingAlerts(samplesAt(t, changes), t * 1000).map(({ name }) => name))].toSorted();

describe("the alerts on the dashboard", () => {
  it.each(situations(begins).map((situation) => [situation.name, situation] as const))("%s", (_, situation) => {
    const expected = situation.alerts.filter((name) => !looksBack.has(name)).toSorted();
    expect(namesAt(begins + 2 * minute, situation.changes)).toEqual(expected);
  });

  it("are none in ten good days", () => {
    const alerts = Array.from({ length: 240 }, (_, index) => namesAt((index + 1) * hour)).flat();
    expect(alerts).toEqual([]);
  });

  it("are all rules but those that look back", () => {
    const text = readFileSync(join(packageRoot(), "monitoring/falkordrill.rules.yaml"), "utf8");
    const { rules } = (parse(text) as { groups: [{ rules: readonly { alert: string }[] }] }).groups[0];
    expect([...judgedAlerts, ...looksBack].toSorted()).toEqual(rules.map(({ alert }) => alert).toSorted());
  });

  it("use the words of the rules, with the labels filled in", () => {
    const labels = {
      vault: "near",
      region: "eu",
      disk: "d",
      graph: "g",
      role: "signer",
      key: "s",
      scenario: "c",
      runs: "r",
      objective: "space",
      subject: "near",
    };
    const said = saidAlerts(judgedAlerts.map((name) => ({ name, labels: { ...labels, replica_of: "far" } })));
    expect(said.filter(({ summary, action }) => /\{\{|undefined/.test(summary + action))).toEqual([]);
    expect(said.find(({ name }) => name === "FalkorDrillVaultUnreadable")?.summary).toBe(
      "The vault near (eu) cannot be read",
    );
    const none = saidAlerts([{ name: "FalkorDrillVaultUnreadable", labels: { vault: "near", region: "" } }]);
    expect(none[0]?.summary).toBe("The vault near cannot be read");
    expect(said.map(({ severity }) => severity).indexOf("warning")).toBe(
      said.filter(({ severity }) => severity === "critical").length,
    );
  });
});
