import { describe, expect, it } from "vitest";
import { shrinkage, shrinkages, shrinkageWords, type SizedBackup } from "./shrinkage.ts";

let made = 0;
function backup(nodes: number, edges = 0, more: Partial<SizedBackup> = {}): SizedBackup {
  made += 1;
  return { id: `b${nodes}`, atMs: made, size: { nodes, edges }, isFaulty: false, isAllowed: false, ...more };
}
const wordsOf = (nodes: number, edges: number, earlier: readonly SizedBackup[]): string | undefined => {
  const found = shrinkage({ nodes, edges }, earlier);
  return found && shrinkageWords(found);
};

describe("a source has shrunk", () => {
  it.each([
    ["that is empty", 0, 0, [backup(12_000)], "12,000 nodes in b12000, now 0"],
    ["that is empty, after a small one", 0, 0, [backup(3)], "3 nodes in b3, now 0"],
    ["that is empty, after none", 0, 0, [], "it is empty, and no backup before it holds a node"],
    ["that has less than half of its nodes", 5999, 0, [backup(12_000)], "12,000 nodes in b12000, now 5,999"],
    ["that lost its edges alone", 500, 0, [backup(500, 900)], "900 edges in b500, now 0"],
    ["half of it", 6000, 0, [backup(12_000)], undefined],
    ["of which few are gone", 1, 0, [backup(100)], undefined],
    ["that is the first", 1, 0, [], undefined],
    ["that grew", 13_000, 0, [backup(12_000)], undefined],
    ["of which nothing is known", 1, 0, [{ ...backup(12_000), size: undefined }], undefined],
  ])("%s", (_, nodes, edges, earlier, words) => {
    expect(wordsOf(nodes, edges, earlier)).toBe(words);
  });

  it("against the newest backup that is not empty, faulty or itself shrunk, in any order", () => {
    const full = backup(12_000);
    const others = [backup(50_000, 0, { isFaulty: true }), backup(40), backup(0, 0, { isAllowed: true })];
    expect(wordsOf(60, 0, [...others, full])).toBe("12,000 nodes in b12000, now 60");
    expect([...shrinkages([...others, full]).keys()]).toEqual(["b40", "b0"]);
  });

  it("until the user allows it: later backups are compared with that one", () => {
    const backups = [backup(12_000), backup(40, 0, { isAllowed: true }), backup(45)];
    expect([...shrinkages(backups).keys()]).toEqual(["b40"]);
    expect(wordsOf(30, 0, backups)).toBeUndefined();
  });

  it("says nothing where the snapshot was not understood", () => {
    expect(shrinkage(undefined, [backup(12_000)])).toBeUndefined();
  });
});
