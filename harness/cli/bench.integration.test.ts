// `bench` as its users meet it: a run is measured, kept as a line of a history, and written for github-action-benchmark.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { ActionBenchmarkEntry } from "../../reports/regression/action-benchmark.ts";
import { measuredRunSchema } from "../../reports/regression/measured-run.ts";
import { falkordrill } from "./testing/command-line.ts";

const folder = mkdtempSync(join(tmpdir(), "falkordrill-bench-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("bench", () => {
  it("keeps each run as a line of a history, which compare takes, and the last one for github-action-benchmark", async () => {
    const kept = ["--history", "bench.jsonl", "--action-benchmark", "action.json"];
    for (let run = 0; run < 2; run += 1) {
      const { code, stdout } = await falkordrill(["bench", "counts", "--nodes", "500", ...kept], folder);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^bytes stored +\d/m);
    }
    const lines = readFileSync(join(folder, "bench.jsonl"), "utf8").trimEnd().split("\n");
    const [first, second] = lines.map((line) => measuredRunSchema.parse(JSON.parse(line)));
    expect(lines).toHaveLength(2);
    expect(first?.provenance).toEqual(second?.provenance);
    expect(first?.figures.map(({ name }) => name)).toEqual(second?.figures.map(({ name }) => name));
    const rows = JSON.parse(readFileSync(join(folder, "action.json"), "utf8")) as ActionBenchmarkEntry[];
    expect(rows.map(({ name }) => name)).toEqual(second?.figures.map(({ name }) => name));
    // What customSmallerIsBetter asks for.
    for (const { name, unit, value } of rows)
      expect([typeof name, typeof unit, Number.isFinite(value)]).toEqual(["string", "string", true]);
    const compared = await falkordrill(["compare", "--history", "bench.jsonl", "--html", "trend.html"], folder);
    expect(compared).toMatchObject({ code: 13, stderr: "" });
    expect(compared.stdout).toContain("There are too few runs to see any change.");
    expect(readFileSync(join(folder, "trend.html"), "utf8")).toContain("Benchmarks over 2 runs");
  });
});
