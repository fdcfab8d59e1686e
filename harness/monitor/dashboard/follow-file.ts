// The lines of a file as they are written. Each has an id, the file and where it ends in it, from which a reader goes on: after
// a reload, a broken connection, or a restart of either side, no line is lost and none comes twice.
import { open } from "node:fs/promises";
import { pace } from "../../base/timer.ts";

const everyMs = 100;
const chunkBytes = 256 * 1024;
const tailBytes = 64 * 1024;
const lineFeed = 10;

export interface FollowedLine {
  /** `<inode>-<offset of the end of the line>` */
  readonly id: string;
  /** Undefined where another file has taken the place of the one that was read, or it was cut. */
  readonly text: string | undefined;
}

/** Where the last lines of a file begin; the id of its begin where it is short. */
export async function tailId(path: string): Promise<string> {
  await using file = await open(path);
  const { ino, size } = await file.stat();
  const from = Math.max(0, size - tailBytes);
  if (from === 0) return `${ino}-0`;
  const { buffer, bytesRead } = await file.read(Buffer.alloc(tailBytes), 0, tailBytes, from);
  const end = buffer.subarray(0, bytesRead).indexOf(lineFeed);
  return `${ino}-${end < 0 ? from : from + end + 1}`;
}

/** Until `signal` ends it, or the file is gone. */
export async function* followFile(path: string, fromId: string, signal: AbortSignal): AsyncGenerator<FollowedLine> {
  let [inode = "", offset = 0] = idOf(fromId);
  while (!signal.aborted) {
    await using file = await open(path);
    const { ino, size } = await file.stat();
    if (String(ino) !== inode || size < offset) {
      [inode, offset] = [String(ino), 0];
      yield { id: `${inode}-0`, text: undefined };
    }
    if (size === offset) {
      await pace(everyMs, signal);
      continue;
    }
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(chunkBytes, size - offset)), 0, null, offset);
    const read = buffer.subarray(0, bytesRead);
    let begin = 0;
    for (let end = read.indexOf(lineFeed); end >= 0; end = read.indexOf(lineFeed, begin)) {
      yield { id: `${inode}-${offset + end + 1}`, text: read.toString("utf8", begin, end) };
      begin = end + 1;
    }
    // A line that is longer than what is read at once comes in pieces.
    if (begin === 0 && bytesRead === chunkBytes) {
      yield { id: `${inode}-${offset + bytesRead}`, text: read.toString("utf8") };
      begin = bytesRead;
    }
    offset += begin;
    if (begin === 0) await pace(everyMs, signal);
  }
}

function idOf(id: string): [inode?: string, offset?: number] {
  const [, inode, offset] = /^(\d{1,20})-(\d{1,15})$/.exec(id) ?? [];
  return inode === undefined ? [] : [inode, Number(offset)];
}
