import { appendFile, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Line, LineFile, parseLine, readLines } from "./line-file.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "line-file-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function all(path: string): Promise<Line[]> {
  const lines: Line[] = [];
  for await (const line of readLines(path)) lines.push(line);
  return lines;
}

test("appends lines, keeps what is there, and only its owner may read", async () => {
  const path = join(folder, "a.jsonl");
  {
    using file = new LineFile(path);
    file.append({ n: 1 });
  }
  using file = new LineFile(path);
  file.append({ n: "ü\n" });
  await file.sync();
  expect((await all(path)).map((line) => parseLine(path, line))).toEqual([{ n: 1 }, { n: "ü\n" }]);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test("reports a torn last line and its offset", async () => {
  const path = join(folder, "torn.jsonl");
  using file = new LineFile(path);
  file.append({ n: 1 });
  await appendFile(path, '{"n":');
  expect(await all(path)).toEqual([
    { number: 1, text: '{"n":1}', offset: 0, complete: true },
    { number: 2, text: '{"n":', offset: 8, complete: false },
  ]);
});

test("reads lines longer than one chunk", async () => {
  const path = join(folder, "long.jsonl");
  using file = new LineFile(path);
  for (const length of [200_000, 1, 70_000]) file.append("x".repeat(length));
  expect((await all(path)).map(({ text }) => text.length - 2)).toEqual([200_000, 1, 70_000]);
});

test("names file and line of what is not JSON", () => {
  const line = { number: 7, text: "gone", offset: 0, complete: true };
  expect(() => parseLine("h.jsonl", line)).toThrow('h.jsonl, line 7: expected a line of JSON, got "gone"');
});
