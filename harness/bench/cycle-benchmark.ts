// The cycle as whole commands on one graph: backups, restores and proofs, each as a ratio to what the engine itself
// needs in the same run. Runs are interleaved: a slow minute hits every side.
import { systemClock } from "../base/clock.ts";
import { DrillError } from "../base/errors.ts";
import { expectedContent } from "../check/expect/expected.ts";
import { judgeAll } from "../check/judge.ts";
import { assertProbe, probeQueryFor } from "../observe/probe-query.ts";
import { observe } from "../observe/observe.ts";
import { measureRawLimits } from "../measure/raw-limits.ts";
import { type BenchSource, benchSource, timedBackup } from "./bench-source.ts";
import type { BenchContext } from "./benchmark.ts";
import { type BenchRow, ratios, row } from "./rows.ts";
import { Series } from "./series.ts";

const loadTimeoutMs = 1_800_000;

export async function benchmarkCycle(context: BenchContext): Promise<BenchRow[]> {
  const { progress, signal, runs } = context;
  await using source = await benchSource(context);
  const series = new Series();
  let point = "";
  for (let run = 1; run <= runs; run += 1) {
    progress.step(`raw limits, run ${run} of ${runs}`);
    const raw = await measureRawLimits(source.engine, context.engines, { signal, timeoutMs: loadTimeoutMs });
    if (raw === undefined) throw new DrillError("raw limits cannot be measured here", { exit: "environment" });
    series.add("save", raw.rawSaveMs);
    series.add("load", raw.rawLoadMs);
    series.add("dump", raw.rawBytes);
    progress.step(`backup, run ${run} of ${runs}`);
    const backup = await timedBackup(source, context);
    series.add("backup", backup.ms);
    series.add("stored", backup.point.storedBytes);
    point = backup.point.id;
  }
  // The source's memory is not needed any more, and its server would compete with the restore for the two cores.
  await source.engine.kill();
  const expectation = await expectedContent(source.content, signal);
  for (let run = 1; run <= runs; run += 1) {
    progress.step(`restore, run ${run} of ${runs}`);
    await benchmarkRestore(source, point, expectation, series, context);
  }
  return rowsOf(series);
}

async function benchmarkRestore(
  { system, content }: BenchSource,
  point: string,
  expectation: Awaited<ReturnType<typeof expectedContent>>,
  series: Series,
  { engines, progress, signal }: BenchContext,
): Promise<void> {
  const question = probeQueryFor(content);
  const startedMs = systemClock.monotonicMs();
  let answeredMs = Number.NaN;
  const { target } = await system.restore({
    point,
    way: "file",
    engines,
    progress,
    signal,
    onFirstAnswer: async (engine) => {
      await assertProbe(engine, question);
      answeredMs = systemClock.monotonicMs();
    },
  });
  await using restored = target;
  series.add("operational", systemClock.monotonicMs() - startedMs);
  series.add("first answer", answeredMs - startedMs);
  progress.step("full proof");
  const proofMs = systemClock.monotonicMs();
  const judgement = judgeAll(
    expectation,
    await observe(restored, expectation, { role: "target", dataset: content, signal }),
  );
  series.add("proof", systemClock.monotonicMs() - proofMs);
  const wrong = judgement.findings.find((finding) => finding.severity === "error");
  if (wrong !== undefined) throw new DrillError(`what was restored is wrong: ${wrong.message}`, { exit: "dataWrong" });
}

function rowsOf(series: Series): BenchRow[] {
  const get = (name: string): readonly number[] => series.get(name);
  const over = (name: string, of: string): number[] => ratios(get(name), get(of));
  const ofLoad = (name: string, label: string, value: number): BenchRow =>
    row(`${label}, of plain load`, "x", over(name, "load"), { of: "plain load", target: { bound: "at most", value } });
  return [
    row("engine's own SAVE", "ms", get("save")),
    row("engine's own load, with indexes", "ms", get("load")),
    row("engine's own dump", "bytes", get("dump")),
    row("backup, to the signed manifest", "ms", get("backup")),
    row("backup, of SAVE", "x", over("backup", "save"), { of: "SAVE", target: { bound: "at most", value: 0.8 } }),
    row("stored, of the dump", "x", over("stored", "dump"), {
      of: "the dump",
      exactWithin: 0.01,
      target: { bound: "at most", value: 0.4 },
    }),
    row("restore to first correct answer", "ms", get("first answer")),
    ofLoad("first answer", "restore to first correct answer", 0.25),
    row("restore to fully operational", "ms", get("operational")),
    ofLoad("operational", "restore to fully operational", 1),
    row("full proof", "ms", get("proof")),
    ofLoad("proof", "full proof", 0.3),
  ];
}
