// The file that remembers forecasts and measurements: only ever appended to, a line an analysis.
import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type JournalLine, journalSchema } from "../../reports/analysis/journal.ts";
import { LineFile, readLines } from "../base/files/line-file.ts";
import { makeFolder } from "../base/files/make-folder.ts";
import { readJsonLines } from "../record/run-directory.ts";

const journalName = "forecasts.jsonl";

/** Next to the folder that holds the run directories. */
export function journalBeside(runs: string): string {
  return join(dirname(runs), journalName);
}

export async function readJournal(path: string): Promise<readonly JournalLine[]> {
  return (await isThere(path)) ? await readJsonLines(path, journalSchema) : [];
}

export async function appendJournal(path: string, line: JournalLine): Promise<void> {
  makeFolder(dirname(path));
  const torn = (await isThere(path)) ? await tornOffset(path) : undefined;
  using file = new LineFile(path);
  // What a crash left of a line would make the next one unreadable too.
  if (torn !== undefined) file.truncate(torn);
  file.append(line);
  await file.sync();
}

async function tornOffset(path: string): Promise<number | undefined> {
  for await (const { complete, offset } of readLines(path)) if (!complete) return offset;
  return undefined;
}

async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
