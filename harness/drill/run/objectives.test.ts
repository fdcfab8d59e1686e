import { describe, expect, it } from "vitest";
import { ScenarioRecord } from "../../record/record.ts";
import type { RunDirectory } from "../../record/run-directory.ts";
import { missedObjectives } from "./objectives.ts";

function record(metrics: Readonly<Record<string, number>>): ScenarioRecord {
  const made = new ScenarioRecord("cycle/full", { append: () => {} } as unknown as RunDirectory);
  for (const [name, value] of Object.entries(metrics)) made.metric(name, value);
  return made;
}

describe("objectives", () => {
  const objectives = { rtoMs: 1000, rpoMs: 500 };
  it("are missed by what took longer, and by nothing that was not measured", () => {
    const missed = missedObjectives(record({ rtoMs: 1200, rpoMs: 500 }), objectives);
    expect(missed.map(({ code, subject, message }) => [code, subject, message])).toEqual([
      ["objective-missed", "cycle/full/rtoMs", "the RTO was 1.20 s, and the objective is at most 1.00 s"],
    ]);
    expect(missedObjectives(record({}), objectives)).toEqual([]);
    expect(missedObjectives(record({ rtoMs: 5000 }), {})).toEqual([]);
  });
  it("do not judge a scenario that removes the pause on purpose", () => {
    const removed = record({ rpoMs: 9000 });
    removed.coordinated("removed");
    expect(missedObjectives(removed, objectives)).toEqual([]);
  });
});
