import { describe, expect, it } from "vitest";
import { judgeState, type ServerState } from "./graph-state.ts";

const part = (rows: number, text: string): { rows: number; sha256: string } => ({ rows, sha256: text });
const whole = { nodes: part(3, "a"), edges: part(2, "b"), indexes: part(1, "c"), constraints: part(0, "d") };
const state: ServerState = { g: whole, h: whole };

describe("two states of a server", () => {
  it("are the same without a finding", () => {
    expect(judgeState("link 1", state, structuredClone(state))).toEqual([]);
  });

  it.each([
    ["a changed value", { ...state, g: { ...whole, nodes: part(3, "x") } }, ["link 1/g/nodes"]],
    ["a missing edge", { ...state, h: { ...whole, edges: part(1, "x") } }, ["link 1/h/edges"]],
    ["a lost index", { ...state, g: { ...whole, indexes: part(0, "x") } }, ["link 1/g/indexes"]],
    ["a lost graph", { g: whole }, ["link 1/h/nodes", "link 1/h/edges", "link 1/h/indexes", "link 1/h/constraints"]],
    ["a graph too many", { ...state, i: { nodes: part(0, "a") } }, ["link 1/i/nodes"]],
  ])("differ by %s", (_, found: ServerState, subjects) => {
    const findings = judgeState("link 1", state, found);
    expect(findings.map(({ code, subject }) => [code, subject])).toEqual(
      subjects.map((subject) => ["moment-differs", subject]),
    );
  });
});
