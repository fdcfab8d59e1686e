import fc from "fast-check";
import { expect, test } from "vitest";
import { ddmin } from "./ddmin.ts";

const items = fc.uniqueArray(fc.nat(40), { maxLength: 24 });

test("ddmin keeps exactly what is needed, when the finding needs certain items", async () => {
  await fc.assert(
    fc.asyncProperty(items, fc.infiniteStream(fc.boolean()), async (all, choice) => {
      const needed = all.filter(() => choice.next().value);
      const kept = await ddmin(all, (some) => Promise.resolve(needed.every((item) => some.includes(item))));
      expect(new Set(kept)).toEqual(new Set(needed));
    }),
  );
});

test("no single item of the result of ddmin can be left out, whatever shows the finding", async () => {
  await fc.assert(
    fc.asyncProperty(items, fc.integer({ min: 1, max: 7 }), async (all, by) => {
      const shows = (some: readonly number[]): boolean =>
        some.length === all.length || (some.length > 1 && some.reduce((sum, item) => sum + item, 0) % by === 0);
      const kept = await ddmin(all, (some) => Promise.resolve(shows(some)));
      expect(shows(kept)).toBe(true);
      for (const item of kept) expect(shows(kept.filter((other) => other !== item))).toBe(false);
    }),
  );
});

test("ddmin returns what it has when there is no time left", async () => {
  let left = 3;
  const kept = await ddmin([1, 2, 3, 4, 5, 6, 7, 8], (some) => Promise.resolve(left-- > 0 && some.includes(3)));
  expect(kept).toContain(3);
  expect(await ddmin([1, 2], () => Promise.resolve(false))).toEqual([1, 2]);
});
