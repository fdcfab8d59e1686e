import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mergeRuns } from "./merge.ts";
import { reportModel } from "./model.ts";
import { sampleRun, stored } from "../testing/sample-run.ts";

const [passed, failed] = sampleRun.scenarios;
if (passed === undefined || failed === undefined) throw new Error("the sample run has scenarios");
const run = (ids: readonly string[], replay: string = sampleRun.replay) => ({
  ...sampleRun,
  verdict: "pass" as const,
  exitCode: 0,
  replay,
  scenarios: ids.map((id) => ({ ...passed, id })),
});
const shard = (index: number, count: number, ids: readonly string[]) =>
  stored(run(ids, `falkordrill run --seed 1 --shard ${index}/${count}`), `out/shard-${index}`, {
    options: { shard: { index, count } },
    planned: ids,
  });
const idsOf = (runs: Parameters<typeof mergeRuns>[0]) => mergeRuns(runs).result.scenarios.map(({ id }) => id);

describe("merging runs", () => {
  it("leaves a single run as it is", () => {
    expect(mergeRuns([stored()]).result).toEqual(sampleRun);
    const alone = mergeRuns([shard(1, 2, ["cycle/a"])], "given").result;
    expect(alone).toMatchObject({ verdict: "pass", replay: "falkordrill run --seed 1 --shard 1/2" });
  });

  it("gives scenarios of several runs names that stay unique, whatever the folders are called", () => {
    expect(idsOf([stored(run(["cycle/full"]), "a/embedded/"), stored(run(["cycle/full"]), "a/container")])).toEqual([
      "cycle/full@embedded",
      "cycle/full@container",
    ]);
    const folder = fc.stringMatching(/^[ab]{1,2}(?:\/[ab])?$/);
    const ids = fc.uniqueArray(fc.constantFrom("cycle/1", "cycle/2", "cycle/3"), { minLength: 1 });
    fc.assert(
      fc.property(fc.array(fc.tuple(folder, ids), { minLength: 1, maxLength: 6 }), (folders) => {
        const runs = folders.map(([path, names]) => stored(run(names), path));
        const merged = idsOf(runs);
        const first = runs.filter((one, at) => runs.findIndex((two) => two.directory === one.directory) === at);
        expect(new Set(merged).size).toBe(merged.length);
        expect(merged.length).toBe(first.reduce((sum, one) => sum + one.result.scenarios.length, 0));
      }),
    );
  });

  it("takes the worst verdict and its exit code, and is not a pass where one was interrupted", () => {
    const bad = stored({ ...sampleRun, scenarios: [failed] }, "bad");
    expect(mergeRuns([stored(run(["cycle/full"]), "good"), bad]).result).toMatchObject({
      verdict: "fail",
      exitCode: 10,
    });
    const stopped = stored({ ...run(["cycle/x"]), exitCode: 130 }, "stopped");
    expect(mergeRuns([bad, stopped]).result.exitCode).toBe(10);
    expect(mergeRuns([stopped]).result).toMatchObject({ verdict: "inconclusive", exitCode: 130 });
  });

  it("makes the whole of all shards, with the command of the whole", () => {
    const whole = mergeRuns([shard(1, 2, ["cycle/a", "cycle/c"]), shard(2, 2, ["cycle/b"])]).result;
    expect(whole.scenarios.map(({ id }) => id).toSorted()).toEqual(["cycle/a", "cycle/b", "cycle/c"]);
    expect(whole).toMatchObject({ verdict: "pass", exitCode: 0, replay: "falkordrill run --seed 1" });
  });

  it("is inconclusive where a shard is missing, and names it", () => {
    expect(mergeRuns([shard(1, 2, ["cycle/a"])]).result).toMatchObject({ verdict: "inconclusive", exitCode: 13 });
    const { result } = mergeRuns([shard(1, 3, ["cycle/a"]), shard(3, 3, ["cycle/b"])]);
    expect(result).toMatchObject({ verdict: "inconclusive", exitCode: 13 });
    expect(result.scenarios.at(-1)).toMatchObject({ id: "shard/2-of-3", verdict: "inconclusive" });
  });

  it("is inconclusive where a planned scenario left no result, as after a kill", () => {
    const killed = stored(run(["cycle/a"]), "killed", { planned: ["cycle/a", "cycle/b"] });
    const model = reportModel([killed]);
    expect(model.result).toMatchObject({ verdict: "inconclusive", exitCode: 13 });
    expect(model.scenarios[0]).toMatchObject({ id: "cycle/b", findings: [{ code: "assumption-no-result" }] });
  });

  it("counts the same folder once", () => {
    expect(idsOf([stored(run(["cycle/a"]), "x"), stored(run(["cycle/a"]), "x")])).toEqual(["cycle/a"]);
  });
});
