import { describe, expect, test } from "vitest";
import { randomMessage, uuidOf } from "../../../generators/writes/episode-message.ts";
import { measuredLoss, presenceOf, writesOf } from "./expected-writes.ts";
import type { WriteOutcome, WriteRecord } from "./history.ts";

const source = { seed: 11, schema: "post1856" } as const;
const message = (writer: string, sequence: number): ReturnType<typeof randomMessage> =>
  randomMessage({ ...source, writer, sequence, groupId: "g" });

/** "a0 10-20 ok": writer, sequence, invoked, completed, outcome. */
function history(...lines: readonly string[]): WriteRecord[] {
  const attempts = new Map<string, number>();
  return lines.map((line) => {
    const [, writer = "", sequence = "", from = "", to = "", outcome = ""] =
      /^(\w)(\d+) (\d+)-(\d+) (\w+)$/.exec(line) ?? [];
    const attempt = attempts.get(writer + sequence) ?? 0;
    attempts.set(writer + sequence, attempt + 1);
    return {
      writer,
      sequence: Number(sequence),
      attempt,
      kind: "episode",
      invokedMs: Number(from),
      completedMs: Number(to),
      outcome: outcome as WriteOutcome,
      graph: "g",
      uuid: message(writer, Number(sequence)).uuid,
    };
  });
}

const names = (writes: readonly { writer: string; sequence: number }[]): string =>
  writes.map(({ writer, sequence }) => `${writer}${sequence}`).join(" ");

/** Every uuid that a complete write leaves. */
function stored(...writes: readonly (readonly [writer: string, sequence: number])[]): Set<string> {
  const all = writes.flatMap(([writer, sequence]) => {
    const { episode, entities, mentions, facts, saga } = message(writer, sequence);
    const withProperties = [...entities, ...mentions].map(({ properties }) => properties);
    return [episode, ...withProperties, ...facts, saga?.hasEpisode ?? {}].map(uuidOf);
  });
  return new Set(all);
}

describe("writes of a history", () => {
  test("a refused write that was acknowledged later counts by its acknowledged attempt", () => {
    const lines = history("a1 110-111 refused", "a1 120-121 refused", "a1 160-170 ok");
    expect(writesOf(lines).map(({ outcome, invokedMs }) => [outcome, invokedMs])).toEqual([["ok", 160]]);
  });

  test("attempts at one write are merged, writers are kept apart", () => {
    const lines = history("a0 1-2 refused", "b0 1-2 ok", "a0 3-4 ok", "b1 5-6 unknown", "a1 5-6 failed");
    const writes = writesOf(lines).map(({ outcome, ...write }) => `${names([write])} ${outcome}`);
    expect(writes).toEqual(["a0 ok", "a1 failed", "b0 ok", "b1 unknown"]);
  });
});

describe("presence and loss", () => {
  const lines = history("a0 10-20 ok", "b0 15-25 ok", "a1 30-40 ok", "b1 45-50 ok", "a2 60-70 unknown");

  test("nothing is lost when every acknowledged write came back whole", () => {
    const present = stored(["a", 0], ["a", 1], ["b", 0], ["b", 1]);
    expect(measuredLoss(lines, present, source)).toEqual({ acknowledged: 4, lost: [], lostMs: 0, torn: [] });
  });

  test("lost writes are counted and timed from the first lost acknowledgement to the disaster", () => {
    const loss = measuredLoss(lines, stored(["a", 0], ["b", 0]), source, 90);
    expect([names(loss.lost), loss.lostMs]).toEqual(["a1 b1", 50]);
  });

  test("a torn write is lost, and its missing parts are named", () => {
    const present = stored(["a", 0], ["a", 1], ["b", 0], ["b", 1]);
    const mention = uuidOf(message("b", 1).mentions[1]?.properties ?? {});
    present.delete(mention);
    const loss = measuredLoss(lines, present, source);
    expect(names(loss.lost)).toBe("b1");
    expect(loss.torn.map(({ write, missing }) => [names([write]), missing])).toEqual([["b1", [`MENTIONS ${mention}`]]]);
  });

  test("an unknown write that came back in part is torn, but no acknowledged loss", () => {
    const present = stored(["a", 0], ["a", 1], ["b", 0], ["b", 1]);
    present.add(message("a", 2).uuid);
    const loss = measuredLoss(lines, present, source);
    expect([names(loss.lost), loss.torn.length]).toEqual(["", 1]);
  });

  test("a refused write that is in the graph counts as present", () => {
    const refused = writesOf(history("a0 10-20 refused"));
    expect(names(presenceOf(refused, stored(["a", 0]), source).whole)).toBe("a0");
    expect(names(presenceOf(refused, new Set(), source).absent)).toBe("a0");
  });
});
