// Operations that were accepted and are not stored yet, on disk. An acknowledged item (202) must survive a kill of the
// service (the real service loses its in-memory queue), and an episode that was half written at a crash must be
// finished by the next start: its writes are MERGEs by uuid, so writing them again is harmless. Nothing is flushed to
// the disk here: like the database's own append-only file, this is safe against a killed process, and as good as the
// file system when the machine crashes.
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { LineFile, parseLine, readLines } from "../../../base/files/line-file.ts";

export interface JournalItem<T> {
  readonly id: string;
  readonly operation: T;
}
type Entry<T> = { readonly accepted: JournalItem<T> } | { readonly finished: string };

const compactAboveBytes = 64 * 2 ** 20;

export class Journal<T> implements Disposable {
  readonly #file: LineFile;
  #pending: number;

  constructor(file: LineFile, pending: number) {
    this.#file = file;
    this.#pending = pending;
  }

  accept(item: JournalItem<T>): void {
    this.#file.append({ accepted: item } satisfies Entry<T>);
    this.#pending += 1;
  }

  finish(id: string): void {
    this.#file.append({ finished: id } satisfies Entry<T>);
    this.#pending -= 1;
    if (this.#pending === 0 && this.#file.sizeBytes() > compactAboveBytes) this.#file.truncate(0);
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }
}

/** Opens the journal and returns the items that an earlier service accepted and did not finish, in order. */
export async function openJournal<T>(path: string): Promise<{ journal: Journal<T>; pending: JournalItem<T>[] }> {
  const pending = existsSync(path) ? await unfinished<T>(path) : [];
  if (pending.length === 0) await rm(path, { force: true });
  return { journal: new Journal<T>(new LineFile(path), pending.length), pending };
}

async function unfinished<T>(path: string): Promise<JournalItem<T>[]> {
  const items = new Map<string, JournalItem<T>>();
  for await (const line of readLines(path)) {
    // An item whose line is torn was never acknowledged.
    if (!line.complete) break;
    const entry = parseLine(path, line) as Entry<T>;
    if ("accepted" in entry) items.set(entry.accepted.id, entry.accepted);
    else items.delete(entry.finished);
  }
  return [...items.values()];
}
