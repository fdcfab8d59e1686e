import { expect, it } from "vitest";
import { ScenarioRecord } from "../../record/record.ts";
import type { RunDirectory } from "../../record/run-directory.ts";
import { mustBeFast, mustReachShare } from "./writing-rate.ts";

const newRecord = (): ScenarioRecord =>
  new ScenarioRecord("cycle/any", { append: () => {} } as unknown as RunDirectory);

it.each<[string, number, number, boolean]>([
  ["a slow machine that stays as it was", 3, 2, false],
  ["a slow machine on which the writers almost stop", 3, 0.5, true],
  ["a fast machine that becomes slow", 100, 12, false],
  ["a fast machine on which the writers almost stop", 100, 9, true],
])("of %s, %d writes a second and then %d, too slow: %j", (_, before, after, isTooSlow) => {
  const record = newRecord();
  const at = (perSecond: number): Parameters<typeof mustBeFast>[1] => [
    { reach: () => ({ acked: perSecond * 10, due: undefined, elapsedMs: 10_000 }) },
  ];
  mustBeFast(record, at(before), "before the backup");
  expect(record.result().findings).toEqual([]);
  mustBeFast(record, at(after), "after the backup");
  expect(record.result().findings.map(({ code }) => code)).toEqual(isTooSlow ? ["assumption-writers-too-slow"] : []);
});

it("judges a claim about the rate by all writers together", () => {
  const all = (acked: number): Parameters<typeof mustReachShare>[1] => [
    { reach: () => ({ acked, due: 900, elapsedMs: 1000 }) },
    { reach: () => ({ acked: 100, due: 100, elapsedMs: 1000 }) },
    { reach: () => ({ acked: 0, due: undefined, elapsedMs: 1000 }) },
  ];
  const enough = newRecord();
  mustReachShare(enough, all(400), "before the backup", 0.5);
  expect(enough.result().findings).toEqual([]);
  const few = newRecord();
  mustReachShare(few, all(399), "before the backup", 0.5);
  expect(few.result().findings.map(({ code, message }) => [code, message])).toEqual([
    [
      "assumption-profile-not-reached",
      "before the backup, 499 of the 1000 writes that the profiles ask for were acknowledged; the claim needs 50 %",
    ],
  ]);
});
