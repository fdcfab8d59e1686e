// Lines of a file that is being written, from wherever a reader had come to.
import { appendFile, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { type FollowedLine, followFile, tailId } from "./follow-file.ts";
import { listLogs, logOf } from "./log-files.ts";

const folder = await mkdtemp(join(tmpdir(), "falkordrill-follow-"));
afterAll(() => rm(folder, { recursive: true }));
const path = join(folder, "a.log");

/** The next lines; a test ends at its deadline where they do not come. */
async function next(lines: AsyncGenerator<FollowedLine>, count: number): Promise<readonly FollowedLine[]> {
  const found: FollowedLine[] = [];
  while (found.length < count) {
    const { value } = await lines.next();
    if (value !== undefined) found.push(value as FollowedLine);
  }
  return found;
}
const texts = (lines: readonly FollowedLine[]): readonly (string | undefined)[] => lines.map(({ text }) => text);

it("goes on from the id of a line, gives a torn line once it is whole, and says when another file took its place", async () => {
  await writeFile(path, "one\ntwo\nhal");
  const ending = new AbortController();
  const lines = followFile(path, await tailId(path), ending.signal);
  const [one, two] = await next(lines, 2);
  expect([one?.text, two?.text]).toEqual(["one", "two"]);
  await appendFile(path, "f\nfour\n");
  expect(texts(await next(lines, 2))).toEqual(["half", "four"]);
  const again = followFile(path, one?.id ?? "", ending.signal);
  expect(texts(await next(again, 3))).toEqual(["two", "half", "four"]);
  await writeFile(join(folder, "b"), "new\n");
  await rename(join(folder, "b"), path);
  expect(texts(await next(again, 2))).toEqual([undefined, "new"]);
  ending.abort();
  expect((await lines.next()).done).toBe(true);
});

it("begins with the last lines of a long file, and gives a line without end in pieces", async () => {
  const ending = new AbortController();
  await writeFile(path, `${"x".repeat(99)}\n`.repeat(2000));
  const [first] = await next(followFile(path, await tailId(path), ending.signal), 1);
  expect([first?.text?.length, Number(first?.id.split("-")[1]) > 100_000]).toEqual([99, true]);
  await writeFile(path, "y".repeat(300_000));
  const [whole, piece] = await next(followFile(path, "", ending.signal), 2);
  expect([whole?.text, piece?.text?.length]).toEqual([undefined, 256 * 1024]);
  ending.abort();
});

it("names only files of its folders", async () => {
  const folders = { logs: [folder], runs: [folder] };
  expect((await listLogs(folders)).map(({ key }) => key)).toEqual(["logs/0/a.log"]);
  expect((await logOf(folders, "logs/0/a.log"))?.path).toBe(path);
  for (const key of [
    "logs/0/..",
    "logs/0/../a.log",
    "logs/1/a.log",
    "runs/0/../timeline.jsonl",
    "runs/0/x/run.json",
    "x",
  ])
    expect([key, await logOf(folders, key)]).toEqual([key, undefined]);
});
