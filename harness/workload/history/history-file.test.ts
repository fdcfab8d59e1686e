import { appendFile, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { WriteRecord } from "./history.ts";
import { openHistory, readHistory } from "./history-file.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "history-"));
});
afterAll(() => rm(folder, { recursive: true }));

const write = (sequence: number): WriteRecord => ({
  writer: "writer-0",
  sequence,
  attempt: 0,
  kind: "episode",
  invokedMs: sequence * 10,
  completedMs: sequence * 10 + 5,
  outcome: "ok",
  graph: "team",
  uuid: `uuid-${sequence}`,
});

async function read(path: string): Promise<WriteRecord[]> {
  const found: WriteRecord[] = [];
  for await (const record of readHistory(path)) found.push(record);
  return found;
}

test("reads back what was recorded, also after the history was continued", async () => {
  const path = join(folder, "history.jsonl");
  for (const sequence of [0, 1]) {
    using history = openHistory(path);
    history.record(write(sequence));
    await history.sync();
  }
  expect(await read(path)).toEqual([write(0), write(1)]);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test("drops a torn last line", async () => {
  const path = join(folder, "torn.jsonl");
  using history = openHistory(path);
  history.record(write(0));
  await appendFile(path, '{"writer":"wri');
  expect(await read(path)).toEqual([write(0)]);
});

test("names a line that is not a history record", async () => {
  const path = join(folder, "wrong.jsonl");
  using history = openHistory(path);
  history.record(write(0));
  await appendFile(path, '{"writer":"w","outcome":"maybe"}\n');
  await expect(read(path)).rejects.toThrow('line 2: "{"writer":"w","outcome":"maybe"}" is not a line of history');
});

test("writes a hundred thousand lines cheaply", async () => {
  const path = join(folder, "many.jsonl");
  using history = openHistory(path);
  for (let sequence = 0; sequence < 100_000; sequence += 1) history.record(write(sequence));
  expect(await read(path)).toHaveLength(100_000);
});
