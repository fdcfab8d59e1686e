// Synthetic histories of episodes and their restored content: what passes, and each defect by its code. The content is
// built from the queries themselves, up to any one of them.
import { expect, test } from "vitest";
import { uuidOf } from "../../../generators/writes/episode-message.ts";
import { episodeWrites, randomMessage } from "../../../generators/writes/episode-writes.ts";
import { expectedGraphs } from "./expected-graph.ts";
import type { WriteOutcome, WriteRecord } from "./history.ts";
import { judgeWrites, type WritesEvidence } from "./judge-writes.ts";

const source = { seed: 11, dims: 0, schema: "post1856" } as const;
const messageOf = (sequence: number, writer = "a"): ReturnType<typeof randomMessage> =>
  randomMessage({ ...source, writer, sequence, groupId: "g" });

interface Made {
  readonly writer?: string;
  readonly outcome?: WriteOutcome;
}

function line(sequence: number, at: readonly [number, number], { writer = "a", outcome = "ok" }: Made = {}) {
  const { uuid } = messageOf(sequence, writer);
  const [invokedMs, completedMs] = at;
  return { writer, sequence, attempt: 0, kind: "episode", invokedMs, completedMs, outcome, graph: "g", uuid };
}

type There = Pick<WritesEvidence, "present"> & { readonly sagaEnds: Record<string, string> };

/** Content left by the first `queries` queries of each episode, one episode after the other. */
function stored(
  ...episodes: readonly (readonly [sequence: number, queries?: number | undefined, writer?: string])[]
): There {
  const present = new Set<string>();
  const sagaEnds: Record<string, string> = {};
  for (const [sequence, queries, writer] of episodes) {
    const message = messageOf(sequence, writer);
    for (const { parameters } of episodeWrites(message).slice(0, queries)) {
      for (const uuid of uuidsIn(parameters)) present.add(uuid);
      const { saga, episode } = parameters as { saga?: { uuid: string }; episode?: string };
      if (saga !== undefined) {
        present.add(saga.uuid);
        sagaEnds[saga.uuid] = episode ?? sagaEnds[saga.uuid] ?? "";
      }
    }
  }
  return { present: [...present], sagaEnds };
}

type Row = Readonly<Record<string, string>>;

function uuidsIn(parameters: Readonly<Record<string, unknown>>): string[] {
  const { episodes, nodes, edges, properties } = parameters as Record<string, Row[] | undefined>;
  const rows = [...(episodes ?? []), ...(nodes ?? []), ...(edges ?? [])];
  const own = rows.map((row) => row["uuid"] ?? (row["properties"] as unknown as Row)["uuid"] ?? "");
  return properties === undefined ? own : [...own, (properties as unknown as Row)["uuid"] ?? ""];
}

const history = [line(0, [0, 10]), line(1, [20, 30]), line(2, [95, 105]), line(3, [120, 130])];

function judged(there: There, lines: readonly WriteRecord[] = history, more: Partial<WritesEvidence> = {}) {
  const evidence = { cut: { fromMs: 100, toMs: 110 }, disasterMs: 200, source, ...there, ...more };
  return judgeWrites(lines, JSON.parse(JSON.stringify(evidence)) as WritesEvidence);
}

const codes = (...of: Parameters<typeof judged>): string[] => judged(...of).findings.map(({ code }) => code);
const queriesOf2 = episodeWrites(messageOf(2));
const mayTear = { mayTear: true };

test("passes complete writes before the cut, none after it, and either within it", () => {
  expect(codes(stored([0], [1]))).toEqual([]);
  expect(codes(stored([0], [1], [2]))).toEqual([]);
});

test("finds a lost write, one from after the cut, a refused one that is present, and a gap", () => {
  expect(codes(stored([0]))).toEqual(["write-lost"]);
  expect(codes(stored([0], [1], [2], [3]))).toEqual(["write-beyond-cut"]);
  expect(codes(stored([0], [1]), [line(0, [0, 1]), line(1, [2, 3], { outcome: "refused" })])).toEqual([
    "write-refused-and-there",
  ]);
  // The first of a new saga does not touch the previous one.
  const across = [line(46, [0, 1]), line(47, [101, 102]), line(48, [103, 104])];
  expect(codes(stored([46], [48]), across)).toEqual(["write-hole"]);
});

test("an episode of another writer that ended before a present one started must be present", () => {
  const lines = [line(0, [101, 102]), line(0, [103, 109], { writer: "b" })];
  expect(codes(stored([0, undefined, "b"]), lines)).toEqual(["write-overtaken"]);
  expect(codes(stored([0], [0, undefined, "b"]), lines)).toEqual([]);
});

test("an unknown episode may be present or missing, but not partial", () => {
  const lines = [line(0, [0, 10]), line(1, [20, 30], { outcome: "unknown" })];
  expect(codes(stored([0]), lines)).toEqual([]);
  expect(codes(stored([0], [1]), lines)).toEqual([]);
  expect(codes(stored([0], [1, 3]), lines)).toEqual(["write-torn"]);
});

test("under coordination, an episode cut after any of its queries is torn, and the query is named", () => {
  for (let queries = 1; queries < queriesOf2.length; queries += 1) {
    // The writer's hub and its saga exist already: creating them again leaves no trace that identifies the query.
    const last = queriesOf2.slice(0, queries).findLast(({ step }, index) => step !== "W5" && index !== 1)?.step;
    const [finding] = judged(stored([0], [1], [2, queries])).findings;
    expect(finding, `after ${queries}`).toMatchObject({
      code: "write-torn",
      severity: "error",
      evidence: { after: last },
    });
  }
});

test("without coordination the same is reported and counted, and costs an acknowledged write", () => {
  for (let queries = 1; queries < queriesOf2.length; queries += 1) {
    const { findings, witnesses, loss, torn } = judged(stored([0], [1], [2, queries]), history.slice(0, 3), mayTear);
    expect(findings.map(({ code, severity }) => [code, severity])).toEqual([["episode-torn", "info"]]);
    expect([witnesses["episodesTorn"], loss.writes, torn.length]).toEqual([1, 1, 1]);
  }
});

test("without coordination, what no cut can leave is still an error", () => {
  const order = (present: readonly string[], without: readonly string[]): There => ({
    ...stored([0], [1], [2, 3]),
    present: present.filter((uuid) => !without.includes(uuid)),
  });
  const two = messageOf(2);
  const all = stored([0], [1], [2]).present;
  const mentions = two.mentions.map(({ properties }) => uuidOf(properties));
  const facts = two.facts.map(uuidOf);
  const attached = uuidOf(two.saga?.hasEpisode ?? {});
  const link = uuidOf(two.saga?.previous?.properties ?? {});
  for (const without of [mentions, mentions.slice(1), facts.slice(1), [two.uuid], [link], [...facts, attached]])
    expect(codes(order(all, without), history, mayTear)).toEqual(["write-torn-out-of-order"]);
  // Torn before the cut, and torn although its writer went on.
  const early = [line(0, [0, 10]), line(1, [20, 30])];
  expect(codes(stored([0], [1, 4]), early, mayTear)).toEqual(["write-torn"]);
  const open = [line(0, [0, 10]), line(1, [101, 102]), line(2, [103, 104])];
  expect(codes(stored([0], [1, 4], [2]), open, mayTear)).toContain("write-torn-out-of-order");
});

test("before #1856 an entity can be caught between its two labels", () => {
  const pre = { ...source, schema: "pre1856" } as const;
  const message = randomMessage({ ...pre, writer: "a", sequence: 0, groupId: "g" });
  const typed = uuidOf(message.entities[0]?.properties ?? {});
  const there = { present: [message.uuid, typed], sagaEnds: {} };
  const lines = [{ ...line(0, [95, 105]), uuid: message.uuid }];
  const more = { source: pre, halfLabelled: [typed], ...mayTear };
  const { findings, torn } = judged(there, lines, more);
  expect(findings.map(({ code, evidence }) => [code, evidence["after"]])).toEqual([["episode-torn", "W2"]]);
  const content = { writes: torn, present: new Set(there.present), halfLabelled: new Set(more.halfLabelled) };
  const [plan] = expectedGraphs([], pre, content);
  expect([...(plan?.nodes() ?? [])].map(({ labels }) => labels)).toEqual([["Episodic"], ["Entity"]]);
});

test("an episode not named as the last of its saga lacks its last query", () => {
  const there = stored([0], [1]);
  const saga = messageOf(1).saga?.uuid ?? "";
  expect(codes(there)).toEqual([]);
  const [finding] = judged({ ...there, sagaEnds: { [saga]: messageOf(0).uuid } }).findings;
  expect(finding).toMatchObject({ code: "write-torn", evidence: { after: "W7" } });
});

test("a duplicated episode is detected, complete or partial", () => {
  const there = stored([0], [1]);
  const mention = uuidOf(messageOf(1).mentions[1]?.properties ?? {});
  for (const uuid of [messageOf(1).uuid, mention])
    expect(codes({ ...there, present: [...there.present, uuid] })).toEqual(["write-twice"]);
});

test("writes of other kinds and of other graphs are judged elsewhere", () => {
  const other: WriteRecord = { ...line(0, [0, 10]), kind: "ledger", graph: "drill-ledger", uuid: "ledger-0/0" };
  expect(codes(stored(), [other])).toEqual([]);
  expect(codes(stored(), [line(0, [0, 10])], { groups: ["h"] })).toEqual([]);
  expect(codes(stored(), [line(0, [0, 10])], { groups: ["g"] })).toEqual(["write-lost"]);
});
