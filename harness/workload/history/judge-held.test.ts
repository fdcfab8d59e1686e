import { expect, it } from "vitest";
import type { WriteRecord } from "./history.ts";
import { judgeHeld } from "./judge-held.ts";

function write(writer: string, sequence: number, more: Partial<WriteRecord> = {}): WriteRecord {
  const uuid = `${writer}-${sequence}`;
  const atMs = 10 * sequence;
  const base = {
    attempt: 0,
    kind: "episode",
    graph: "g",
    invokedMs: atMs,
    completedMs: atMs + 1,
    outcome: "ok",
  } as const;
  return { writer, sequence, uuid, ...base, ...more };
}

it("names the acknowledged write that was the first not to be stored, of any writer", () => {
  const history = [write("a", 0), write("a", 3), write("b", 1), write("b", 2)];
  const { findings, witnesses, missing } = judgeHeld(history, new Set(["a-0", "b-1"]));
  expect(findings).toMatchObject([
    { code: "acknowledged-not-stored", subject: "g/b-2", evidence: { count: 2, acknowledged: 4 } },
  ]);
  expect(missing.map(({ uuid }) => uuid)).toEqual(["b-2", "a-3"]);
  expect(witnesses).toEqual({ acknowledgedHeld: 2 });
});

it("expects nothing of writes that were refused or have no answer, unless a retry was acknowledged", () => {
  const retried = [write("a", 2, { outcome: "refused" }), write("a", 2, { attempt: 1 })];
  const history = [write("a", 0, { outcome: "refused" }), write("a", 1, { outcome: "unknown" }), ...retried];
  expect(judgeHeld(history, new Set(["a-2"])).findings).toEqual([]);
  expect(judgeHeld(history, new Set()).missing.map(({ uuid }) => uuid)).toEqual(["a-2"]);
});
