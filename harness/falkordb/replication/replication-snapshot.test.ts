import { describe, expect, it } from "vitest";
import { type ByteSource, endingOf, SnapshotReader } from "./replication-snapshot.ts";

const mark = "0123456789abcdefghij0123456789ABCDEFGHIJ";
const slack = SnapshotReader.slackBytes;

/** Gives the bytes in pieces, each cut where `cuts` says. */
function source(bytes: Buffer, cuts: readonly number[]): ByteSource {
  let at = 0;
  return {
    fill: (block, from, enough) => {
      let filled = from;
      while (filled < block.length) {
        const next = Math.min(cuts.find((cut) => cut > at) ?? bytes.length, at + block.length - filled);
        if (next === at) return Promise.reject(new Error("the connection ended"));
        filled += bytes.copy(block, filled, at, next);
        at = next;
        if (enough(filled)) break;
      }
      return Promise.resolve(filled);
    },
  };
}

async function readAll(reader: SnapshotReader, partBytes: number): Promise<Buffer[]> {
  const parts: Buffer[] = [];
  for (;;) {
    const block = Buffer.alloc(partBytes + slack);
    const length = await reader.read(block);
    if (length > 0) parts.push(Buffer.from(block.subarray(0, length)));
    if (length < partBytes) return parts;
  }
}

function content(length: number): Buffer {
  // Full of false beginnings of the mark.
  return Buffer.from(
    mark
      .repeat(Math.ceil(length / 39))
      .replaceAll("J", "j")
      .slice(0, length),
    "latin1",
  );
}

describe("endingOf", () => {
  it("reads both ways in which a server announces a snapshot", () => {
    expect(endingOf(`$EOF:${mark}`)).toEqual({ kind: "mark", mark: Buffer.from(mark) });
    expect(endingOf("$1234")).toEqual({ kind: "length", bytes: 1234 });
    expect(endingOf("-ERR no")).toBeUndefined();
    expect(endingOf("$EOF:short")).toBeUndefined();
  });
});

describe("a snapshot that ends with a mark", () => {
  const raw = content(300);
  const stream = Buffer.concat([raw, Buffer.from(mark)]);

  it("is found wherever the network cuts the stream once", async () => {
    for (let cut = 1; cut < stream.length; cut++) {
      const reader = new SnapshotReader(source(stream, [cut]), { kind: "mark", mark: Buffer.from(mark) });
      const parts = await readAll(reader, 128);
      expect(Buffer.concat(parts).equals(raw), `cut at ${cut}`).toBe(true);
      expect(parts.map((part) => part.length)).toEqual([128, 128, 44]);
    }
  });

  it("is found for every length of the snapshot, byte by byte", async () => {
    const everywhere = Array.from({ length: 400 }, (_, index) => index + 1);
    for (let length = 0; length <= 200; length++) {
      const some = Buffer.concat([content(length), Buffer.from(mark)]);
      const reader = new SnapshotReader(source(some, everywhere), { kind: "mark", mark: Buffer.from(mark) });
      expect(Buffer.concat(await readAll(reader, 64)).length).toBe(length);
      expect(reader.bytes).toBe(length);
    }
  });

  it("is an error when the connection ends before the mark", async () => {
    const reader = new SnapshotReader(source(stream.subarray(0, -1), []), { kind: "mark", mark: Buffer.from(mark) });
    await expect(readAll(reader, 128)).rejects.toThrow("the connection ended");
  });
});

describe("a snapshot of known length", () => {
  it("is cut into parts, the last one shorter or empty", async () => {
    for (const length of [0, 1, 63, 64, 65, 128, 200]) {
      const reader = new SnapshotReader(source(content(length), [10]), { kind: "length", bytes: length });
      expect(Buffer.concat(await readAll(reader, 64)).equals(content(length))).toBe(true);
    }
  });
});
