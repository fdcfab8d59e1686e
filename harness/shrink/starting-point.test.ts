// Which finding of a run is shrunk, and from which graph, without an engine.
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dataset } from "../../generators/dataset.ts";
import { type PrivateFolder, privateFolder } from "../base/process/reaper.ts";
import { expectedContent } from "../check/expect/expected.ts";
import { describeRun } from "../drill/run/describe-run.ts";
import { resolveOptions } from "../drill/run/options.ts";
import { resultOf } from "../drill/run/run-drill.ts";
import type { StoredFinding } from "../record/result.ts";
import { RunDirectory } from "../record/run-directory.ts";
import { caseSize } from "./shrink-case.ts";
import { startingPoint } from "./starting-point.ts";

const id = "cycle/variants@7";
const finding = (code: string, judgement?: string): StoredFinding => ({
  code,
  severity: "error",
  subject: "main/Entity",
  message: "it differs",
  evidence: {},
  ...(judgement === undefined ? {} : { judgement }),
});

let place: PrivateFolder;
let run: string;
let nodes: number;

beforeAll(async () => {
  place = await privateFolder("starting-point");
  run = join(place.path, "run");
  const options = resolveOptions({ profile: "pr", nodes: 2000, dims: 4, seed: 5, out: run });
  const directory = RunDirectory.create(run);
  directory.writeRun(describeRun(options, [id]));
  const generated = { ...options, seed: 7, nodes: 120, variant: "dirty" } as const;
  const expectation = await expectedContent(dataset(generated));
  nodes = expectation.graphs.reduce((sum, { fingerprint }) => sum + fingerprint.nodes.count, 0);
  directory.writeObservation(id, "expectation", expectation);
  for (const [kind, subject] of [
    ["content", "target"],
    ["stored", "target-stored"],
  ] as const) {
    const file = { name: "expectation", sha256: "" };
    const files = kind === "content" ? { expectation: file, observation: file, baseline: file } : { evidence: file };
    directory.append("judgements.jsonl", { kind, scenario: id, subject, ...files });
  }
  const findings = [
    finding("stored-in-clear", "target-stored"),
    finding("wrong-first-answer"),
    finding("node-missing", "target"),
    finding("system-hung"),
    finding("retention-wrong-state"),
  ];
  const result = {
    id,
    title: "",
    verdict: "fail",
    exit: "dataWrong",
    durationMs: 1,
    findings,
    witnesses: {},
    metrics: {},
  } as const;
  directory.writeResult(
    resultOf(options, [{ ...result, phases: [], notCovered: [], replay: "falkordrill run cycle/variants" }], false),
  );
});
afterAll(() => place[Symbol.asyncDispose]());

test("a run begins with the finding that says most, and the graph that its scenario had", async () => {
  const start = await startingPoint(run, {});
  expect(start).toMatchObject({ scenario: id, finding: { code: "node-missing" }, seed: 7, notes: [] });
  expect(caseSize(start.whole)).toMatchObject({ graphs: 1, nodes });
  expect((await startingPoint(run, { finding: "wrong-first-answer" })).finding.code).toBe("wrong-first-answer");
});

test("what a small drill cannot show is refused in a sentence", async () => {
  await expect(startingPoint(run, { finding: "stored-in-clear" })).rejects.toMatchObject({
    exit: "usage",
    message:
      "stored-in-clear cannot be shrunk: it is about the bytes of the stored backup, and not about what a small graph shows",
  });
  await expect(startingPoint(run, { finding: "retention-wrong-state" })).rejects.toMatchObject({
    message: expect.stringContaining(
      "it is about several backups of one server, and which of them comes back",
    ) as string,
    hint: "The smallest drill that shows it is its scenario alone: falkordrill run cycle/variants",
  });
  await expect(startingPoint(run, { finding: "system-hung" })).rejects.toThrow("more than one backup and one restore");
  await expect(startingPoint(run, { finding: "node-mising" })).rejects.toThrow("the run has no finding node-mising");
  await expect(startingPoint(run, { scenario: "retention" })).rejects.toThrow("the run has no scenario retention");
});
