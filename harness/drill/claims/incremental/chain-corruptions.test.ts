import { expect, it } from "vitest";
import { DrillError } from "../../../base/errors.ts";
import { judgeRefusal } from "./chain-corruptions.ts";

const refused = new DrillError("no", { exit: "dataWrong", code: "chain-missing" });

it("accepts a refusal with the expected code before any engine was started", () => {
  expect(judgeRefusal("missing", "chain-missing", refused, 0)).toEqual([]);
});

it.each([
  ["restored", undefined, 0, ["bad-chain-restored"]],
  [
    "refused by another name",
    new DrillError("no", { exit: "dataWrong", code: "chain-gap" }),
    0,
    ["bad-chain-misnamed"],
  ],
  ["refused without a name", new Error("no"), 0, ["bad-chain-misnamed"]],
  ["refused too late", refused, 1, ["bad-chain-begun"]],
])("finds fault with a chain that is %s", (_, answer, started, codes) => {
  expect(judgeRefusal("missing", "chain-missing", answer, started).map(({ code }) => code)).toEqual(codes);
});
