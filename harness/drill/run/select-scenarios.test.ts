import { expect, it } from "vitest";
import { selectScenarios } from "./select-scenarios.ts";

const all = ["cycle/full", "cycle/full-size", "concurrent/writes-ring"].map((id) => {
  return {
    id,
    title: id,
    profiles: id.startsWith("cycle") ? (["pr"] as const) : (["nightly"] as const),
    run: async () => {},
  };
});

function chosen(...filters: string[]): string[] {
  return selectScenarios({ filters, profile: "pr" }, all).map(({ id }) => id);
}

it("selects the profile, or ids that contain a filter; a complete id selects that scenario alone", () => {
  expect(chosen()).toEqual(["cycle/full", "cycle/full-size"]);
  expect(chosen("ring")).toEqual(["concurrent/writes-ring"]);
  expect(chosen("full")).toEqual(["cycle/full", "cycle/full-size"]);
  expect(chosen("cycle/full")).toEqual(["cycle/full"]);
});

it("suggests an id for a filter that matches nothing", () => {
  expect(() => chosen("cycle/ful-size")).toThrow(
    expect.objectContaining({ exit: "usage", hint: "Did you mean cycle/full-size?" }),
  );
  expect(() => chosen("ring", "zzzz")).toThrow('no scenario id contains "zzzz"');
});
