// Hand-made histories, good and bad. Times are written as [invoked, completed]; the cut is somewhere from 100 to 110.
import { expect, test } from "vitest";
import { type CutInput, judgeCut } from "./cut.ts";
import type { SeenWrite } from "./moment.ts";

type Made = readonly [at: readonly [number, number], isThere: boolean, outcome?: SeenWrite["outcome"]];

/** `writers`: the writes of each writer, in their order. */
function judge(
  writers: Readonly<Record<string, readonly Made[]>>,
  elsewhere?: CutInput["elsewhere"],
): ReturnType<typeof judgeCut> {
  const there = new Set<SeenWrite>();
  const writes = Object.entries(writers).flatMap(([writer, made]) =>
    made.map(([[invokedMs, completedMs], isThere, outcome = "ok"], sequence): SeenWrite => {
      const write = { writer, sequence, graph: "g", outcome, invokedMs, completedMs };
      if (isThere) there.add(write);
      return write;
    }),
  );
  const input: CutInput = {
    isPresent: (write) => there.has(write),
    cut: { fromMs: 100, toMs: 110 },
    backup: { fromMs: 90, toMs: 150 },
    fork: { fromMs: 100, toMs: 110 },
    transfer: { fromMs: 110, toMs: 150 },
    disasterMs: 200,
    elsewhere,
  };
  return judgeCut(writes, input);
}

const codes = (writers: Parameters<typeof judge>[0]): string[] => judge(writers).findings.map(({ code }) => code);

test("a clean cut: all before, none after, and inside it whatever one moment allows", () => {
  const { findings, witnesses, loss, seenCut } = judge({
    a: [
      [[0, 50], true],
      [[60, 104], true],
      [[105, 120], false],
      [[130, 140], false],
    ],
    b: [
      [[0, 99], true],
      [[99, 112], false],
    ],
  });
  expect(findings).toEqual([]);
  expect(seenCut).toEqual({ fromMs: 60, toMs: 112 });
  expect(loss).toEqual({ writes: 3, spanMs: 88, beforeCut: 0 });
  expect(witnesses).toEqual({
    writesAcknowledgedBeforeCut: 2,
    writesAcknowledgedAfterCut: 1,
    writesAcknowledgedDuringBackup: 5,
    writesAcrossFork: 3,
    writesAcknowledgedInTransfer: 3,
  });
});

test("a write acknowledged before the cut that is not there is lost, and named", () => {
  const [finding] = judge({
    a: [
      [[0, 50], true],
      [[60, 70], false],
      [[80, 100], false],
    ],
  }).findings;
  expect(finding).toMatchObject({ code: "write-lost", subject: "g/a/1", evidence: { count: 2 } });
  expect(finding?.message).toBe("write 1 of a was acknowledged before the cut and is not there; so it is with 1 more");
});

test("a write begun after the cut must not be there", () => {
  expect(
    codes({
      a: [
        [[0, 50], true],
        [[110, 115], true],
      ],
    }),
  ).toEqual(["write-beyond-cut"]);
});

test("a hole in one writer's writes inside the cut is seen", () => {
  expect(
    codes({
      a: [
        [[101, 102], true],
        [[103, 104], false],
        [[105, 106], true],
      ],
    }),
  ).toEqual(["write-hole"]);
});

test("a write that is there without another writer's finished predecessor is seen; overlapping ones may be either", () => {
  expect(codes({ a: [[[101, 102], false]], b: [[[103, 120], true]] })).toEqual(["write-overtaken"]);
  expect(codes({ a: [[[101, 104], false]], b: [[[103, 120], true]] })).toEqual([]);
});

test("refused and failed writes must not be there; unknown ones may be", () => {
  expect(
    codes({
      a: [
        [[0, 1], false, "refused"],
        [[2, 3], false, "failed"],
      ],
    }),
  ).toEqual([]);
  expect(
    codes({
      a: [
        [[0, 1], true, "refused"],
        [[2, 3], true, "failed"],
      ],
    }),
  ).toEqual(["write-refused-and-there"]);
  expect(
    codes({
      a: [
        [[0, 1], true, "unknown"],
        [[2, 3], false, "unknown"],
      ],
    }),
  ).toEqual([]);
  expect(codes({ a: [[[111, 112], true, "unknown"]] })).toEqual(["write-beyond-cut"]);
});

test("an unknown write that is there shows that its finished predecessors must be there", () => {
  expect(codes({ a: [[[101, 102], false]], b: [[[103, 104], true, "unknown"]] })).toEqual(["write-overtaken"]);
});

test("no writes, no loss", () => {
  expect(judge({})).toMatchObject({ findings: [], loss: { writes: 0, spanMs: 0, beforeCut: 0 } });
});

test("of the writes that are lost, those acknowledged before the cut are counted apart", () => {
  const { loss } = judge({
    a: [
      [[0, 1], false],
      [[2, 3], false],
      [[111, 112], false],
    ],
  });
  expect(loss).toMatchObject({ writes: 3, beforeCut: 2 });
});

test("writes of another history are held to the same cut, and hold this one to theirs", () => {
  const open = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };
  const codesWith = (elsewhere: CutInput["elsewhere"]): string[] =>
    judge(
      {
        a: [
          [[101, 102], true],
          [[103, 104], false],
        ],
      },
      elsewhere,
    ).findings.map(({ code }) => code);
  expect(codesWith(open)).toEqual([]);
  expect(codesWith({ fromMs: 103.5, toMs: 107 })).toEqual([]);
  // There one begun at 105 is there, so what was done here by 104 must be; there one done by 100.5 is not.
  expect(codesWith({ ...open, fromMs: 105 })).toEqual(["write-overtaken"]);
  expect(codesWith({ ...open, toMs: 100.5 })).toEqual(["write-overtaken"]);
});
