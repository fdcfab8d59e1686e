// The requests of a replica: RESP arrays of bulk strings, split anywhere by the network. A replica sends only short
// commands, so a long request is refused.
const requestBytesMax = 64 * 1024;

export class RequestParser {
  #rest: Buffer = Buffer.alloc(0);

  /** Returns the requests that are complete now, each as its words. */
  push(chunk: Buffer): string[][] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const requests: string[][] = [];
    for (;;) {
      const parsed = parseRequest(this.#rest);
      if (parsed === undefined) break;
      this.#rest = this.#rest.subarray(parsed.bytes);
      if (parsed.words.length > 0) requests.push(parsed.words);
    }
    if (this.#rest.length > requestBytesMax) throw new RangeError("a request of this size is not one of a replica");
    return requests;
  }
}

interface Parsed {
  readonly words: string[];
  readonly bytes: number;
}

/** Undefined while the request is incomplete. A line that is not an array is an inline command: words and spaces. */
function parseRequest(buffer: Buffer): Parsed | undefined {
  const head = lineAt(buffer, 0);
  if (head === undefined) return undefined;
  if (!head.text.startsWith("*"))
    return { words: head.text.split(" ").filter((word) => word !== ""), bytes: head.next };
  const words: string[] = [];
  let at = head.next;
  for (let left = Number(head.text.slice(1)); left > 0; left--) {
    const size = lineAt(buffer, at);
    if (size === undefined) return undefined;
    const end = size.next + Number(size.text.slice(1));
    if (buffer.length < end + 2) return undefined;
    words.push(buffer.toString("utf8", size.next, end));
    at = end + 2;
  }
  return { words, bytes: at };
}

function lineAt(buffer: Buffer, from: number): { readonly text: string; readonly next: number } | undefined {
  const end = buffer.indexOf("\n", from);
  return end < 0 ? undefined : { text: buffer.toString("latin1", from, end).trim(), next: end + 1 };
}
