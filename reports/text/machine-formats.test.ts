import { createRequire } from "node:module";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { allureResults } from "./allure.ts";
import { ctrf } from "./ctrf.ts";
import { formatNames, formats } from "../formats.ts";
import { baseUnits } from "../figures/metrics.ts";
import { reportModel } from "../model/model.ts";
import { junit } from "./junit.ts";
import { openMetrics } from "./openmetrics.ts";
import { hostile, plainTerminal, sampleRun, stored } from "../testing/sample-run.ts";

const model = reportModel([stored(), stored(sampleRun, "runs/2")]);
const plain = plainTerminal;

describe("CTRF", () => {
  // The package ships the schema next to its code and exports only the code.
  const require = createRequire(import.meta.url);
  const schema = require(require.resolve("ctrf").replace(/index\.c?js$/, "ctrf-schema-0.0.json")) as object;
  const ajv = new Ajv({
    strict: false,
    formats: { uuid: true, "date-time": (text: string) => !Number.isNaN(Date.parse(text)) },
  });
  const validate = ajv.compile(schema);

  it("is what its schema asks for", () => {
    validate(JSON.parse(ctrf(model)));
    expect(validate.errors ?? []).toEqual([]);
  });
  it("would not be without a status, so the schema is really asked", () => {
    const report = JSON.parse(ctrf(model)) as { results: { tests: { status?: string }[] } };
    delete report.results.tests[0]?.status;
    expect(validate(report)).toBe(false);
  });
  it("counts what is inconclusive as neither passed nor failed", () => {
    const { results } = JSON.parse(ctrf(model)) as { results: { summary: object; tests: { status: string }[] } };
    expect(results.summary).toMatchObject({ tests: 6, passed: 2, failed: 2, other: 2 });
    expect(results.tests.map(({ status }) => status)).toEqual([
      "failed",
      "failed",
      "other",
      "other",
      "passed",
      "passed",
    ]);
  });
});

describe("JUnit, CTRF and Allure", () => {
  const one = reportModel([stored()]);
  interface Result {
    readonly name: string;
    readonly status: string;
    readonly parameters: object[];
    readonly statusDetails: { readonly message?: string };
  }
  const files = [...allureResults(one)];
  const results = files.filter(([name]) => name.endsWith("-result.json")).map(([, text]) => JSON.parse(text) as Result);

  it("name a scenario by its id, in one order", () => {
    const { results: report } = JSON.parse(ctrf(one)) as { results: { tests: { name: string }[] } };
    const ids = one.scenarios.map(({ id }) => id);
    expect(report.tests.map(({ name }) => name)).toEqual(ids);
    expect([...junit(one).matchAll(/<testcase [^>]*name="([^"]*)"/g)].map(([, name]) => name)).toEqual(ids);
    expect(results.map(({ name }) => name)).toEqual(ids);
  });
  it("say when the run began, with which seed, and which RTO and RPO it measured", () => {
    const xml = junit(one);
    expect(xml).toMatch(/<testsuites [^>]*timestamp="2026-01-02T03:04:05.678Z"/);
    for (const [name, value] of Object.entries({ seed: 1, rtoMs: 900, rpoWrites: 3, system: "reference" }))
      expect(xml).toContain(`<property name="${name}" value="${value}"/>`);
    const { results: report } = JSON.parse(ctrf(one)) as { results: { environment: { extra: object } } };
    expect(report.environment.extra).toMatchObject({ seed: "1", rtoMs: "900", nodes: "10000" });
    expect(new Map(files).get("environment.properties")).toContain("rtoMs=900");
    const passed = results.find(({ name }) => name === "cycle/full");
    expect(passed?.parameters).toContainEqual({ name: "rtoMs", value: "900", excluded: true });
  });
  it("distinguish a failure of the system from a run that proved nothing", () => {
    expect(results.map(({ status }) => status)).toEqual(["failed", "broken", "passed"]);
    expect(results[0]?.statusDetails.message).toBe('summary is "<b>x</b>\u0001" and must be "y"');
  });
  it("give the same Allure files for the same run, and others for another run", () => {
    expect([...allureResults(one)]).toEqual(files);
    const other = allureResults(reportModel([stored(sampleRun, "runs/2")]));
    expect(files.filter(([name]) => other.has(name)).map(([name]) => name)).toEqual(["environment.properties"]);
  });
});

describe("OpenMetrics", () => {
  const text = openMetrics(model);
  it("has one family after the other, each with its help and type, and an end", () => {
    const lines = text.trimEnd().split("\n");
    expect(lines.at(-1)).toBe("# EOF");
    const names = lines.filter((line) => line.startsWith("# TYPE ")).map((line) => line.split(" ")[2]);
    expect(new Set(names).size).toBe(names.length);
    const families = text.split(/^# HELP /m).slice(1);
    for (const family of families) {
      const [name = ""] = family.split(" ");
      const samples = family
        .split("\n")
        .filter((line) => line !== "" && !line.startsWith("#") && !line.startsWith(`${name} `));
      expect(
        samples.filter((line) => !new RegExp(`^${name}\\{.*\\} -?[\\d.e+-]+$`).test(line)).length,
      ).toBeLessThanOrEqual(1);
    }
  });
  it("holds the verdict, the age of the run, and figures in base units", () => {
    expect(text).toContain('falkordrill_verdict{verdict="fail"} 1');
    expect(text).toContain('falkordrill_verdict{verdict="pass"} 0');
    expect(text).toContain('falkordrill_rto_seconds{scenario="cycle/full@1"} 0.9');
    expect(text).toContain('falkordrill_harness_peak_rss_bytes{scenario="cycle/full@1"} 262144000');
    expect(text).toMatch(/falkordrill_run_start_timestamp_seconds\{seed="1",system="reference"\} 1767323045.678/);
  });
  it("names any metric as Prometheus wants it", () => {
    expect(baseUnits("writeHoldP99Ms", 1500)).toEqual({ name: "write_hold_p99_seconds", value: 1.5 });
    expect(baseUnits("writesPerSecond-before", 3)).toEqual({ name: "writes_before_per_second", value: 3 });
    expect(baseUnits("edgeCount", 3)).toEqual({ name: "edge_number", value: 3 });
  });
  it("escapes labels", () => {
    const scenarios = sampleRun.scenarios.map((scenario) => ({ ...scenario, id: `a\\b"\n${hostile}` }));
    const label = /falkordrill_scenario_passed\{scenario="(.*)"\} \d$/m.exec(
      openMetrics(reportModel([stored({ ...sampleRun, scenarios: scenarios.slice(0, 1) })])),
    )?.[1];
    expect(label).toContain(String.raw`a\\b\"\n\"><script>`);
  });
});

describe("every format", () => {
  it.each(formatNames)("%s is made of any run, of none of the scenarios too", (name) => {
    const empty = reportModel([stored({ ...sampleRun, scenarios: [] })]);
    expect(empty.result).toMatchObject({ verdict: "inconclusive", exitCode: 13 });
    for (const one of [model, empty]) expect(typeof formats[name].render(one, plain)).toBe("string");
    expect(formats[name].render(model, plain).length).toBeGreaterThan(100);
  });
});
