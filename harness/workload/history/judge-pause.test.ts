import { expect, test } from "vitest";
import type { WriteOutcome, WriteRecord } from "./history.ts";
import { judgePause, type PauseEvidence } from "./judge-pause.ts";

const pause = { askedMs: 100, leaseMs: 1000, givenMs: 110, resumeSentMs: 120, resumedMs: 121 };
const good: PauseEvidence = {
  backup: { fromMs: 90, toMs: 200 },
  asked: [pause],
  logged: [
    { atMs: 109, event: "paused", lease: "a" },
    { atMs: 120, event: "resumed", lease: "a" },
  ],
  stateAfter: "open",
  groups: ["g"],
};

function write(invokedMs: number, completedMs: number, outcome: WriteOutcome = "ok", graph = "g"): WriteRecord {
  const ref = { writer: "w", sequence: invokedMs, attempt: 0, kind: "episode", graph, uuid: `u${invokedMs}` };
  return { ...ref, invokedMs, completedMs, outcome };
}
const history = [write(80, 108), write(111, 112, "refused"), write(115, 123), write(130, 140)];

function codes(evidence: Partial<PauseEvidence>, lines: readonly WriteRecord[] = history): string[] {
  return judgePause(lines, { ...good, ...evidence }).findings.map(({ code }) => code);
}

test("a pause that held, and after which writes go on, has no findings", () => {
  expect(judgePause(history, good)).toEqual({
    findings: [],
    witnesses: { pausesHeldToWrites: 1, writesHeldToPause: 4, writesLetInAgain: 1 },
  });
  expect(codes({}, [...history, write(111, 119, "ok", "straight at the engine")])).toEqual([]);
});

/** History until the lease expires, for a pause that is never ended. */
const held = history.slice(0, 2);
const unended = { ...pause, resumeSentMs: null, resumedMs: null };
/** What is wrong, and the resulting codes. */
const faults: Record<string, [string[], Partial<PauseEvidence>, (readonly WriteRecord[])?]> = {
  "no pause was asked for": [["pause-missing"], { asked: [], logged: [] }],
  "a pause was asked for and not given": [["pause-missing"], { asked: [{ ...unended, givenMs: null }], logged: [] }],
  "nothing at all was seen": [["pause-missing"], { asked: [], logged: null, stateAfter: null }, []],
  "the service knows of no pause": [["pause-missing"], { logged: [] }],
  "the service paused before the backup": [["pause-missing"], { logged: [{ atMs: 20, event: "paused", lease: "a" }] }],
  "no resume was sent": [["pause-not-ended"], { asked: [unended] }, held],
  "writes still stand": [["pause-not-ended"], { asked: [unended], stateAfter: "paused" }, held],
  "the service holds them after its resume": [["pause-not-ended"], { stateAfter: "draining" }],
  "the lease ran out": [
    ["pause-not-ended", "pause-ran-out"],
    {
      asked: [unended],
      logged: [...(good.logged ?? []), { atMs: 1110, event: "lease-expired", lease: "a" }],
    },
    held,
  ],
  "a write was let through": [["write-let-through-pause"], {}, [...history, write(112, 118)]],
  "a write was let through a pause that was never ended": [
    ["pause-not-ended", "write-let-through-pause"],
    { asked: [unended] },
    [write(500, 510)],
  ],
  "no write gets in again": [["writes-not-let-in"], {}, [write(80, 108), write(130, 131, "refused")]],
};

test.each(Object.entries(faults))("the pause is judged: %s", (_, [expected, evidence, lines]) => {
  expect(codes(evidence, lines)).toEqual(expected);
});

test("every pause of a backup with several attempts is compared with the writes", () => {
  const second = { ...pause, askedMs: 150, givenMs: 151, resumeSentMs: 160, resumedMs: 161 };
  expect(codes({ asked: [pause, second] }, [...history, write(152, 155)])).toEqual(["write-let-through-pause"]);
});

test("if the backup ran in another process, its pause is read from the log of the service", () => {
  const logged = [
    { atMs: 109, event: "paused", lease: "a" },
    { atMs: 150, event: "resumed", lease: "a" },
  ];
  expect(codes({ asked: null, logged })).toEqual(["write-let-through-pause"]);
  expect(codes({ asked: null, logged }, held)).toEqual([]);
  expect(codes({ asked: null, logged: logged.slice(0, 1) }, held)).toEqual(["pause-not-ended"]);
  expect(codes({ asked: null, logged: [] }, held)).toEqual(["pause-missing"]);
});
