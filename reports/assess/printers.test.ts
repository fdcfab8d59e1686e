// The scorecard as text, Markdown, HTML and JSON, and as the command line makes it from stored runs.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { main } from "../../harness/cli/main.ts";
import { judgeDrill, type ScenarioResult } from "../../harness/record/result.ts";
import { RunDirectory } from "../../harness/record/run-directory.ts";
import { sampleFailure, sampleNowMs, sampleScenario } from "../gate/testing/sample-evidence.ts";
import { hostile, plainTerminal, sampleRun, stored } from "../testing/sample-run.ts";
import { assess } from "./assess.ts";
import { readAssessedRun } from "./assessed-run.ts";
import { markdownScorecard } from "./markdown.ts";
import { scorecardPage } from "./page.ts";
import { type Scorecard, scorecardSchema } from "./scorecard.ts";
import { terminalScorecard } from "./terminal.ts";

const root = mkdtempSync(join(tmpdir(), "falkordrill-assess-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const expected = { nowMs: sampleNowMs, proofAgeMsMax: 7 * 86_400_000, rtoMsMax: undefined, rpoMsMax: undefined };
const witnesses = { graphsCompared: 1, nodesCompared: 9 };

async function storedRun(name: string, scenarios: readonly ScenarioResult[], system = "reference"): Promise<string> {
  const directory = RunDirectory.create(join(root, name));
  const { record } = stored();
  directory.writeRun({ ...record, system, planned: scenarios.map(({ id }) => id) });
  for (const { id, findings } of scenarios)
    for (const finding of findings) directory.append("findings.jsonl", { scenario: id, ...finding });
  for (const scenario of scenarios) directory.addResult(scenario);
  directory.writeResult({ ...sampleRun, scenarios, ...judgeDrill(scenarios) });
  await directory.seal();
  return directory.path;
}

const good = sampleScenario({ judged: [], witnesses });
const lost = sampleFailure(["graph-missing"], { judged: [], witnesses });

async function cardOf(path: string): Promise<Scorecard> {
  return assess([await readAssessedRun(path, "night")], expected);
}

function verdictOf(card: Scorecard, id: string): string | undefined {
  return card.criteria.find((criterion) => criterion.id === id)?.verdict;
}

describe("the scorecard of a stored run", () => {
  it("names the hash by which a signed bundle names the run", async () => {
    const card = await cardOf(await storedRun("whole", [good]));
    expect(verdictOf(card, "restore-tried")).toBe("met");
    expect(card.runs[0]).toMatchObject({ sealSha256: expect.stringMatching(/^[0-9a-f]{64}$/), problems: [] });
  });

  it("does not believe an edited result", async () => {
    const path = await storedRun("edited", [lost]);
    const file = join(path, "result.json");
    const text = readFileSync(file, "utf8").replace('"severity": "error"', '"severity": "info"');
    writeFileSync(
      file,
      text
        .replace(/"fail"/g, '"pass"')
        .replace('"dataWrong"', '"pass"')
        .replace(/"exitCode": 10/, '"exitCode": 0'),
    );
    const card = await cardOf(path);
    expect(card.counts.met).toBe(0);
    expect(card.runs[0]?.problems.join("\n")).toContain("result.json was changed after the run had written it");
  });

  it("does not believe witnesses that were edited into a result that passed", async () => {
    const path = await storedRun("witnesses", [sampleScenario({ judged: [], witnesses: {} })]);
    const file = join(path, "result.json");
    const edited = readFileSync(file, "utf8").replace('"witnesses": {}', `"witnesses": ${JSON.stringify(witnesses)}`);
    writeFileSync(file, edited);
    expect((await cardOf(path)).counts.met).toBe(0);
  });

  it("lets no text of a run become markup, steer a terminal or break a table", async () => {
    const said = {
      message: hostile,
      subject: hostile,
      code: "graph-missing",
      severity: "error",
      evidence: {},
    } as const;
    const bad = { ...lost, findings: [said], notCovered: [hostile] };
    const card = await cardOf(await storedRun("hostile", [bad]));
    const page = scorecardPage({ ...card, system: hostile });
    expect(page).not.toMatch(/<script|<img/);
    expect(page).toContain("default-src 'none'; style-src 'sha256-");
    const markdown = markdownScorecard({ ...card, system: hostile });
    expect(markdown).not.toMatch(/<script|<img/);
    const columns = markdown.split("\n").flatMap((line) => (line.startsWith("|") ? [line.split("|").length - 2] : []));
    expect(columns.filter((count) => count < 3 || count > 6)).toEqual([]);
    const text = terminalScorecard({ ...card, system: hostile }, plainTerminal);
    expect(["\u0007", "\u202E"].filter((steering) => text.includes(steering))).toEqual([]);
  });

  it("prints no total, and in a terminal what is not met with its finding, risk and command", async () => {
    const text = terminalScorecard(await cardOf(await storedRun("lost", [lost])), plainTerminal);
    expect(text).not.toMatch(/score: |\d+ ?%(?! less)/);
    for (const part of [
      "not met",
      "graph-missing: main/Entity/7/name",
      "risk: ",
      "again: falkordrill run cycle/full --seed 1",
    ])
      expect(text).toContain(part);
  });
});

describe("falkordrill assess", () => {
  it("writes files that follow the schema, and ends with 0 whatever is not met", async () => {
    const out = join(root, "card");
    const args = ["assess", await storedRun("again", [lost]), "--format", "html,markdown,json,text", "--out", out];
    expect(await main(args)).toBe(0);
    const card = scorecardSchema.parse(JSON.parse(readFileSync(join(out, "scorecard.json"), "utf8")));
    expect(card.counts["not met"]).toBeGreaterThan(0);
    expect(readFileSync(join(out, "scorecard.html"), "utf8")).toContain('href="../again/report.html#cycle/full"');
    for (const name of ["scorecard.md", "scorecard.txt"])
      expect(readFileSync(join(out, name), "utf8")).toContain("not met");
  });

  it.each([
    ["a folder that is no run", () => [join(root, "nothing")]],
    ["runs of two systems", async () => [await storedRun("one", [good]), await storedRun("two", [good], "nightly")]],
    ["several formats for stdout", async () => [await storedRun("three", [good]), "--format", "html,json"]],
  ])("refuses %s with exit code 2", async (_, args) => {
    expect(await main(["assess", ...(await args())])).toBe(2);
  });
});
