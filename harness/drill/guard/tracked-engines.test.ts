import { expect, it } from "vitest";
import type { Engine } from "../../engine/engine.ts";
import { TrackedEngines } from "./tracked-engines.ts";

it("stops every engine, even if one cannot be stopped", async () => {
  const ended: string[] = [];
  const tracked = new TrackedEngines({
    kind: "embedded",
    unavailable: () => Promise.resolve(undefined),
    start: ({ name = "" } = {}) => {
      const end = (): Promise<void> => {
        ended.push(name);
        return name === "stuck" ? Promise.reject(new Error("stuck")) : Promise.resolve();
      };
      return Promise.resolve({ name, [Symbol.asyncDispose]: end } as Partial<Engine> as Engine);
    },
  });
  for (const name of ["first", "stuck", "last"]) await tracked.start({ name });
  await expect(tracked[Symbol.asyncDispose]()).rejects.toThrow("stuck");
  expect(ended.toSorted()).toEqual(["first", "last", "stuck"]);
});

it("shows the first engine before anyone else has it, and no other", async () => {
  const seen: string[] = [];
  await using tracked = new TrackedEngines(
    {
      kind: "embedded",
      unavailable: () => Promise.resolve(undefined),
      start: ({ name = "" } = {}) =>
        Promise.resolve({ name, [Symbol.asyncDispose]: () => Promise.resolve() } as Partial<Engine> as Engine),
    },
    ({ name }) => {
      seen.push(name);
      return Promise.resolve();
    },
  );
  for (const name of ["source", "target"]) {
    await tracked.start({ name });
    expect(seen).toEqual(["source"]);
  }
});
