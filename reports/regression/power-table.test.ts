import { describe, expect, it } from "vitest";
import type { Round } from "./judge-rounds.ts";
import { powerMarkdown, powerTable, type Trial, wilson } from "./power-table.ts";

const rounds = (ratio: number): Round[] =>
  Array.from({ length: 8 }, (_, i) => ({ base: 10 + (i % 3) / 10, again: 10, head: (10 + (i % 2) / 10) * ratio }));
const trial = (number: number, slowdown: number, verdict: string): Trial => ({
  type: "trial",
  trial: number,
  slowdown,
  verdict,
  first: rounds(1 + slowdown),
  second: [],
});
const rang = (trials: readonly Trial[]): Record<string, number>[] =>
  powerTable(trials).map(({ alarms }) => Object.fromEntries(alarms.map(({ rule, rang: count }) => [rule, count])));

describe("the power table", () => {
  it("counts the alarms of every rule on the same samples", () => {
    expect(rang([trial(0, 0, "within"), trial(1, 0.2, "regression"), trial(2, 1.2, "not-confirmed")])).toEqual([
      {
        falkordrill: 0,
        "ratio > 200 %, one run each": 0,
        "ratio > 110 %, one run each": 0,
        "ratio > 110 %, means": 0,
        "Welch's t-test at 5 %": 0,
      },
      {
        falkordrill: 1,
        "ratio > 200 %, one run each": 0,
        "ratio > 110 %, one run each": 1,
        "ratio > 110 %, means": 1,
        "Welch's t-test at 5 %": 1,
      },
      {
        falkordrill: 0,
        "ratio > 200 %, one run each": 1,
        "ratio > 110 %, one run each": 1,
        "ratio > 110 %, means": 1,
        "Welch's t-test at 5 %": 1,
      },
    ]);
  });
  it("says how sure each share is, after Wilson", () => {
    // Newcombe, Statistics in Medicine 17 (1998): 81 of 263 gives 0.2553 to 0.3662, 0 of 20 gives 0 to 0.1611.
    const [some, none] = [wilson(81, 263), wilson(0, 20)];
    expect([some.low, some.high, none.low, none.high].map((v) => Number(v.toFixed(4)))).toEqual([
      0.2553, 0.3662, 0, 0.1611,
    ]);
  });
  it("is a table of Markdown", () => {
    const lines = powerMarkdown(powerTable([trial(0, 0, "within"), trial(1, 0, "unclear")])).split("\n");
    expect(lines[2]).toMatch(/^\| 0 % \| 2 \| 0\.0 % \(0\.0 % to 65\.8 %\) \|.*\| 8\.0 \| within 1, unclear 1 \|$/);
  });
});
