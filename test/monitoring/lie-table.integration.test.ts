// The rules of monitoring/ against situations in simulated time, by promtool: in each the right alerts fire within two
// evaluations, no other does, and all of them end when the situation does; and none fires in 90 good days. By day every
// sixteenth situation, other ones each time, and four days.
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { systemClock } from "../../harness/base/clock.ts";
import { environment } from "../../harness/base/environment.ts";
import { packageRoot } from "../../harness/base/package.ts";
import { isNightly } from "../../harness/base/testing/nightly.ts";
import { monitorMetrics } from "../../harness/monitor/metrics/samples.ts";
import { day, goodDay, hour, minute, type Situation, situations } from "./lie-table.ts";

const monitoring = join(packageRoot(), "monitoring");
const rulesText = readFileSync(join(monitoring, "falkordrill.rules.yaml"), "utf8");
interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: Readonly<Record<"summary" | "action" | "runbook_url", string>>;
}
const { rules } = (parse(rulesText) as { groups: [{ rules: readonly Rule[] }] }).groups[0];

const isMissing = spawnSync("promtool", ["--version"]).error !== undefined;
const isSkipped = isMissing && !environment().requireBrowser;
// Not made where tests are only listed, which runs no hook that would remove it.
let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "falkordrill-lie-table-"))));
afterAll(() => rmSync(folder, { recursive: true }));

function promtool(...args: readonly string[]): { readonly status: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync("promtool", args, { encoding: "utf8", timeout: 120_000 });
  return { status, said: `${stdout}${stderr}` };
}

const [begins, ends, length] = [8 * hour, 8.5 * hour, 10 * hour];

/** The series of a good day, changed while the situation lasts. */
function seriesOf(
  { changes, since = begins }: Pick<Situation, "changes" | "since">,
  steps: number,
  stepSeconds: number,
): object[] {
  return [...new Set([...Object.keys(goodDay), ...Object.keys(changes)])].map((series) => {
    const valueAt = (step: number): number | undefined => {
      const t = step * stepSeconds;
      const isChanged = t > since && t <= ends && series in changes;
      return (isChanged ? changes[series] : goodDay[series])?.(t);
    };
    // What is not in a scrape any more is marked as such by Prometheus, and not taken for the last value for minutes.
    const textAt = (step: number): number | string =>
      valueAt(step) ?? (step > 0 && valueAt(step - 1) !== undefined ? "stale" : "_");
    const values = Array.from({ length: steps + 1 }, (_, step) => textAt(step));
    return { series, values: values.join(" ") };
  });
}

function firing(atSeconds: number, alerts: readonly string[]): object {
  const samples = alerts.toSorted().map((alertname) => ({ labels: `{alertname="${alertname}"}`, value: 1 }));
  const expr = 'group by (alertname) (ALERTS{alertstate="firing"})';
  return { expr, eval_time: `${atSeconds}s`, exp_samples: samples };
}

function testRules(
  tests: readonly object[],
  interval: string,
): { readonly status: number | null; readonly said: string } {
  copyFileSync(join(monitoring, "falkordrill.rules.yaml"), join(folder, "rules.yaml"));
  const file = join(folder, "test.yaml");
  writeFileSync(
    file,
    stringify({ rule_files: ["rules.yaml"], evaluation_interval: interval, tests }, { aliasDuplicateObjects: false }),
  );
  return promtool("test", "rules", file);
}

describe("the alerts", () => {
  it("ask for metrics that the monitor gives", () => {
    const asked = new Set(rules.flatMap(({ expr }) => expr.match(/falkordrill_\w+/g) ?? []));
    expect([...asked].filter((name) => !(name in monitorMetrics))).toEqual([]);
    const simulated = Object.keys(goodDay).map((series) => series.slice(0, series.indexOf("{")));
    expect(simulated.filter((name) => name !== "up" && !(name in monitorMetrics))).toEqual([]);
  });

  it("are each expected in a situation", () => {
    const expected = new Set(situations(begins).flatMap(({ alerts }) => alerts));
    expect(rules.map(({ alert }) => alert).filter((alert) => !expected.has(alert))).toEqual([]);
    expect(situations(begins).length).toBeGreaterThanOrEqual(40);
  });
});

describe.skipIf(spawnSync("amtool", ["--version"]).error !== undefined && !environment().requireBrowser)(
  "amtool",
  () => {
    it("finds no fault with the routes", () => {
      const { status, stdout, stderr } = spawnSync("amtool", ["check-config", join(monitoring, "alertmanager.yaml")], {
        encoding: "utf8",
      });
      expect([`${stdout}${stderr}`, status]).toEqual([expect.stringContaining("SUCCESS"), 0]);
    });
  },
);

describe.skipIf(isSkipped)("promtool", { timeout: 240_000 }, () => {
  it("finds no fault with the rules", () => {
    expect(promtool("check", "rules", join(monitoring, "falkordrill.rules.yaml")).status).toBe(0);
  });

  const all = situations(begins);
  const drawn = Math.floor(systemClock.nowMs()) % all.length;
  const chosen = isNightly ? all : all.slice(drawn, drawn + 1);
  it.each(chosen.map((situation) => [situation.name, situation] as const))("%s", (_, situation) => {
    const test = {
      interval: "1m",
      input_series: seriesOf(situation, length / minute, minute),
      promql_expr_test: [
        firing(begins, []),
        // It is seen by the first evaluation after it began, and fires with the second.
        firing(begins + 2 * minute, situation.alerts),
        firing(ends, situation.alerts),
        firing(length, []),
      ],
    };
    expect(testRules([test], "1m")).toEqual({ status: 0, said: expect.stringContaining("SUCCESS") });
  });

  const days = isNightly ? 90 : 4;
  it(`lets no alert fire in ${days} good days`, () => {
    const step = 10 * minute;
    const evaluations = Array.from({ length: days * 24 }, (_, at) => firing((at + 1) * hour, []));
    const test = {
      interval: "10m",
      input_series: seriesOf({ changes: {} }, (days * day) / step, step),
      promql_expr_test: evaluations,
    };
    expect(testRules([test], "10m")).toEqual({ status: 0, said: expect.stringContaining("SUCCESS") });
  });
});
