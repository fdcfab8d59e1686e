// history.jsonl: appended as writes happen, in one system call a line, so that a kill of the harness loses at most the
// writes in flight, one a writer. The reader tolerates a torn last line, which only a crash of the machine leaves.
import { type Line, LineFile, parseLine, readLineBatches } from "../../base/files/line-file.ts";
import { usageError } from "../../base/errors.ts";
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
  for await (const records of readHistoryInBatches(path)) yield* records;
}

/** A history has millions of lines, and to wait for each alone would cost more than to read it. */
export async function* readHistoryInBatches(path: string): AsyncGenerator<WriteRecord[]> {
  for await (const lines of readLineBatches(path)) {
    const records: WriteRecord[] = [];
    for (const line of lines) if (line.complete) records.push(recordOf(path, line));
    yield records;
  }
}

function recordOf(path: string, line: Line): WriteRecord {
  const value = parseLine(path, line);
  if (isWriteRecord(value)) return value;
  throw usageError(`${path}, line ${line.number}: "${line.text.slice(0, 80)}" is not a line of history`);
}

/** By hand, not by a schema: it costs a hundredth. */
function isWriteRecord(value: unknown): value is WriteRecord {
  if (typeof value !== "object" || value === null) return false;
  const { outcome, sequence, attempt, invokedMs, completedMs, writer, kind, graph, uuid } = value as Partial<
    Record<keyof WriteRecord, unknown>
  >;
  return (
    writeOutcomes.some((known) => known === outcome) &&
    typeof sequence === "number" &&
    typeof attempt === "number" &&
    typeof invokedMs === "number" &&
    typeof completedMs === "number" &&
    typeof writer === "string" &&
    typeof kind === "string" &&
    typeof graph === "string" &&
    typeof uuid === "string"
  );
}
