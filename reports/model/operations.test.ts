import { describe, expect, it } from "vitest";
import { lastOperation, operationsOf } from "./operations.ts";

const phase = (name: string, startMs: number, ms: number): { name: string; startMs: number; ms: number } => {
  return { name, startMs, ms };
};

describe("the operations of a scenario", () => {
  const phases = [
    phase("backup/prepare", 0, 10),
    phase("backup/stream", 10, 50),
    phase("backup/prepare", 0, 12),
    phase("restore/load", 0, 30),
    phase("restore/load", 30, 40),
    phase("backup/stream", 12, 40),
  ];
  it("begin where a phase comes again before it has ended", () => {
    expect(operationsOf("backup", phases)).toEqual([
      [phases[0], phases[1]],
      [phases[2], phases[5]],
    ]);
  });
  it("may do the same twice, one after the other", () => {
    expect(operationsOf("restore", phases)).toEqual([[phases[3], phases[4]]]);
  });
  it("end with the one that is drawn", () => {
    expect(lastOperation("backup", phases)).toEqual({ phases: [phases[2], phases[5]], count: 2 });
    expect(lastOperation("restore", [])).toEqual({ phases: [], count: 0 });
  });
});
