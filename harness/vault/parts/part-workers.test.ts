// A thread that cannot start for lack of file descriptors is the machine's fault, and says so.
import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";

/** Starts the threads of a backup with that many file descriptors left, and prints how the first part ends. */
const program = `
import { closeSync, openSync } from "node:fs";
import { PartWorkers } from ${JSON.stringify(new URL("part-workers.ts", import.meta.url))};
const taken = [];
try { for (;;) taken.push(openSync("/dev/null")); } catch {}
for (const fd of taken.splice(0, Number(process.argv[1]))) closeSync(fd);
const workers = new PartWorkers();
const block = { raw: new ArrayBuffer(8), sealed: new ArrayBuffer(8) };
const { exit, message } = await workers.make({ block, rawBytes: 8 }).catch((error) => error);
console.log(JSON.stringify({ exit, message }));
process.exit();
`;

function endsWith(descriptors: number): unknown {
  const node = [process.execPath, "-e", program, String(descriptors)];
  return JSON.parse(execFileSync("/bin/sh", ["-c", 'ulimit -n 120; exec "$0" "$@"', ...node], { encoding: "utf8" }));
}

it.each([
  ["too few to start", 4, "starting a thread"],
  ["enough to start, and too few to read its code", 6, "loading a module"],
])("%s", (_, descriptors, what) => {
  expect(endsWith(descriptors)).toEqual({
    exit: "environment",
    message: `${what} failed: this process has too many open files`,
  });
});
