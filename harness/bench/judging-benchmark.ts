// How fast a stored history is judged, and in how much memory: as many lines as the graph has nodes elsewhere, with
// writers of every kind and a cut in its middle, streamed from its file as a drill and `verify` do it.
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { systemClock } from "../base/clock.ts";
import { DrillError } from "../base/errors.ts";
import type { Finding } from "../check/check.ts";
import { judgeMomentOf } from "../check/history/moments.ts";
import { privateFolder } from "../base/process/reaper.ts";
import { readHistoryInBatches } from "../workload/history/history-file.ts";
import type { WriteRecord } from "../workload/history/history.ts";
import { judgeWrites } from "../workload/history/judge-writes.ts";
import type { BenchContext } from "./benchmark.ts";
import { type MadeHistory, madeHistory } from "./synthetic-history.ts";
import { type BenchRow, row } from "./rows.ts";

const linesPerWrite = 1000;

export async function benchmarkJudging(context: BenchContext): Promise<BenchRow[]> {
  const { nodes: lines, seed, runs, progress } = context;
  await using folder = await privateFolder("bench-history");
  const path = join(folder.path, "history.jsonl");
  progress.step(`write a history of ${lines} lines`);
  const made = madeHistory(seed, lines);
  await pipeline(textOf(made.records()), createWriteStream(path, { mode: 0o600 }));
  const [ms, heldBytes]: [number[], number[]] = [[], []];
  for (let run = 1; run <= runs; run += 1) {
    progress.step(`judge it, run ${run} of ${runs}`);
    const startBytes = process.memoryUsage().rss;
    const startedMs = systemClock.monotonicMs();
    const mostBytes = await judge(path, made);
    ms.push(systemClock.monotonicMs() - startedMs);
    heldBytes.push(Math.max(0, mostBytes - startBytes));
  }
  return [
    row("judge a history", "ms", ms, { target: { bound: "at most", value: 10_000 } }),
    row(
      "lines of history judged",
      "per s",
      ms.map((took) => (lines * 1000) / took),
    ),
    // The first run warms up; what later ones need on top of it is what judging holds.
    row("memory beside what was held before", "bytes", heldBytes.slice(1).length > 0 ? heldBytes.slice(1) : heldBytes),
  ];
}

/** Gives the most memory that the process was seen to hold meanwhile. */
async function judge(path: string, { moment, episodes, lost }: MadeHistory): Promise<number> {
  let mostBytes = 0;
  const batches = async function* (): AsyncGenerator<WriteRecord[]> {
    for await (const records of readHistoryInBatches(path)) {
      mostBytes = Math.max(mostBytes, process.memoryUsage.rss());
      yield records;
    }
  };
  const kept: WriteRecord[] = [];
  for await (const records of batches()) for (const record of records) if (record.kind === "episode") kept.push(record);
  const ofEpisodes = judgeWrites(kept, episodes);
  const ofMoment = await judgeMomentOf(batches, moment);
  mustBeSound([...ofMoment.findings, ...ofEpisodes.findings], ofMoment.loss.writes + ofEpisodes.loss.writes, lost);
  return mostBytes;
}

function mustBeSound([wrong]: readonly Finding[], lost: number, expected: number): void {
  if (wrong === undefined && lost === expected) return;
  const message = wrong?.message ?? `${lost} writes are judged lost, and ${expected} are`;
  throw new DrillError(`the made history was judged wrongly: ${message}`, { exit: "internal" });
}

function* textOf(records: Generator<WriteRecord>): Generator<string> {
  let lines: string[] = [];
  for (const record of records) {
    lines.push(`${JSON.stringify(record)}\n`);
    if (lines.length < linesPerWrite) continue;
    yield lines.join("");
    lines = [];
  }
  yield lines.join("");
}
