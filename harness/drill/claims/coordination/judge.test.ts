import { expect, test } from "vitest";
import type { StoredFinding } from "../../../record/result.ts";
import {
  judgeAtOnce,
  judgeComeback,
  judgeGate,
  judgeGivenUp,
  judgeKilled,
  judgePutRight,
  judgeRefused,
} from "./judge.ts";

const error = new Error("could not be done (504): writes go on: 1 writes were not stored within 20 ms");
const conflict = "got 409: a triggered backup is running";
const status = { state: "succeeded", id: "b" } as const;
const codes = (findings: readonly StoredFinding[]): string[] => findings.map(({ code }) => code);

test.each<[what: string, findings: readonly StoredFinding[], expected: string[]]>([
  ["a refused backup", judgeRefused("why", [], error), []],
  ["one that reported success", judgeRefused("why", [], undefined), ["backup-kept-in-error"]],
  ["one that failed and is listed", judgeRefused("why", ["a"], error), ["backup-kept-in-error"]],
  ["a pause given up aloud", judgeGivenUp(error, "open"), []],
  ["a pause that stayed", judgeGivenUp(error, "paused"), ["pause-not-given-up"]],
  ["a backup that failed of something else", judgeGivenUp(new Error("disk full"), "open"), ["pause-not-given-up"]],
  ["a service that came back open", judgeComeback("open", "later"), []],
  ["a service that came back closed", judgeComeback("paused", "later"), ["pause-outlives-service"]],
  ["one of two backups", judgeAtOnce({ refused: [conflict], points: ["a"], status }), []],
  ["both of them", judgeAtOnce({ refused: [], points: ["a", "b"], status }), ["backups-at-once"]],
  [
    "one, and the other refused for something else",
    judgeAtOnce({ refused: ["500"], points: ["a"], status }),
    ["backups-at-once"],
  ],
  [
    "one that is said to have failed",
    judgeAtOnce({ refused: [conflict], points: ["a"], status: { ...status, state: "failed" } }),
    ["backups-at-once"],
  ],
  ["a killed backup that left nothing", judgeKilled("pause", ["a"], ["a"]), []],
  ["a killed backup that is listed", judgeKilled("manifest", ["a"], ["a", "b"]), ["half-backup-listed"]],
  ["a killed backup that took another with it", judgeKilled("manifest", ["a"], []), ["half-backup-listed"]],
  ["all put right", judgePutRight("transfer", [], []), []],
  [
    "nothing put right",
    judgePutRight("transfer", ["save: was 1, is 2"], ["backups/x/part"]),
    ["settings-not-put-back", "garbage-left"],
  ],
  ["a write after the first answer", judgeGate(20, 10), []],
  ["no write at all", judgeGate(undefined, 10), []],
  ["a write before it", judgeGate(9, 10), ["written-before-restored"]],
])("%s", (_, findings, expected) => {
  expect(codes(findings)).toEqual(expected);
});
