// history.jsonl: appended as writes happen, in one system call per line, so that a kill of the harness loses at most
// the writes in flight, one per writer. The reader tolerates a torn last line, which only a crash of the machine
// leaves.
import { type Line, LineFile, parseLine, readLineBatches } from "../../base/files/line-file.ts";
import { usageError } from "../../base/errors.ts";
import { writeOutcomes, type WriteRecord } from "./history.ts";

/** Receives a record of every attempt at a write. */
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

/** A history has millions of lines, and awaiting each one would cost more than reading it. */
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

/** Validated by hand instead of by a schema, at a hundredth of the cost. */
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
