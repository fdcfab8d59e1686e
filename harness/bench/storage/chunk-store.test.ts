import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { ChunkStore, chunkSizes } from "./chunk-store.ts";

const root = await mkdtemp(join(tmpdir(), "falkordrill-chunks-"));
afterAll(() => rm(root, { recursive: true }));
const key = randomBytes(32);
const raw = randomBytes(3_000_000);
const file = join(root, "raw");
await writeFile(file, raw);

async function piecesOf(path: string): Promise<Buffer[]> {
  const pieces: Buffer[] = [];
  for await (const piece of new ChunkStore(root, key).chunksOf(path)) pieces.push(Buffer.from(piece));
  return pieces;
}

describe("content-defined chunks", () => {
  it("are all of the file, of the sizes that were asked for", async () => {
    const pieces = await piecesOf(file);
    expect(Buffer.concat(pieces).equals(raw)).toBe(true);
    expect(pieces.slice(0, -1).every(({ length }) => length > chunkSizes.minBytes)).toBe(true);
    expect(pieces.every(({ length }) => length <= chunkSizes.maxBytes)).toBe(true);
    const mean = raw.length / pieces.length;
    expect(mean).toBeGreaterThan(4500);
    expect(mean).toBeLessThan(8000);
  });

  it("store once what comes again, also behind an insertion", async () => {
    const store = new ChunkStore(root, key);
    const first = await store.store(file);
    expect(first.storedBytes).toBeGreaterThan(raw.length);
    const inserted = join(root, "inserted");
    await writeFile(inserted, Buffer.concat([raw.subarray(0, 1_000_001), randomBytes(77), raw.subarray(1_000_001)]));
    const second = await store.store(inserted);
    expect(second.fresh).toBeLessThan(6);
    expect(second.storedBytes).toBeLessThan(raw.length / 20);
    expect((await store.store(file)).fresh).toBe(0);
  });
});
