import { appendFile, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { privateFolder } from "../../base/process/reaper.ts";
import type { BackupOutcome } from "../../system/system.ts";
import { bytesStored, judgeReported, type MeasuredBackup, storedFiles } from "./reported-figures.ts";

const atMs = Date.UTC(2026, 0, 5);
const outcome: BackupOutcome = {
  point: {
    id: "one",
    cutAt: new Date(atMs + 500).toISOString(),
    cutOffset: 70,
    storedBytes: 1_000_000,
    rawBytes: 4_000_000,
  },
  phases: [{ name: "stream", startMs: 600, ms: 300 }],
  pauseMs: 20,
};
const measured: MeasuredBackup = {
  span: { fromMs: atMs, toMs: atMs + 1000 },
  pause: { fromMs: atMs + 490, toMs: atMs + 505 },
  offsets: { before: 70, after: 90 },
  storedBytes: 1_020_000,
};

test.each([
  ["nothing where the report is right", outcome, measured, []],
  [
    "nothing of a system that names no offset",
    { ...outcome, point: { ...outcome.point, cutOffset: undefined } },
    measured,
    [],
  ],
  ["a cut outside the pause", at({ cutAt: new Date(atMs + 800).toISOString() }), measured, ["cut-misreported"]],
  [
    "a cut before the backup",
    at({ cutAt: new Date(atMs - 2000).toISOString() }),
    { ...measured, pause: undefined },
    ["cut-misreported"],
  ],
  ["a cut at no time", at({ cutAt: "yesterday" }), measured, ["cut-misreported"]],
  ["an offset before the backup", at({ cutOffset: 69 }), measured, ["cut-misreported"]],
  ["an offset after the backup", at({ cutOffset: 91 }), measured, ["cut-misreported"]],
  ["fewer bytes than were stored", at({ storedBytes: 10_000 }), measured, ["figure-misreported"]],
  ["more bytes than were stored", at({ storedBytes: 1_020_001 }), measured, ["figure-misreported"]],
  [
    "a phase longer than the backup",
    { ...outcome, phases: [{ name: "stream", startMs: 600, ms: 600 }] },
    measured,
    ["figure-misreported"],
  ],
  [
    "a pause shorter than the one observed",
    outcome,
    { ...measured, pause: { fromMs: atMs + 300, toMs: atMs + 600 } },
    ["figure-misreported"],
  ],
] as const)("finds %s", (_, reported, was, codes) => {
  expect(judgeReported(reported, was).map(({ code }) => code)).toEqual(codes);
});

function at(point: Partial<BackupOutcome["point"]>): BackupOutcome {
  return { ...outcome, point: { ...outcome.point, ...point } };
}

test("remains of a crash that a backup removes do not make it smaller", async () => {
  await using folder = await privateFolder("stored-files");
  const put = (name: string, bytes: number): Promise<void> => writeFile(join(folder.path, name), Buffer.alloc(bytes));
  await mkdir(join(folder.path, "backups"));
  await put("backups/kept", 50);
  await put("backups/unfinished", 900);
  await put("backups/list", 10);
  const before = await storedFiles(folder.path);
  await rm(join(folder.path, "backups/unfinished"));
  await put("backups/new", 1000);
  await appendFile(join(folder.path, "backups/list"), "one more");
  expect(bytesStored(before, await storedFiles(folder.path))).toBe(1000 + 18);
});

test("a folder that does not exist has no files", async () => {
  expect(await storedFiles("/does/not/exist")).toEqual(new Map());
});
