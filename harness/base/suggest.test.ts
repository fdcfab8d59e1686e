import { expect, it } from "vitest";
import { didYouMean, suggestions } from "./suggest.ts";

const ids = ["cycle/full", "cycle/wire", "concurrent/all-writers", "retention/killed-prune"];

it.each([
  ["cycel", ["cycle/full", "cycle/wire"]],
  ["cycle/ful", ["cycle/full"]],
  ["cycle/fulll", ["cycle/full"]],
  ["kiled-prune", ["retention/killed-prune"]],
  ["nothing-like-it", []],
  ["x", []],
])("%s is near to %j", (word, near) => {
  expect(suggestions(word, ids)).toEqual(near);
});

it("asks in a sentence", () => {
  expect(didYouMean("nihgtly", ["pr", "drill", "nightly"])).toBe("Did you mean nightly?");
  expect(didYouMean("cycel", ids)).toBe("Did you mean cycle/full or cycle/wire?");
  expect(didYouMean("zzzz", ids)).toBeUndefined();
});
