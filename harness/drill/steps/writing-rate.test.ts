import { expect, it } from "vitest";
import { ScenarioRecord } from "../../record/record.ts";
import type { RunDirectory } from "../../record/run-directory.ts";
import { mustBeFast } from "./writing-rate.ts";

it.each<[string, number, number, boolean]>([
  ["a slow machine that stays as it was", 3, 2, false],
  ["a slow machine on which the writers almost stop", 3, 0.5, true],
  ["a fast machine that becomes slow", 100, 12, false],
  ["a fast machine on which the writers almost stop", 100, 9, true],
])("of %s, %d writes a second and then %d, too slow: %j", (_, before, after, isTooSlow) => {
  const record = new ScenarioRecord("cycle/any", { append: () => {} } as unknown as RunDirectory);
  const at = (perSecond: number): Parameters<typeof mustBeFast>[1] => [
    { reach: () => ({ acked: perSecond * 10, elapsedMs: 10_000 }) },
  ];
  mustBeFast(record, at(before), "before the backup");
  expect(record.result().findings).toEqual([]);
  mustBeFast(record, at(after), "after the backup");
  expect(record.result().findings.map(({ code }) => code)).toEqual(isTooSlow ? ["assumption-writers-too-slow"] : []);
});
