// Stored runs changed in every way that must be noticed: neither verify nor report nor gate calls them a pass.
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { DrillError } from "../base/errors.ts";
import { decide } from "../../reports/gate/decide.ts";
import { sampleScenario } from "../../reports/gate/testing/sample-evidence.ts";
import { reportModel } from "../../reports/model/model.ts";
import { readStoredRun } from "../../reports/model/read-run.ts";
import { sampleRun, stored } from "../../reports/testing/sample-run.ts";
import { readRunEvidence } from "../../reports/gate/read-evidence.ts";
import { judgeWrites, type WritesEvidence } from "../workload/history/judge-writes.ts";
import { judgeCanariesAndStore, judgeWritesAndStore } from "./judgement.ts";
import { ScenarioRecord } from "./record.ts";
import { judgeDrill, judgeScenario, type ScenarioResult, schemaVersion } from "./result.ts";
import { RunDirectory } from "./run-directory.ts";
import { sealFile, sealOf } from "./seal.ts";
import { sampleCanaries } from "./testing/sample-canaries.ts";
import { verifyRun } from "./verify-run.ts";

const folder = mkdtempSync(join(tmpdir(), "falkordrill-verify-"));
let path = "";
beforeEach(() => {
  path = mkdtempSync(join(folder, "run-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ids = ["cycle/full", "cycle/wire"];
const source = { seed: 1, dims: 0, schema: "post1856" } as const;
const write = { writer: "w", sequence: 0, attempt: 0, kind: "episode", graph: "g", uuid: "u" };
const acknowledged = { ...write, invokedMs: 1, completedMs: 2, outcome: "ok" } as const;

/** Two scenarios, each of which judged its writes, or did so `twice`; with `lost` one of them lost one. Version 2 had no canaries. */
async function storedRun({
  lost = false,
  twice = false,
  canaries = sampleCanaries,
  version = schemaVersion,
} = {}): Promise<void> {
  const directory = RunDirectory.create(path);
  directory.writeRun({ ...stored().record, planned: ids });
  directory.append("history.jsonl", { scenario: "cycle/wire", ...acknowledged, graph: lost ? "g" : "elsewhere" });
  const scenarios = ids.map((id, seed): ScenarioResult => {
    const record = new ScenarioRecord(id, directory);
    const evidence: WritesEvidence = {
      cut: null,
      disasterMs: null,
      groups: ["g"],
      present: [],
      source: { ...source, seed },
    };
    const history = lost && id === "cycle/wire" ? [acknowledged] : [];
    const judgement = judgeWrites(history, evidence);
    judgeWritesAndStore({ directory, record }, "target-writes", { through: "service", evidence, judgement });
    const other = { through: "service", evidence: { ...evidence, groups: ["h"] }, judgement } as const;
    if (twice) judgeWritesAndStore({ directory, record }, "target-writes", other);
    if (version > 2) judgeCanariesAndStore({ directory, record }, canaries);
    const { findings } = record.result();
    return sampleScenario(Object.assign({ id }, record.result(), judgeScenario(findings)));
  });
  for (const scenario of scenarios) directory.addResult(scenario);
  directory.writeResult({ ...sampleRun, schemaVersion: version, scenarios, ...judgeDrill(scenarios) });
  await directory.seal();
}

const at = (name: string): string => join(path, name);
const edit = (name: string, from: string, to: string): void =>
  writeFileSync(at(name), readFileSync(at(name), "utf8").replaceAll(from, to));
/** Seals the changed run again, as an attacker who knows of the seal would. */
async function sealAgain(): Promise<void> {
  const observed = new Map<string, string>();
  for (const line of readFileSync(at(sealFile), "utf8").split("\n")) {
    const [hash = "", file = ""] = line.split("  ");
    if (file.startsWith("observations/")) observed.set(file, hash);
  }
  writeFileSync(at(sealFile), await sealOf(path, observed));
}

/** Exit code of verify, and what report and gate say of the folder. */
async function verdicts(): Promise<[number, string, string]> {
  const policy = { version: 1, name: "test", coverage: [{ scenarios: "cycle/*" }] } as const;
  const gate = decide(policy, [await readRunEvidence(path, "run")], Date.parse("2026-06-02T12:00:00Z"));
  return [(await verifyRun(path)).exitCode, reportModel([await readStoredRun(path)]).result.verdict, gate.decision];
}

const observed = (id: string): string => `observations/${id.replace("/", ".")}/target-writes.json`;

describe("a stored run", () => {
  it("that is unchanged is judged as before", async () => {
    await storedRun();
    expect(await verdicts()).toEqual([0, "pass", "go"]);
  });

  it("of a version that planted no canaries is judged as before, and one of this version without them does not pass", async () => {
    await storedRun({ version: 2 });
    expect(await verdicts()).toEqual([0, "pass", "go"]);
    edit("result.json", '"schemaVersion": 2', `"schemaVersion": ${schemaVersion}`);
    await sealAgain();
    expect(await verdicts()).toEqual([13, "inconclusive", "inconclusive"]);
  });

  it("whose planted canaries were missed is inconclusive, whatever its result says", async () => {
    await storedRun({ canaries: { ...sampleCanaries, damaged: sampleCanaries.clean } });
    expect(await verdicts()).toEqual([13, "inconclusive", "inconclusive"]);
    edit("result.json", '"severity": "error"', '"severity": "info"');
    for (const said of ["verdict", "exit"]) edit("result.json", `"${said}": "inconclusive"`, `"${said}": "pass"`);
    edit("result.json", '"exitCode": 13', '"exitCode": 0');
    await sealAgain();
    const { exitCode, scenarios } = await verifyRun(path);
    expect(exitCode).toBe(13);
    expect(scenarios[0]?.findings.map(({ code }) => code)).toContain("canary-missed");
  });

  it("that judged the same subject several times is judged by each of them", async () => {
    await storedRun({ twice: true });
    expect(await verdicts()).toEqual([0, "pass", "go"]);
  });

  it.each<[string, () => unknown]>([
    ["judgements removed", () => rmSync(at("judgements.jsonl"))],
    ["judgements emptied", () => writeFileSync(at("judgements.jsonl"), "")],
    ["judgements of a scenario of another name", () => edit("judgements.jsonl", "cycle/wire", "cycle/other")],
    ["an observation removed", () => rmSync(at(observed("cycle/full")))],
    ["an observation emptied", () => writeFileSync(at(observed("cycle/full")), "")],
    ["an observation of another scenario", () => copyFileSync(at(observed("cycle/wire")), at(observed("cycle/full")))],
    ["a shorter plan", () => edit("run.json", '"cycle/wire"', '"cycle/full"')],
    ["another history", () => writeFileSync(at("history.jsonl"), "")],
    ["no seal", () => rmSync(at(sealFile))],
    ["an empty seal", () => writeFileSync(at(sealFile), "")],
    ["a scenario less", () => edit("result.json", "cycle/wire", "cycle/full")],
  ])("with %s does not pass", async (_, change) => {
    await storedRun();
    change();
    expect(await verdicts()).toEqual([13, "inconclusive", "inconclusive"]);
  });

  it("with a scenario twice does not pass, though it was sealed again", async () => {
    await storedRun();
    const result = JSON.parse(readFileSync(at("result.json"), "utf8")) as { readonly scenarios: readonly unknown[] };
    writeFileSync(
      at("result.json"),
      JSON.stringify({ ...result, scenarios: [...result.scenarios, result.scenarios[0]] }),
    );
    await sealAgain();
    expect(await verdicts()).toEqual([13, "inconclusive", "inconclusive"]);
    expect(JSON.stringify(await verifyRun(path))).toContain("result.json holds 2 results of cycle/full");
  });

  it("without judgements does not pass verify, though it was sealed again", async () => {
    await storedRun();
    rmSync(at("judgements.jsonl"));
    await sealAgain();
    const { exitCode, scenarios } = await verifyRun(path);
    expect(exitCode).toBe(13);
    expect(scenarios[0]?.findings[0]?.message).toContain("holds 0 judgements of target-writes");
  });

  it("without the history of the writes that it judged does not pass, though it was sealed again", async () => {
    await storedRun({ lost: true });
    rmSync(at("history.jsonl"));
    for (const [from, to] of [
      ['"dataWrong"', '"pass"'],
      ['"fail"', '"pass"'],
      ['"exitCode": 10', '"exitCode": 0'],
      ['"severity": "error"', '"severity": "info"'],
    ] as const)
      edit("result.json", from, to);
    await sealAgain();
    const { exitCode, scenarios } = await verifyRun(path);
    expect(exitCode).toBe(13);
    expect(scenarios[1]?.findings.at(-1)?.message).toContain("the history of its writes is not there");
  });

  it("that lost a finding of no judgement does not pass, though it was sealed again", async () => {
    await storedRun();
    const crash = { code: "not-recovered", severity: "error", subject: "s", message: "it never came up", evidence: {} };
    appendFileSync(at("findings.jsonl"), `${JSON.stringify({ scenario: "cycle/full", ...crash })}\n`);
    await sealAgain();
    const { exitCode, scenarios } = await verifyRun(path);
    expect(exitCode).toBe(13);
    expect(scenarios[0]?.findings[0]?.message).toContain("holds the finding not-recovered (error) of s");
  });

  it("whose judgement names a file outside of the run is not followed there", async () => {
    await storedRun();
    writeFileSync(join(folder, "outside.json"), "{}");
    edit("judgements.jsonl", '"name":"target-writes"', '"name":"../../../outside"');
    await sealAgain();
    const { exitCode, scenarios } = await verifyRun(path);
    expect(exitCode).toBe(13);
    expect(scenarios[0]?.findings[0]?.message).toContain("do not name an observation of a run");
  });

  it("with thousands of lines that it did not write is judged at once, and does not pass", async () => {
    await storedRun();
    const [judgement = "{}"] = readFileSync(at("judgements.jsonl"), "utf8").split("\n");
    const finding = { scenario: "cycle/wire", code: "node-missing", severity: "error", message: "m", evidence: {} };
    const lines = { "judgements.jsonl": JSON.parse(judgement) as object, "findings.jsonl": finding };
    for (const [name, line] of Object.entries(lines)) {
      const foreign = Array.from({ length: 20_000 }, (_, index) => JSON.stringify({ ...line, subject: String(index) }));
      appendFileSync(at(name), `${foreign.join("\n")}\n`);
    }
    expect(await verdicts()).toEqual([13, "inconclusive", "inconclusive"]);
  });

  it("that failed stays a failure without its judgements, and with a result that says pass", async () => {
    await storedRun({ lost: true });
    expect(await verdicts()).toEqual([10, "fail", "no-go"]);
    rmSync(at("judgements.jsonl"));
    expect((await verifyRun(path)).verdict).not.toBe("pass");
    rmSync(path, { recursive: true });
    await storedRun({ lost: true });
    edit("result.json", '"fail"', '"pass"');
    await sealAgain();
    expect((await verifyRun(path)).scenarios[1]?.findings.map(({ message }) => message).join("\n")).toContain(
      "result.json says pass, its observations say fail",
    );
  });

  it("that lost part of its history is not accused of wrong data", async () => {
    await storedRun();
    edit("history.jsonl", '"elsewhere"', '"g"');
    expect(await verdicts()).toEqual([13, "inconclusive", "inconclusive"]);
  });

  it.each([
    ["run.json", "{"],
    ["result.json", "[]"],
    ["judgements.jsonl", '{"kind":"other"}\n'],
    ["history.jsonl", "[]\n"],
    ["result.json", '{"schemaVersion":1,"scenarios":[{"metrics":{"rtoMs":-5}}]}'],
  ])("whose %s holds %j gets a sentence", async (name, text) => {
    await storedRun();
    writeFileSync(at(name), text);
    const said = await verifyRun(path).then(
      ({ scenarios }) => scenarios.flatMap(({ findings }) => findings.map(({ message }) => message)).join("\n"),
      (error: unknown) => (error instanceof DrillError && error.exit === "usage" ? error.message : String(error)),
    );
    expect(said).toContain(name);
    expect(said).not.toContain("Error:");
  });

  it("names the file for which there is no space, and writes whole files or none", async () => {
    const directory = RunDirectory.create(path);
    expect(() => RunDirectory.open("/dev").append("full", {})).toThrow(
      expect.objectContaining({
        exit: "environment",
        message: expect.stringMatching(/full.*no space.*free/),
      }),
    );
    mkdirSync(at("result.json"));
    expect(() => directory.writeResult(sampleRun)).toThrow(at("result.json"));
    expect(readdirSync(path).filter((name) => name.includes("partial"))).toEqual([]);
  });

  it("does not share its folder", async () => {
    await storedRun();
    appendFileSync(at("run.json"), " ");
    expect(() => RunDirectory.create(path)).toThrow("already holds a run");
    rmSync(at("run.json"));
    expect(() => RunDirectory.create(path)).toThrow("already holds a run");
  });
});
