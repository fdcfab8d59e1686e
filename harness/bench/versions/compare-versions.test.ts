// Two versions are compared by the rows that their programs print.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Draw } from "../../../generators/random.ts";
import { defaultPlan } from "../../../reports/regression/compare-in-rounds.ts";
import { type VersionComparison, versionLines } from "../../../reports/regression/version-comparison.ts";
import { silentProgress } from "../../base/progress.ts";
import { compareVersions } from "./compare-versions.ts";
import type { Version } from "./other-version.ts";
import { row } from "../rows.ts";
import { takeSample } from "./sample.ts";

const folder = mkdtempSync(join(tmpdir(), "falkordrill-versions-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Rows = readonly ReturnType<typeof row>[];

/** The two versions, whose rows are these with a little noise on every ratio, and the calls that measured them. */
async function compared(base: Rows, head: Rows): Promise<VersionComparison & { readonly calls: readonly string[] }> {
  const noise = new Draw(1, "noise");
  const calls: string[] = [];
  const sample: typeof takeSample = async (root, { args }) => {
    calls.push(`${root} ${args.join(" ")}`);
    return (root === "base" ? base : head).map((each) => {
      const value = each.unit === "x" ? each.value * (1 + 0.006 * noise.unit()) : each.value;
      return Object.assign({}, each, { value, benchmark: "work" });
    });
  };
  const version = (label: string): Version => ({ label, version: "1.2.3", commit: undefined, root: label });
  const plan = { ...defaultPlan, seed: 1 };
  const versions = { base: version("base"), head: version("head"), names: ["work"], plan, sampleTimeoutMs: 30_000 };
  const context = { nodes: 10, dims: 0, seed: 1, progress: silentProgress, signal: AbortSignal.timeout(60_000) };
  const found = await compareVersions({ ...versions, provenance: { machine: "here" } }, context, sample);
  return { ...found, calls };
}

/** The folder of a program that prints `rows` for `falkordrill bench`. */
function program(label: string, rows: Rows, end: string = ""): string {
  const root = join(folder, label);
  mkdirSync(join(root, "bin"), { recursive: true });
  const lines = rows.map((each) => JSON.stringify({ type: "row", benchmark: "work", ...each }));
  writeFileSync(join(root, "bin", "falkordrill.js"), `console.log(${JSON.stringify(lines.join("\n"))});\n${end}`);
  return root;
}

const old = [
  row("backup", "x", [1]),
  row("throughput", "x", [2], { better: "more" }),
  row("stored", "bytes", [100], { exactWithin: 0 }),
  row("took", "ms", [5]),
];

describe("two versions", () => {
  it("that do the same are a pass, after eight rounds of three processes", async () => {
    const { calls, ...found } = await compared(old, old);
    expect(found).toMatchObject({ verdict: "pass", exitCode: 0, oneSided: [] });
    expect(found.times.map(({ name, verdict }) => [name, verdict])).toEqual([
      ["work: backup", "within"],
      ["work: throughput", "within"],
    ]);
    expect(calls.length).toBe(24);
    expect(calls[0]).toMatch(/^(base|head) work --nodes 10 --dims 0 --seed 1 --runs 1$/);
    // In turns, and not always in the same order.
    const rounds = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => calls.slice(n * 3, n * 3 + 3).map((call) => call.split(" ")[0]));
    expect(rounds.every((round) => round.filter((label) => label === "base").length === 2)).toBe(true);
    expect(new Set(rounds.map(String)).size).toBeGreaterThan(1);
  });

  it("of which one is slower, less fast, or stores more end with 12, confirmed in fresh rounds", async () => {
    const found = await compared(old, [
      row("backup", "x", [1.3]),
      row("throughput", "x", [1.4], { better: "more" }),
      row("stored", "bytes", [101], { exactWithin: 0 }),
      row("news", "x", [1]),
    ]);
    expect(found).toMatchObject({ verdict: "fail", exit: "objectiveMissed", exitCode: 12 });
    expect(found.times.map(({ verdict }) => verdict)).toEqual(["regression", "regression"]);
    expect(found.times[0]?.second?.rounds).toBe(8);
    expect(found.exact).toMatchObject([{ name: "work: stored", says: "worse", base: 100, head: 101 }]);
    expect(found.oneSided).toEqual([
      { name: "work: took", only: "base" },
      { name: "work: news", only: "head" },
    ]);
    const text = versionLines(found).join("\n");
    expect(text).toMatch(/regression {5}work: backup .* \+30\.\d %/);
    expect(text).toContain("only in head   work: news");
    expect(text).toContain("fail, exit code 12");
  });

  it("that have no figure in common are inconclusive", async () => {
    const found = await compared(old, [row("else", "x", [1])]);
    expect(found).toMatchObject({ verdict: "inconclusive", exitCode: 13, times: [], exact: [] });
  });
});

describe("a sample", { timeout: 60_000 }, () => {
  const request = { args: ["work"], timeoutMs: 30_000, signal: AbortSignal.timeout(60_000) };
  it("that fails says of whom, how, and what it said", async () => {
    const broken = program("broken", old, 'console.error("no engine here"); process.exitCode = 14;');
    await expect(takeSample(broken, request)).rejects.toThrow(/broken gave 4 rows and ended with 14: no engine here/);
  });
  it("without a row is refused", async () => {
    await expect(takeSample(program("mute", []), request)).rejects.toThrow("mute gave 0 rows and ended with 0");
  });
  it("is taken although a target was missed", async () => {
    expect(await takeSample(program("missed", old, "process.exitCode = 12;"), request)).toHaveLength(4);
  });
  it("that does not end is ended", async () => {
    const hanging = program("hanging", old, "setInterval(() => {}, 1000);");
    await expect(takeSample(hanging, { ...request, timeoutMs: 500 })).rejects.toThrow("ended with a signal");
  });
});
