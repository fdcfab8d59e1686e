import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { systemClock } from "../../base/clock.ts";
import type { Connection } from "../../falkordb/client/connection.ts";
import { ArchiveBeat, type ArchiveBeatOptions } from "./archive-beat.ts";

type Followed = ReturnType<ArchiveBeatOptions["followed"]>;

const connection = {
  command: () => Promise.resolve(["repl-backlog-size", "0"]),
  info: () => Promise.resolve({ master_repl_offset: "900" }),
} as unknown as Connection;
const chain = { sealed: undefined, position: { replid: "a", offset: 800 }, unsealedBytes: 100 };
const followed = (): Followed => ({ base: "base", chain: chain as unknown as Followed["chain"] });

let notes: string[];
let looked: number;
beforeEach(() => {
  vi.useFakeTimers();
  notes = [];
  looked = 0;
});
afterEach(() => void vi.useRealTimers());

function beating(options: Partial<ArchiveBeatOptions>): ArchiveBeat {
  return new ArchiveBeat({
    source: { connection: () => Promise.resolve(connection), keepSettings: () => Promise.resolve() },
    check: { beat: () => Promise.resolve(void looked++) },
    clock: systemClock,
    followed,
    proof: () => undefined,
    note: (line) => notes.push(line),
    onStatus: undefined,
    signal: new AbortController().signal,
    ...options,
  });
}

it("checks for what the stream did not replicate, although its status can never be written", async () => {
  const onStatus = (): void => {
    throw new Error("EROFS: read-only file system, open 'archive.prom.tmp'");
  };
  using _beat = beating({ onStatus });
  await vi.advanceTimersByTimeAsync(3000);
  expect(looked).toBe(3);
  expect(notes).toEqual(["the status could not be reported: EROFS: read-only file system, open 'archive.prom.tmp'"]);
});

it("reports a problem when it begins, and again when it recurs", async () => {
  let isUp = false;
  const statuses: number[] = [];
  using _beat = beating({
    source: {
      connection: () => (isUp ? Promise.resolve(connection) : Promise.reject(new Error("refused"))),
      keepSettings: () => Promise.resolve(),
    },
    onStatus: ({ lagBytes }) => statuses.push(lagBytes),
  });
  await vi.advanceTimersByTimeAsync(2000);
  expect(notes).toEqual(["the source could not be looked at, so hazards may be seen late: refused"]);
  isUp = true;
  await vi.advanceTimersByTimeAsync(1000);
  isUp = false;
  await vi.advanceTimersByTimeAsync(2000);
  expect(notes.length).toBe(2);
  expect(statuses).toEqual([100]);
});

it("reports the progress of the archive, also where the names cannot be compared", async () => {
  const statuses: number[] = [];
  const check = { beat: () => Promise.reject(new Error("NOPERM")) };
  using _beat = beating({ check, onStatus: ({ lagBytes }) => statuses.push(lagBytes) });
  await vi.advanceTimersByTimeAsync(2000);
  expect(statuses).toEqual([100, 100]);
  expect(notes).toEqual(["the names in the graphs of the source could not be compared: NOPERM"]);
});
