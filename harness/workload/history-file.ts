// history.jsonl: appended as writes happen, in one system call a line, so that a kill of the harness loses at most the
// writes in flight, one a writer. The reader tolerates a torn last line, which only a crash of the machine leaves.
import { LineFile, parseLine, readLines } from "../base/line-file.ts";
import { usageError } from "../base/errors.ts";
import { writeOutcomes, type WriteRecord } from "./history.ts";

/** Where writers leave what they did. */
export interface HistorySink {
  record(write: WriteRecord): void;
}

export interface History extends HistorySink, Disposable {
  readonly path: string;
  /** Resolves when all lines are on the disk. */
  sync(): Promise<void>;
}

/** Created with mode 0600; an existing history is continued. */
export function openHistory(path: string): History {
  const file = new LineFile(path);
  return {
    path,
    record: (write) => file.append(write),
    sync: () => file.sync(),
    [Symbol.dispose]: () => file[Symbol.dispose](),
  };
}

export async function* readHistory(path: string): AsyncGenerator<WriteRecord> {
  for await (const line of readLines(path)) {
    if (!line.complete) return;
    const value = parseLine(path, line);
    if (!isWriteRecord(value)) {
      throw usageError(`${path}, line ${line.number}: "${line.text.slice(0, 80)}" is not a line of history`);
    }
    yield value;
  }
}

/** By hand, not by a schema: a history has millions of lines. */
function isWriteRecord(value: unknown): value is WriteRecord {
  if (typeof value !== "object" || value === null) return false;
  const record = value as Partial<Record<keyof WriteRecord, unknown>>;
  const isOutcome = writeOutcomes.some((outcome) => outcome === record.outcome);
  const numbers = [record.sequence, record.attempt, record.invokedMs, record.completedMs];
  const texts = [record.writer, record.kind, record.graph, record.uuid];
  return isOutcome && numbers.every((n) => typeof n === "number") && texts.every((t) => typeof t === "string");
}
