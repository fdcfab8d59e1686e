import { expect, it } from "vitest";
import { judgeFork } from "./judge-fork.ts";

const before = [
  ["x/1", "x/2"],
  ["x/1", "y"],
] as const;
const refused = "the two have both gone on. Nothing is copied; both are kept";
const problems = [refused];

it.each([
  ["refused and said", { problems, before, after: before }, []],
  ["copied all the same", { problems, before, after: [before[0], ["x/1", "x/2", "y"]] }, ["the second vault got x/2"]],
  ["overwritten", { problems, before, after: [before[0], ["x/1"]] }, ["the second vault does not hold y any more"]],
  ["not told", { problems: [], before, after: before }, ["nobody was told that both had gone on"]],
] as const)("a fork that was %s", (_, evidence, said) => {
  expect(judgeFork("region/x", evidence).map(({ message }) => message)).toEqual(said);
});
