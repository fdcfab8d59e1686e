import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { SnapshotReader } from "../../falkordb/replication/replication-snapshot.ts";
import { ByteQueue } from "./byte-queue.ts";

const partBytes = 100;

async function readAll(queue: ByteQueue): Promise<Buffer[]> {
  const parts: Buffer[] = [];
  for (;;) {
    const block = Buffer.alloc(partBytes + SnapshotReader.slackBytes);
    const bytes = await queue.read(block);
    parts.push(block.subarray(0, bytes));
    if (bytes < partBytes) return parts;
  }
}

it("returns blocks of one size, and ends at the given boundary, keeping the rest", async () => {
  const queue = new ByteQueue(1000);
  const bytes = randomBytes(350);
  const read = readAll(queue);
  for (let at = 0; at < bytes.length; at += 7) await queue.write(bytes.subarray(at, at + 7), Math.min(330, at));
  expect(queue.canEndAt(330)).toBe(true);
  expect(queue.endAt(330).equals(bytes.subarray(330))).toBe(true);
  const parts = await read;
  expect(parts.map(({ length }) => length)).toEqual([100, 100, 100, 30]);
  expect(Buffer.concat(parts).equals(bytes.subarray(0, 330))).toBe(true);
  expect(queue.bytes).toBe(330);
});

it("holds the writer back until a reader reads", async () => {
  const queue = new ByteQueue(250);
  let isHeldBack = true;
  await queue.write(Buffer.alloc(250), 250);
  const write = queue.write(Buffer.alloc(50), 300).then(() => (isHeldBack = false));
  await new Promise((resolve) => void setImmediate(resolve));
  expect(isHeldBack).toBe(true);
  await queue.read(Buffer.alloc(partBytes + SnapshotReader.slackBytes));
  await write;
  expect(isHeldBack).toBe(false);
});

it("gives out what follows the last boundary only when it is larger than the queue", async () => {
  const queue = new ByteQueue(250);
  await queue.write(Buffer.alloc(200), 10);
  expect(queue.canEndAt(10)).toBe(true);
  const write = queue.write(Buffer.alloc(200), 10);
  for (let block = 0; block < 3; block++) await queue.read(Buffer.alloc(partBytes + SnapshotReader.slackBytes));
  await write;
  expect(queue.canEndAt(10)).toBe(false);
  await queue.write(Buffer.alloc(5), 405);
  expect(queue.canEndAt(405)).toBe(true);
});

it("rejects waiting callers when it fails", async () => {
  const queue = new ByteQueue(250);
  const read = queue.read(Buffer.alloc(partBytes + SnapshotReader.slackBytes));
  queue.fail(new Error("vault full"));
  await expect(read).rejects.toThrow("vault full");
  await expect(queue.write(Buffer.alloc(300), 300)).rejects.toThrow("vault full");
});
