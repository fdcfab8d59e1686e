import { describe, expect, test } from "vitest";
import { literal, type Parameter, withParameters } from "./parameters.ts";

describe("a parameter as Cypher text", () => {
  test.each<[Parameter, string]>([
    [null, "null"],
    [true, "true"],
    [42, "42"],
    [2n ** 62n, "4611686018427387904"],
    [0.1, "0.1"],
    [-0, "-0.0"],
    ['say "hi" \\ bye', String.raw`"say \"hi\" \\ bye"`],
    ["line\nbreak", '"line\nbreak"'],
    [[1, ["a"], null], '[1,["a"],null]'],
    [{ name: "x", list: [1.5] }, '{name:"x",list:[1.5]}'],
  ])("%o", (value, text) => {
    expect(literal(value)).toBe(text);
  });

  test.each<[Parameter, string]>([
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "Infinity"],
    ["a\0b", "NUL"],
    [{ "not a name": 1 }, '"not a name"'],
  ])("%o is refused", (value, message) => {
    expect(() => literal(value)).toThrow(message);
  });

  test("goes before the query, or nothing does", () => {
    expect(withParameters("RETURN $a + $b", { a: 1, b: "x" })).toBe('CYPHER a=1 b="x" RETURN $a + $b');
    expect(withParameters("RETURN 1")).toBe("RETURN 1");
    expect(() => withParameters("RETURN 1", { "a b": 1 })).toThrow('"a b" cannot name a query parameter');
  });
});
