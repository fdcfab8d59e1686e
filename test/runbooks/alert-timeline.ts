// The rules of monitoring/, unchanged, over what a monitor really said: hours in which all went on as in one text, then as in
// the next one. promtool evaluates them in simulated time, so a stall of half an hour takes none.
import { copyFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { packageRoot } from "../../harness/base/package.ts";
import { runCommand } from "../../harness/base/process/run-command.ts";
import { scraped } from "../../harness/monitor/testing/scrape.ts";

interface Scrapes {
  /** What a scrape gave. */
  readonly text: string;
  readonly atMs: number;
  readonly minutes: number;
  /** Whether moments move along, as where backups go on; otherwise they grow old. */
  readonly isMoving: boolean;
}

export interface Stretch extends Scrapes {
  /** The alerts that must fire at its end, and no others. */
  readonly firing: readonly string[];
}

interface Series {
  readonly series: string;
  readonly values: string;
}

const rulesFile = join(packageRoot(), "monitoring", "falkordrill.rules.yaml");

/** The series of the texts one after the other, a sample a minute, for promtool. */
export function linesOverTime(stretches: readonly Scrapes[]): readonly Series[] {
  const samples = stretches.map(({ text }) => scraped(text));
  const lines = stretches.flatMap(({ text }) => text.split("\n").filter((line) => /^[a-z]/.test(line)));
  const begins = stretches.map((_, at) => stretches.slice(0, at).reduce((sum, { minutes }) => sum + minutes, 0));
  const series = [...new Set(lines.map((line) => line.slice(0, line.lastIndexOf(" "))))].map((name) => {
    let isThere = false;
    const values = stretches.flatMap(({ atMs, minutes, isMoving }, at) => {
      const value = samples[at]?.value(name);
      return Array.from({ length: minutes }, (_, minute) => {
        if (value === undefined) return isThere ? ((isThere = false), "stale") : "_";
        isThere = true;
        const moves = isMoving || name.includes("_look_");
        return momentIn(name, value, atMs, ((begins[at] ?? 0) + (moves ? minute : 0)) * 60);
      });
    });
    return { series: name, values: values.join(" ") };
  });
  const total = stretches.reduce((sum, { minutes }) => sum + minutes, 0);
  return [{ series: 'up{job="falkordrill"}', values: `1x${total - 1}` }, ...series];
}

/** Why the alerts are not those that were expected; undefined where they are. */
export async function problemOfAlerts(stretches: readonly Stretch[], folder: string): Promise<string | undefined> {
  const asked = new Set((await readFile(rulesFile, "utf8")).match(/falkordrill_\w+/g));
  let ended = 0;
  const test = {
    interval: "1m",
    input_series: linesOverTime(stretches).filter(
      ({ series }) => asked.has(/^\w*/.exec(series)?.[0] ?? "") || series.startsWith("up"),
    ),
    promql_expr_test: stretches.map(({ minutes, firing }) => ({
      expr: 'group by (alertname) (ALERTS{alertstate="firing"})',
      eval_time: `${(ended += minutes) - 1}m`,
      exp_samples: firing.toSorted().map((name) => ({ labels: `{alertname="${name}"}`, value: 1 })),
    })),
  };
  copyFileSync(rulesFile, join(folder, "rules.yaml"));
  const file = join(folder, "alerts.test.yaml");
  const content = { rule_files: ["rules.yaml"], evaluation_interval: "1m", tests: [test] };
  await writeFile(file, stringify(content, { aliasDuplicateObjects: false }));
  const { status, stdout, stderr } = await runCommand("promtool", ["test", "rules", file], { timeoutMs: 120_000 });
  return status === 0 ? undefined : `${stdout}${stderr}`;
}

/** A moment as seen from the simulated time `t` is as far away as it was from the scrape. 0 is never, and stays it. */
function momentIn(name: string, value: number, atMs: number, t: number): number | string {
  if (!Number.isFinite(value)) return "Inf";
  return name.includes("_timestamp_seconds") && value !== 0 ? value - atMs / 1000 + t : value;
}
