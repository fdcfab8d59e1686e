import { expect, test } from "vitest";
import { judgeVerify } from "./verification.ts";

const good = { ok: true, problems: [] };

test.each([
  ["it restored, and all is well", good, [], []],
  ["it says good, and the restored graph is wrong", good, ["a node is missing"], ["verify-blind"]],
  ["it says good, and restored nothing", good, undefined, ["verify-without-restore"]],
  ["it finds fault where there is none", { ok: false, problems: ["bad"] }, [], ["verify-failed"]],
  ["it finds fault where there is some", { ok: false, problems: ["bad"] }, ["bad"], ["verify-failed"]],
])("a system's verify is judged: %s", (_, outcome, own, codes) => {
  expect(judgeVerify(outcome, own).map(({ code }) => code)).toEqual(codes);
});
