// The backup against the pipes that people use instead, on the same graph, in turns.
import { DrillError } from "../base/errors.ts";
import { measureRawLimits } from "../measure/raw-limits.ts";
import { benchSource, timedBackup } from "./bench-source.ts";
import type { BenchContext } from "./benchmark.ts";
import { missingPrograms, type Peer, peers, runPeer } from "./peers.ts";
import { type BenchRow, ratios, row } from "./rows.ts";
import { Series } from "./series.ts";

const loadTimeoutMs = 1_800_000;

export async function benchmarkPeers(context: BenchContext): Promise<BenchRow[]> {
  const { progress, signal, runs } = context;
  const here: Peer[] = [];
  for (const peer of peers) {
    const missing = await missingPrograms(peer);
    if (missing.length === 0) here.push(peer);
    else progress.note(`not compared with ${peer.name}: no ${missing.join(", ")} here`);
  }
  if (here.length === 0) return [];
  await using source = await benchSource(context);
  const series = new Series();
  const raw = await measureRawLimits(source.engine, context.engines, { signal, timeoutMs: loadTimeoutMs });
  if (raw === undefined) throw new DrillError("raw limits cannot be measured here", { exit: "environment" });
  series.add("dump", raw.rawBytes);
  for (let run = 1; run <= runs; run += 1) {
    progress.step(`backup, run ${run} of ${runs}`);
    series.add("backup", (await timedBackup(source, context)).ms);
    for (const peer of here) {
      progress.step(peer.name);
      const { ms, storedBytes } = await runPeer(peer, source.engine.endpoint, signal);
      series.add(peer.name, ms);
      series.add(`${peer.name} stored`, storedBytes);
    }
  }
  return here.flatMap(({ name }) => rowsOf(name, series));
}

function rowsOf(name: string, series: Series): BenchRow[] {
  const target = name.endsWith("gpg") ? ({ target: { bound: "at least", value: 1.5 } } as const) : {};
  return [
    row(name, "ms", series.get(name)),
    row(`${name}, of the backup's time`, "x", ratios(series.get(name), series.get("backup")), {
      of: "the backup's time",
      better: "more",
      ...target,
    }),
    row(`${name}, stored`, "x", ratios(series.get(`${name} stored`), series.get("dump")), { of: "the dump" }),
  ];
}
