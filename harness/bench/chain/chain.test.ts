// Where the benchmark of chains would measure something else than it says, it refuses.
import { describe, expect, it } from "vitest";
import { mustReach } from "./archiver-overhead.ts";
import { linked } from "./chain-source.ts";
import { mustBeSame } from "./timed-restore.ts";

describe("the benchmark of chains refuses", () => {
  it("an archiver that did not keep up", () => {
    mustReach(10, 10);
    expect(() => mustReach(11, 10)).toThrow("the archive reaches offset 10, and the writers wrote up to 11");
  });
  it("a full backup in place of an increment", () => {
    const increment = { base: "b", continued: true, offset: 1, at: "", storedBytes: 1, rawBytes: 1, phases: [] };
    expect(linked(increment)).toBe(increment);
    expect(() => linked({ ...increment, continued: false })).toThrow("a full backup (b) was made where");
  });
  it("a restore that lacks something", () => {
    const sums = { nodes: 3, edges: 2, text: 100 };
    mustBeSame("b", sums, { ...sums });
    expect(() => mustBeSame("b", sums, { ...sums, text: 99 })).toThrow("what was restored from b is wrong");
  });
});
