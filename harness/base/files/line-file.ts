// JSON Lines files that are written during the work and must survive a kill of the process: every line goes to the
// system in one write before `append` returns, so a SIGKILL loses nothing that was appended. Only a crash of the
// machine can tear the last line; readers distinguish a torn last line from a damaged file.
import {
  closeSync,
  constants,
  createReadStream,
  fdatasync,
  fstatSync,
  ftruncateSync,
  openSync,
  writeSync,
} from "node:fs";
import { promisify } from "node:util";
import { DrillError } from "../errors.ts";
import { writing } from "../system-error.ts";

/** How lines are appended: not through a link that somebody put there before. */
export const appending: number = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
const datasync = promisify(fdatasync);

export class LineFile implements Disposable {
  readonly path: string;
  readonly #fd: number;
  #open = true;

  /** Creates the file with mode 0600 if it does not exist; existing content is kept. */
  constructor(path: string) {
    this.path = path;
    this.#fd = writing(path, () => openSync(path, appending, 0o600));
  }

  append(value: unknown): void {
    const line = Buffer.from(`${JSON.stringify(value)}\n`);
    let written = 0;
    writing(this.path, () => {
      while (written < line.length) written += writeSync(this.#fd, line, written);
    });
  }

  /** Resolves when everything appended so far is on disk. */
  async sync(): Promise<void> {
    await datasync(this.#fd);
  }

  sizeBytes(): number {
    return fstatSync(this.#fd).size;
  }

  truncate(sizeBytes: number): void {
    ftruncateSync(this.#fd, sizeBytes);
  }

  [Symbol.dispose](): void {
    if (!this.#open) return;
    this.#open = false;
    closeSync(this.#fd);
  }
}

export interface Line {
  /** Line number, counted from 1. */
  readonly number: number;
  readonly text: string;
  /** Byte offset of the line in the file. */
  readonly offset: number;
  /** False for a last line without its line feed: it was torn by a crash. */
  readonly complete: boolean;
}

/** Streams the lines of a file, also when it is still being written. */
export async function* readLines(path: string): AsyncGenerator<Line> {
  for await (const lines of readLineBatches(path)) yield* lines;
}

/** Streams the lines of a file, those of one chunk at a time. */
export async function* readLineBatches(path: string): AsyncGenerator<Line[]> {
  let rest: Buffer = Buffer.alloc(0);
  let number = 0;
  let offset = 0;
  for await (const chunk of createReadStream(path)) {
    let buffer: Buffer = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
    const lines: Line[] = [];
    for (let end = buffer.indexOf(10); end >= 0; end = buffer.indexOf(10)) {
      number += 1;
      lines.push({ number, text: buffer.toString("utf8", 0, end), offset, complete: true });
      offset += end + 1;
      buffer = buffer.subarray(end + 1);
    }
    rest = buffer;
    yield lines;
  }
  if (rest.length > 0) yield [{ number: number + 1, text: rest.toString("utf8"), offset, complete: false }];
}

/** Parses the JSON of a line; throws an error that names the file and the line. */
export function parseLine(path: string, line: Line): unknown {
  try {
    return JSON.parse(line.text);
  } catch (cause) {
    throw new DrillError(`${path}, line ${line.number}: expected a line of JSON, got "${line.text.slice(0, 40)}"`, {
      exit: "usage",
      hint: "the file was changed or damaged after it was written",
      cause,
    });
  }
}
