// What rules of alarm are worth: how often each rings when something got slower, and how often when nothing did. All
// rules judge the same samples of the same trials.
import { mean } from "simple-statistics";
import { z } from "zod";
import { welchTest } from "../statistics/welch.ts";
import type { Round } from "./judge-rounds.ts";

const roundSchema: z.ZodType<Round> = z.object({ base: z.number(), again: z.number(), head: z.number() });

/** One line of a power study. */
export interface Trial {
  readonly type: "trial";
  readonly trial: number;
  /** Share of work that head does more, 0 for none. */
  readonly slowdown: number;
  readonly verdict: string;
  /** In milliseconds, as measured, in both stages. */
  readonly first: readonly Round[];
  readonly second: readonly Round[];
}
export const trialSchema: z.ZodType<Trial> = z.object({
  type: z.literal("trial"),
  trial: z.number(),
  slowdown: z.number(),
  verdict: z.string(),
  first: z.array(roundSchema),
  second: z.array(roundSchema),
});

interface Rule {
  readonly name: string;
  readonly alarms: (trial: Trial) => boolean;
}

const all = (trial: Trial, side: "base" | "head"): number[] =>
  [...trial.first, ...trial.second].map((round) => round[side]);

/** github-action-benchmark: the ratio of one figure to that of one run before. */
const ratio = (base: number, head: number): number => head / base;
const oneRun = (trial: Trial): number => ratio(all(trial, "base")[0] ?? 0, all(trial, "head")[0] ?? 0);
const means = (trial: Trial): number => ratio(mean(all(trial, "base")), mean(all(trial, "head")));

const rules: readonly Rule[] = [
  { name: "falkordrill", alarms: (trial) => trial.verdict === "regression" },
  { name: "ratio > 200 %, one run each", alarms: (trial) => oneRun(trial) > 2 },
  { name: "ratio > 110 %, one run each", alarms: (trial) => oneRun(trial) > 1.1 },
  { name: "ratio > 110 %, means", alarms: (trial) => means(trial) > 1.1 },
  { name: "Welch's t-test at 5 %", alarms: (trial) => welchTest(all(trial, "base"), all(trial, "head")).p < 0.05 },
];

export interface PowerRow {
  readonly slowdown: number;
  readonly trials: number;
  /** By rule: how many trials rang, and the interval of 95 % around their share. */
  readonly alarms: readonly {
    readonly rule: string;
    readonly rang: number;
    readonly low: number;
    readonly high: number;
  }[];
  /** How the trials of falkordrill ended. */
  readonly verdicts: Readonly<Record<string, number>>;
  readonly roundsMean: number;
}

export function powerTable(trials: readonly Trial[]): readonly PowerRow[] {
  const slowdowns = [...new Set(trials.map((trial) => trial.slowdown))].toSorted((a, b) => a - b);
  return slowdowns.map((slowdown) => {
    const own = trials.filter((trial) => trial.slowdown === slowdown);
    return {
      slowdown,
      trials: own.length,
      alarms: rules.map(({ name, alarms }) => {
        const rang = own.filter(alarms).length;
        return { rule: name, rang, ...wilson(rang, own.length) };
      }),
      verdicts: Object.fromEntries(
        [...new Set(own.map((trial) => trial.verdict))].map((name) => [
          name,
          own.filter((trial) => trial.verdict === name).length,
        ]),
      ),
      roundsMean: mean(own.map((trial) => trial.first.length + trial.second.length)),
    };
  });
}

/** Wilson's interval for a share, 95 %. */
export function wilson(found: number, of: number): { low: number; high: number } {
  const z = 1.959964;
  const share = found / of;
  const middle = (share + z ** 2 / (2 * of)) / (1 + z ** 2 / of);
  const half = (z / (1 + z ** 2 / of)) * Math.sqrt((share * (1 - share)) / of + z ** 2 / (4 * of ** 2));
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

/** As a table in Markdown, which reads well in a terminal too. */
export function powerMarkdown(rows: readonly PowerRow[]): string {
  const table = [
    ["slower by", "trials", ...rules.map(({ name }) => name), "rounds", "verdicts"],
    ["---:", "---:", ...rules.map(() => "---:"), "---:", "---"],
    ...rows.map(({ slowdown, trials, alarms, roundsMean, verdicts }) => [
      `${(slowdown * 100).toFixed(0)} %`,
      String(trials),
      ...alarms.map(({ rang, low, high }) => `${percent(rang / trials)} (${percent(low)} to ${percent(high)})`),
      roundsMean.toFixed(1),
      Object.entries(verdicts)
        .map(([name, count]) => `${name} ${count}`)
        .join(", "),
    ]),
  ];
  return table.map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
