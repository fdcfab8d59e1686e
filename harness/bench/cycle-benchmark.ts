// The cycle as whole commands on one graph: backups and the pipes that people use instead, restores, proofs, each as a
// ratio to what the engine itself needs in the same run. Runs are interleaved: a slow minute hits every side.
import { join } from "node:path";
import { dataset } from "../../generators/dataset.ts";
import type { Dataset } from "../../generators/model.ts";
import { systemClock } from "../base/clock.ts";
import { DrillError } from "../base/errors.ts";
import type { Progress } from "../base/progress.ts";
import { expectedContent } from "../check/expected.ts";
import { judgeAll } from "../check/judge.ts";
import { mustAnswer, questionFor } from "../drill/question.ts";
import type { Engine, EngineProvider } from "../engine/engine.ts";
import { privateFolder } from "../engine/reaper.ts";
import { loadDataset } from "../falkordb/load.ts";
import { observe } from "../falkordb/observe.ts";
import { measureRawLimits } from "../measure/raw-limits.ts";
import { referenceSystem } from "../system/reference/reference.ts";
import type { BackupSystem } from "../system/system.ts";
import { missingPrograms, type Peer, peers, runPeer } from "./peers.ts";
import { type BenchRow, ratios, row } from "./rows.ts";

export interface CycleBenchmarkOptions {
  readonly nodes: number;
  readonly dims: number;
  readonly seed: number;
  readonly runs: number;
  readonly engines: EngineProvider;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

const loadTimeoutMs = 1_800_000;

export async function benchmarkCycle(options: CycleBenchmarkOptions): Promise<BenchRow[]> {
  const { engines, progress, signal, nodes, dims, seed } = options;
  await using folder = await privateFolder("bench");
  await using system = await referenceSystem({ vault: join(folder.path, "vault"), profile: "interop" });
  await using source = await engines.start({ name: "bench-source", signal });
  const content = dataset({ seed, nodes, dims, shape: "large", variant: "clean", schema: "post1856" });
  progress.step(`load ${nodes} nodes`);
  await loadDataset(source.endpoint, content, { signal, progress });
  const series = new Series();
  let point = "";
  for (let run = 1; run <= options.runs; run += 1) {
    progress.step(`raw limits, run ${run} of ${options.runs}`);
    const raw = await measureRawLimits(source, engines, { signal, timeoutMs: loadTimeoutMs });
    if (raw === undefined) throw new DrillError("raw limits cannot be measured here", { exit: "environment" });
    series.add("save", raw.rawSaveMs);
    series.add("load", raw.rawLoadMs);
    series.add("dump", raw.rawBytes);
    progress.step(`backup, run ${run} of ${options.runs}`);
    point = await benchmarkBackup(system, source, series, options);
    for (const peer of peers) await benchmarkPeer(peer, source, series, options);
  }
  // The source's memory is not needed any more, and a restore beside it would compete for the two cores.
  await source.kill();
  const expectation = await expectedContent(content, signal);
  for (let run = 1; run <= options.runs; run += 1) {
    progress.step(`restore, run ${run} of ${options.runs}`);
    await benchmarkRestore(system, point, content, expectation, series, options);
  }
  return rowsOf(series);
}

class Series {
  readonly #values = new Map<string, number[]>();
  add(name: string, value: number): void {
    this.#values.set(name, [...this.get(name), value]);
  }
  get(name: string): readonly number[] {
    return this.#values.get(name) ?? [];
  }
}

async function benchmarkBackup(
  system: BackupSystem,
  source: Engine,
  series: Series,
  { progress, signal }: CycleBenchmarkOptions,
): Promise<string> {
  const startedMs = systemClock.monotonicMs();
  const { point } = await system.backup({ source, coordinator: undefined, progress, signal });
  series.add("backup", systemClock.monotonicMs() - startedMs);
  series.add("stored", point.storedBytes);
  return point.id;
}

async function benchmarkPeer(
  peer: Peer,
  source: Engine,
  series: Series,
  options: CycleBenchmarkOptions,
): Promise<void> {
  const { progress, signal } = options;
  const missing = await missingPrograms(peer);
  if (missing.length > 0) return progress.note(`not compared with ${peer.name}: no ${missing.join(", ")} here`);
  progress.step(peer.name);
  const { ms, storedBytes } = await runPeer(peer, source.endpoint, signal);
  series.add(peer.name, ms);
  series.add(`${peer.name} stored`, storedBytes);
}

async function benchmarkRestore(
  system: BackupSystem,
  point: string,
  content: Dataset,
  expectation: Awaited<ReturnType<typeof expectedContent>>,
  series: Series,
  { engines, progress, signal }: CycleBenchmarkOptions,
): Promise<void> {
  const question = questionFor(content);
  const startedMs = systemClock.monotonicMs();
  let answeredMs = Number.NaN;
  const { target } = await system.restore({
    point,
    way: "file",
    engines,
    progress,
    signal,
    onFirstAnswer: async (engine) => {
      await mustAnswer(engine, question);
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
  const rows = [
    row("engine's own SAVE", "ms", get("save")),
    row("engine's own load, with indexes", "ms", get("load")),
    row("engine's own dump", "bytes", get("dump")),
    row("backup, to the signed manifest", "ms", get("backup")),
    row("backup", "x", over("backup", "save"), { of: "SAVE", target: { bound: "at most", value: 0.8 } }),
    row("stored", "x", over("stored", "dump"), { of: "the dump", target: { bound: "at most", value: 0.4 } }),
  ];
  for (const { name } of peers) {
    if (get(name).length === 0) continue;
    const faster = { of: "the backup's time", target: { bound: "at least", value: 1.5 } } as const;
    rows.push(row(name, "ms", get(name)));
    rows.push(row(name, "x", over(name, "backup"), name.endsWith("gpg") ? faster : { of: "the backup's time" }));
    rows.push(row(`${name}, stored`, "x", over(`${name} stored`, "dump"), { of: "the dump" }));
  }
  const ofLoad = (name: string, label: string, value: number): BenchRow =>
    row(label, "x", over(name, "load"), { of: "plain load", target: { bound: "at most", value } });
  rows.push(row("restore to first correct answer", "ms", get("first answer")));
  rows.push(ofLoad("first answer", "restore to first correct answer", 0.25));
  rows.push(row("restore to fully operational", "ms", get("operational")));
  rows.push(ofLoad("operational", "restore to fully operational", 1));
  rows.push(row("full proof", "ms", get("proof")), ofLoad("proof", "full proof", 0.3));
  return rows;
}
