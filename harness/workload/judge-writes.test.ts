// Hand-made histories of episodes, and what came back of them: what passes, and each thing wrong, named.
import { expect, test } from "vitest";
import { messageParts, randomMessage } from "../../generators/episode-message.ts";
import type { WriteOutcome, WriteRecord } from "./history.ts";
import { judgeWrites } from "./judge-writes.ts";

const source = { seed: 11, dims: 0, schema: "post1856" } as const;

function line(sequence: number, at: readonly [number, number], outcome: WriteOutcome = "ok"): WriteRecord {
  const { uuid } = randomMessage({ ...source, writer: "a", sequence, groupId: "g" });
  const [invokedMs, completedMs] = at;
  return { writer: "a", sequence, attempt: 0, kind: "episode", invokedMs, completedMs, outcome, graph: "g", uuid };
}

/** Uuids of the parts of a write, in the order of its queries. */
function parts(sequence: number, kinds?: (kind: string) => boolean): string[] {
  const all = messageParts({ ...source, writer: "a", sequence, groupId: "g" });
  return all.filter(([kind]) => kinds?.(kind) ?? true).map(([, uuid]) => uuid);
}

const history = [line(0, [0, 10]), line(1, [20, 30]), line(2, [95, 105]), line(3, [120, 130])];

function codes(
  present: readonly string[],
  lines: readonly WriteRecord[] = history,
  sagaEnds: Readonly<Record<string, string>> = {},
): string[] {
  const ends = Object.keys(sagaEnds).length === 0 ? {} : { sagaEnds };
  const evidence = { cut: { fromMs: 100, toMs: 110 }, disasterMs: 200, present, source, ...ends };
  return judgeWrites(lines, evidence).findings.map(({ code }) => code);
}

test("whole before the cut, nothing after it, either way inside it", () => {
  expect(codes([...parts(0), ...parts(1)])).toEqual([]);
  expect(codes([...parts(0), ...parts(1), ...parts(2)])).toEqual([]);
});

test("lost, beyond the cut, refused and there", () => {
  expect(codes(parts(1))).toEqual(["write-lost"]);
  expect(codes([...parts(0), ...parts(1), ...parts(3)])).toEqual(["write-beyond-cut"]);
  expect(codes([...parts(0), ...parts(1)], [line(0, [0, 1]), line(1, [2, 3], "refused")])).toEqual([
    "write-beyond-cut",
  ]);
});

test("an episode in part is torn; a later query without an earlier one is a moment that never was", () => {
  const early = parts(2, (kind) => kind === "Episodic" || kind === "Entity");
  expect(codes([...parts(0), ...parts(1), ...early])).toEqual(["write-torn"]);
  const withoutMentions = parts(2, (kind) => kind !== "MENTIONS");
  expect(codes([...parts(0), ...parts(1), ...withoutMentions])).toEqual(["write-torn-out-of-order"]);
  const someMentions = [...early, ...parts(2, (kind) => kind === "MENTIONS").slice(0, 1)];
  expect(codes([...parts(0), ...parts(1), ...someMentions])).toEqual(["write-torn-out-of-order"]);
});

test("an episode that its saga does not name as its last lacks its last query", () => {
  const [first, second] = [0, 1].map((sequence) => randomMessage({ ...source, writer: "a", sequence, groupId: "g" }));
  const saga = second?.saga?.uuid ?? "";
  const present = [...parts(0), ...parts(1)];
  expect(codes(present, history, { [saga]: second?.uuid ?? "" })).toEqual([]);
  expect(codes(present, history, { [saga]: first?.uuid ?? "" })).toEqual(["write-torn"]);
});

test("writes of other kinds are judged elsewhere", () => {
  const other: WriteRecord = { ...line(0, [0, 10]), kind: "ledger", graph: "drill-ledger", uuid: "ledger-0/0" };
  expect(codes([], [other])).toEqual([]);
});
