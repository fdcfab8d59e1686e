// history.jsonl of a run: one file for all scenarios, each line with the scenario that wrote it.
import { existsSync } from "node:fs";
import { type History, type HistorySink, openHistory, readHistory } from "../workload/history-file.ts";
import type { WriteRecord } from "../workload/history.ts";
import type { RunDirectory } from "./run-directory.ts";

const fileName = "history.jsonl";

export function openDrillHistory(directory: RunDirectory, scenario: string): HistorySink & Disposable {
  const history: History = openHistory(directory.file(fileName));
  return {
    record: (write) => {
      const line: WriteRecord & { scenario: string } = { scenario, ...write };
      history.record(line);
    },
    [Symbol.dispose]: () => history[Symbol.dispose](),
  };
}

/** Nothing where the run had no writers. */
export async function* readDrillHistory(directory: RunDirectory, scenario: string): AsyncGenerator<WriteRecord> {
  if (!existsSync(directory.file(fileName))) return;
  for await (const record of readHistory(directory.file(fileName))) {
    if ((record as WriteRecord & { scenario?: string }).scenario === scenario) yield record;
  }
}
