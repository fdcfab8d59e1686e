// Two versions as the comparison meets them: programs that print rows. These print what the test wants them to.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { defaultPlan } from "../../../reports/regression/compare-in-rounds.ts";
import { type VersionComparison, versionLines } from "../../../reports/regression/version-comparison.ts";
import { silentProgress } from "../../base/progress.ts";
import { compareVersions } from "./compare-versions.ts";
import type { Version } from "./other-version.ts";
import { row } from "../rows.ts";
import { takeSample } from "./sample.ts";

const folder = mkdtempSync(join(tmpdir(), "falkordrill-versions-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A program that prints `rows`, with a little noise on every ratio, and notes that it was called. */
function version(label: string, rows: readonly object[], end: string = ""): Version {
  const root = join(folder, label);
  mkdirSync(join(root, "bin"), { recursive: true });
  writeFileSync(
    join(root, "bin", "falkordrill.js"),
    `const { appendFileSync } = require("node:fs");
     appendFileSync(${JSON.stringify(join(folder, "calls"))}, "${label} " + process.argv.slice(2).join(" ") + "\\n");
     for (const row of ${JSON.stringify(rows)}) {
       const noise = row.unit === "x" ? 1 + (process.pid % 7) / 1000 : 1;
       console.log(JSON.stringify({ type: "row", benchmark: "work", ...row, value: row.value * noise }));
     }
     ${end}`,
  );
  return { label, version: "1.2.3", commit: undefined, root };
}

async function compared(base: Version, head: Version): Promise<VersionComparison> {
  rmSync(join(folder, "calls"), { force: true });
  const plan = { ...defaultPlan, seed: 1 };
  const provenance = { machine: "here" };
  const context = { nodes: 10, dims: 0, seed: 1, progress: silentProgress, signal: AbortSignal.timeout(60_000) };
  return await compareVersions({ base, head, names: ["work"], plan, provenance, sampleTimeoutMs: 30_000 }, context);
}

const old = [
  row("backup", "x", [1]),
  row("throughput", "x", [2], { better: "more" }),
  row("stored", "bytes", [100], { exactWithin: 0 }),
  row("took", "ms", [5]),
];

describe("two versions", { timeout: 60_000 }, () => {
  it("that do the same are a pass, after eight rounds of three processes", async () => {
    const found = await compared(version("base", old), version("same", old));
    expect(found).toMatchObject({ verdict: "pass", exitCode: 0, oneSided: [] });
    expect(found.times.map(({ name, verdict }) => [name, verdict])).toEqual([
      ["work: backup", "within"],
      ["work: throughput", "within"],
    ]);
    const calls = readFileSync(join(folder, "calls"), "utf8").trim().split("\n");
    expect(calls.length).toBe(24);
    expect(calls[0]).toMatch(/^(base|same) bench work --nodes 10 --dims 0 --seed 1 --runs 1 --json$/);
    // In turns, and not always in the same order.
    const rounds = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => calls.slice(n * 3, n * 3 + 3).map((call) => call.split(" ")[0]));
    expect(rounds.every((round) => round.filter((label) => label === "base").length === 2)).toBe(true);
    expect(new Set(rounds.map(String)).size).toBeGreaterThan(1);
  });

  it("of which one is slower, less fast, or stores more end with 12, confirmed in fresh rounds", async () => {
    const slower = version("slower", [
      row("backup", "x", [1.3]),
      row("throughput", "x", [1.4], { better: "more" }),
      row("stored", "bytes", [101], { exactWithin: 0 }),
      row("news", "x", [1]),
    ]);
    const found = await compared(version("base", old), slower);
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
    const found = await compared(version("base", old), version("other", [row("else", "x", [1])]));
    expect(found).toMatchObject({ verdict: "inconclusive", exitCode: 13, times: [], exact: [] });
  });
});

describe("a sample", { timeout: 60_000 }, () => {
  const request = { args: ["work"], timeoutMs: 30_000, signal: AbortSignal.timeout(60_000) };
  it("that fails says of whom, how, and what it said", async () => {
    const broken = version("broken", old, 'console.error("no engine here"); process.exitCode = 14;');
    await expect(takeSample(broken.root, request)).rejects.toThrow(
      /broken gave 4 rows and ended with 14: no engine here/,
    );
  });
  it("without a row is none", async () => {
    await expect(takeSample(version("mute", []).root, request)).rejects.toThrow("mute gave 0 rows and ended with 0");
  });
  it("that missed a target is still one", async () => {
    expect(await takeSample(version("missed", old, "process.exitCode = 12;").root, request)).toHaveLength(4);
  });
  it("that does not end is ended", async () => {
    const hanging = version("hanging", old, "setInterval(() => {}, 1000);");
    await expect(takeSample(hanging.root, { ...request, timeoutMs: 500 })).rejects.toThrow("ended with a signal");
  });
});
