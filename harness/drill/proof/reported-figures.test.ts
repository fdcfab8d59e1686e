import { expect, test } from "vitest";
import type { BackupOutcome } from "../../system/system.ts";
import { judgeReported, type MeasuredBackup } from "./reported-figures.ts";

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
