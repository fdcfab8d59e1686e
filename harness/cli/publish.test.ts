import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readStoredRun } from "../../reports/model/read-run.ts";
import { sampleRun, stored } from "../../reports/testing/sample-run.ts";
import { RunDirectory } from "../record/run-directory.ts";
import { publish } from "./publish.ts";

let folder = "";
let directory: RunDirectory;
const scenario = "cycle/full";

/** A run directory as a killed harness leaves it: the last line of each file is torn. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "falkordrill-publish-"));
  directory = RunDirectory.create(join(folder, "run"));
  directory.writeRun({ ...stored().record, planned: sampleRun.scenarios.map(({ id }) => id) });
  directory.writeResult(sampleRun);
  directory.append("timeline.jsonl", { scenario, mark: "first-answer", atMs: 30 });
  directory.append("timeline.jsonl", { scenario: `${scenario}~part`, mark: "disaster", atMs: 20 });
  directory.append("resources.jsonl", { scenario, atMs: 1, rssBytes: { harness: 5 } });
  directory.append("faults.jsonl", { scenario, fault: "kill", fired: true, detail: {} });
  const write = { scenario, writer: "w", attempt: 0, kind: "episode", invokedMs: 0, graph: "g", uuid: "u" };
  for (const sequence of [0, 1])
    directory.append("history.jsonl", { ...write, sequence, completedMs: sequence + 1, outcome: "ok" });
  directory.writeObservation(scenario, "restore-points", [{ id: "b", cutAt: "2026", storedBytes: 3, parent: "a" }]);
  for (const name of ["timeline", "resources", "faults", "history"])
    writeFileSync(directory.file(`${name}.jsonl`), '{"scenario":"cycle/f', { flag: "a" });
  await directory.seal();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("reading a run directory", () => {
  it("keeps what each scenario left, parts with their owner, in order of time", async () => {
    const trace = (await readStoredRun(directory.path)).traces.get(scenario);
    expect(trace?.marks.map(({ mark }) => mark)).toEqual(["disaster", "first-answer"]);
    expect(trace).toMatchObject({
      memory: [{ atMs: 1, rssBytes: { harness: 5 } }],
      faults: [{ fault: "kill" }],
      activity: { acked: 2 },
      restorePoints: [{ id: "b", parent: "a" }],
    });
  });
  it("takes of a run that was killed what its scenarios had left, and never as a pass", async () => {
    for (const name of ["result.json", "SHA256SUMS"]) rmSync(directory.file(name));
    for (const { id, ...rest } of sampleRun.scenarios.slice(0, 1)) directory.addResult({ id, ...rest });
    const { result } = await readStoredRun(directory.path);
    expect(result.verdict).toBe("inconclusive");
    expect(result.scenarios.map(({ id, verdict }) => `${id} ${verdict}`)).toEqual([
      "cycle/full pass",
      "cycle/wire inconclusive",
      "cycle/nothing inconclusive",
      "run/evidence inconclusive",
    ]);
  });
});

describe("publishing a run", () => {
  it("writes its reports for this user only, and publishes nothing unless GitHub asks", async () => {
    for (const name of ["GITHUB_ACTIONS", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"]) vi.stubEnv(name, "");
    const said = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    expect((await publish(directory)).model.result.verdict).toBe("fail");
    expect(readdirSync(directory.path)).toEqual(expect.arrayContaining(["report.html", "report.md", "junit.xml"]));
    expect(statSync(directory.file("report.html")).mode & 0o777).toBe(0o600);
    expect(said).not.toHaveBeenCalled();
  });

  it("that cannot write its reports has its verdict all the same", async () => {
    for (const name of ["GITHUB_ACTIONS", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"]) vi.stubEnv(name, "");
    mkdirSync(directory.file("report.html"));
    const { model, failure } = await publish(directory);
    expect(model.result.verdict).toBe("fail");
    expect(failure).toMatchObject({ message: expect.stringContaining("report.html") });
  });

  it("gives GitHub the summary, the outputs and the annotations", async () => {
    const files = { GITHUB_OUTPUT: join(folder, "output"), GITHUB_STEP_SUMMARY: join(folder, "summary") };
    for (const [name, file] of Object.entries(files)) {
      writeFileSync(file, "");
      vi.stubEnv(name, file);
    }
    vi.stubEnv("GITHUB_ACTIONS", "true");
    const said = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    await publish(directory);
    expect(readFileSync(files.GITHUB_STEP_SUMMARY, "utf8")).toMatch(/^# Disaster-recovery drill: fail\n/);
    // name<<delimiter, the value, the delimiter: as the runner reads it.
    const outputs = readFileSync(files.GITHUB_OUTPUT, "utf8").matchAll(/^(.+)<<(ghadelimiter_.+)\n([\s\S]*?)\n\2$/gm);
    const values = Object.fromEntries([...outputs].map(([, name, , value]) => [name, value]));
    expect(values).toMatchObject({ verdict: "fail", "rto-ms": "900", "rpo-writes": "3", failed: "1", seed: "1" });
    expect(values["report-path"]).toBe(directory.file("report.html"));
    expect(said.mock.calls.join("")).toContain("::error title=cycle/wire%3A fail::");
  });
});
