// `compare` as its users meet it: run directories and files in, lines and an exit code out.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Draw } from "../../generators/random.ts";
import type { MeasuredRun } from "../../reports/regression/measured-run.ts";
import { sampleRun } from "../../reports/testing/sample-run.ts";
import type { ScenarioResult } from "../record/result.ts";
import { RunDirectory, type RunRecord } from "../record/run-directory.ts";
import { type Ended, falkordrill } from "./testing/command-line.ts";

const folder = mkdtempSync(join(tmpdir(), "falkordrill-compare-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const compare = (...args: string[]): Promise<Ended> => falkordrill(["compare", ...args], folder);

const draw = new Draw(1, "compare");

type Scenarios = readonly ScenarioResult[];

function writeRuns(
  name: string,
  count: number,
  by: number,
  cpu: string = "Z80",
  change: (scenarios: Scenarios) => Scenarios = (scenarios) => scenarios,
): void {
  for (let index = 0; index < count; index += 1) {
    const directory = RunDirectory.create(join(folder, name, `run-${index}`));
    const record: RunRecord = {
      schemaVersion: 1,
      seed: index,
      replay: "falkordrill run",
      startedAt: "2026-01-01T00:00:00.000Z",
      version: "0.1.0",
      options: { nodes: 10_000, dims: 0, out: `somewhere/${index}` },
      machine: { cpus: 2, cpu, memoryBytes: 2 ** 30, platform: "linux", node: "v24" },
      system: "reference",
    };
    directory.writeRun(record);
    const noisy = by * (1 + 0.01 * draw.unit());
    const scenarios = sampleRun.scenarios.map((scenario) => ({
      ...scenario,
      metrics: { ...scenario.metrics, ...(scenario.verdict === "pass" ? { firstAnswerMs: 800 * noisy } : {}) },
    }));
    directory.writeResult({ ...sampleRun, scenarios: change(scenarios) });
  }
}

function writeHistory(name: string, count: number, level: (at: number) => number): void {
  const lines = Array.from({ length: count }, (_, at): MeasuredRun => ({
    schemaVersion: 1,
    at: new Date(at * 86_400_000).toISOString(),
    version: "0.1.0",
    commit: `commit${at}`,
    provenance: { machine: "here" },
    figures: [
      { name: "cycle: backup, of SAVE", unit: "x", value: level(at) * (1 + 0.01 * draw.unit()), better: "less" },
    ],
  }));
  writeFileSync(join(folder, name), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
}

beforeAll(() => {
  writeRuns("old", 10, 1);
  writeRuns("new", 10, 1.3);
  writeRuns("few", 2, 1);
  writeRuns("elsewhere", 10, 1.3, "6502");
  writeRuns("worse", 1, 1, "Z80", (scenarios) =>
    scenarios
      .slice(0, 2)
      .map((scenario) =>
        scenario.id === "cycle/full" ? Object.assign({}, scenario, { verdict: "fail", exit: "dataWrong" }) : scenario,
      ),
  );
  writeHistory("slower.jsonl", 30, (at) => (at < 20 ? 1 : 1.3));
  writeFileSync(join(folder, "strange.jsonl"), '{"type":"row"}\n');
  writeHistory("short.jsonl", 5, () => 1);
});

describe("compare", { timeout: 30_000 }, () => {
  it("ends with 12 on a regression that both halves of the runs show", async () => {
    const { code, stdout } = await compare("old", "new");
    expect(stdout).toMatch(/^regression +cycle\/full: restore to first correct answer, of plain load +\+\d/m);
    expect(stdout).not.toMatch(/^within/m);
    expect(stdout).toMatch(/^verdicts +as before\nRTO, disaster to first correct answer +900 ms -> 900 ms$/m);
    expect(code).toBe(12);
    expect((await compare("old", "new", "--all")).stdout).toMatch(/^within +cycle\/full: backup, of SAVE/m);
  });
  it("finds nothing between a set and itself, and gives JSON", async () => {
    const { code, stdout } = await compare("old", "old", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ type: "comparison", verdict: "pass", runs: { base: 10, head: 10 } });
    expect(code).toBe(0);
  });
  it("ends with 13 where there are too few runs", async () => {
    const { code, stdout } = await compare("old", join("few", "run-0"));
    expect(stdout).toContain("too few runs: times are judged from 5 on each side");
    expect(code).toBe(13);
  });
  it("refuses runs of different machines without an override", async () => {
    const refused = await compare("old", "elsewhere");
    expect(refused).toMatchObject({ code: 13, stdout: "" });
    expect(refused.stderr).toContain("they differ in machine (2 x Z80, 1.00 GiB in base, 2 x 6502, 1.00 GiB in head)");
    const told = await compare("old", "elsewhere", "--anyway");
    expect(told.code).toBe(12);
    expect(told.stderr).toContain("compared although they differ in machine");
  });
  it("prints changed verdicts first, then the headline figures, and ends with the exit code of the worse run", async () => {
    const { code, stdout } = await compare(join("old", "run-0"), join("worse", "run-0"));
    expect(stdout.split("\n").slice(2, 5)).toEqual([
      "verdicts     1 pass -> fail, 1 inconclusive -> missing",
      "  pass -> fail           cycle/full",
      "  inconclusive -> missing cycle/nothing",
    ]);
    expect(code).toBe(10);
  });
  it.each([
    [["old"], "compare needs a base and a head"],
    [["old", "nowhere"], "nowhere does not exist"],
    [["old", join("old", "run-0", "observations")], "is not a run directory and contains none"],
    [["old", "old", "--allow", "0.1"], "--allow 0.1 is not a share such as 5%"],
    [["--history", "strange.jsonl"], "strange.jsonl, line 1 is not what this version"],
  ])("refuses %j", async (args, message) => {
    const { code, stdout, stderr } = await compare(...args);
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });
});

describe("compare --history", { timeout: 30_000 }, () => {
  it("ends with 12 on a change for the worse, and says since when", async () => {
    const { code, stdout } = await compare("--history", "slower.jsonl");
    expect(stdout).toMatch(/^worse +cycle: backup, of SAVE .* 30 runs$/m);
    expect(stdout).toMatch(/\+\d+\.\d % \(worse\) from 1970-01-21 commit20 on/);
    expect(stdout).toMatch(/The last change of 1 of 1 figure is for the worse\.\nexit code 12\n$/);
    expect(code).toBe(12);
  });
  it("draws the trend, with its change, as a page that loads nothing and runs nothing", async () => {
    await compare("--history", "slower.jsonl", "--html", "trend.html");
    const page = readFileSync(join(folder, "trend.html"), "utf8");
    expect(page).toContain("cycle: backup, of SAVE");
    expect(page).toMatch(/\+\d+\.\d %<\/strong> \(worse\) from 1970-01-21 on,\s+<code>commit20<\/code>/);
    expect(page).not.toMatch(/<script|https?:\/\/|url\(/);
    // The runs, and the level before and after.
    expect(page.match(/<path class="tone-accent"/g)?.length).toBe(1);
    expect(page.match(/<path class="tone-muted"/g)?.length).toBe(2);
  });
  it("lets pass what was accepted", async () => {
    expect((await compare("--history", "slower.jsonl", "--accept", "commit20")).code).toBe(0);
    expect((await compare("--history", "slower.jsonl", "--accept", "commit19")).code).toBe(12);
    expect((await compare("--history", "slower.jsonl", "--accept", "nobody")).code).toBe(2);
  });
  it("ends with 13 where there are too few runs", async () => {
    expect(await compare("--history", "short.jsonl")).toMatchObject({ code: 13, stderr: "" });
  });
});
