// history.jsonl of a run: one file for all scenarios, each line with the scenario that wrote it.
import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  type History,
  type HistorySink,
  openHistory,
  readHistory,
  readHistoryInBatches,
} from "../workload/history/history-file.ts";
import type { WriteRecord } from "../workload/history/history.ts";
import type { RunDirectory } from "./run-directory.ts";

export interface HistoryLine extends WriteRecord {
  readonly scenario: string;
}

const fileName = "history.jsonl";

export function openDrillHistory(directory: RunDirectory, scenario: string): HistorySink & Disposable {
  const history: History = openHistory(directory.file(fileName));
  return {
    record: (write) => {
      const line: HistoryLine = { scenario, ...write };
      history.record(line);
    },
    [Symbol.dispose]: () => history[Symbol.dispose](),
  };
}

/** Yields every line of a run's history, for all scenarios; none if the run had no writers. */
export async function* readRunHistory(path: string): AsyncGenerator<HistoryLine> {
  const file = join(path, fileName);
  if (!existsSync(file)) return;
  for await (const record of readHistory(file)) yield { scenario: "", ...record };
}

/** Yields one scenario's lines of the history; none if the run had no writers. */
export async function* readDrillHistory(directory: RunDirectory, scenario: string): AsyncGenerator<WriteRecord> {
  for await (const records of readDrillHistoryInBatches(directory, scenario)) yield* records;
}

export async function* readDrillHistoryInBatches(
  directory: RunDirectory,
  scenario: string,
): AsyncGenerator<WriteRecord[]> {
  if (!existsSync(directory.file(fileName))) return;
  for await (const records of readHistoryInBatches(directory.file(fileName)))
    yield records.filter((record) => (record as WriteRecord & { scenario?: string }).scenario === scenario);
}

/** The episodes only: each restore is compared with all of them, so they are kept in memory. */
export async function readEpisodes(directory: RunDirectory, scenario: string): Promise<WriteRecord[]> {
  const episodes: WriteRecord[] = [];
  for await (const records of readDrillHistoryInBatches(directory, scenario))
    for (const record of records) if (record.kind === "episode") episodes.push(record);
  return episodes;
}
