import { expect, it } from "vitest";
import { StreamPieces } from "./stream-pieces.ts";

it("gives a stream out up to each offset, and ends it where it is left", async () => {
  let isEnded = false;
  const stream = async function* (): AsyncGenerator<Buffer> {
    try {
      for (const chunk of ["abc", "", "defg", "hij", "klm"]) yield await Promise.resolve(Buffer.from(chunk));
    } finally {
      isEnded = true;
    }
  };
  const pieces: string[] = [];
  {
    await using cut = new StreamPieces(stream(), 100);
    for (const offset of [100, 102, 103, 109]) {
      const chunks: Buffer[] = [];
      for await (const chunk of cut.upTo(offset)) chunks.push(chunk);
      pieces.push(chunks.join("|"));
    }
    expect(isEnded).toBe(false);
  }
  expect(pieces).toEqual(["", "ab", "c", "defg|hi"]);
  expect(isEnded).toBe(true);
});

it("ends with the stream where the offset is beyond it", async () => {
  const stream = async function* (): AsyncGenerator<Buffer> {
    yield await Promise.resolve(Buffer.from("abc"));
  };
  await using cut = new StreamPieces(stream(), 0);
  const chunks: Buffer[] = [];
  for await (const chunk of cut.upTo(9)) chunks.push(chunk);
  expect(chunks.join("|")).toBe("abc");
});

it("does not wait for a read that never ends", async () => {
  const stream = async function* (): AsyncGenerator<Buffer> {
    yield await new Promise<Buffer>(() => {});
  };
  const cut = new StreamPieces(stream(), 0);
  void cut.upTo(9).next();
  await expect(cut[Symbol.asyncDispose]()).resolves.toBeUndefined();
});
