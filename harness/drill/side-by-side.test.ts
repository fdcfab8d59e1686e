import { describe, expect, it } from "vitest";
import { atOnce, aloneThenLongest, inPool, mustRunAlone } from "./side-by-side.ts";

const gib = 2 ** 30;

describe("scenarios side by side", () => {
  it("are two if cores and memory suffice, and one on an external server or where seeds are compared", () => {
    const options = { engine: "auto", repeat: 1 } as const;
    expect(atOnce(options, 2, 4 * gib)).toBe(2);
    expect(atOnce(options, 1, 4 * gib)).toBe(1);
    expect(atOnce(options, 8, 2 * gib)).toBe(1);
    expect(atOnce({ ...options, engine: "external" }, 8, 64 * gib)).toBe(1);
    expect(atOnce({ ...options, repeat: 5 }, 8, 64 * gib)).toBe(1);
    const backupSystem = Object.assign(() => Promise.reject(new Error("not made")), { sharesPlace: true });
    expect(atOnce({ ...options, backupSystem }, 8, 64 * gib), "backups in one place").toBe(1);
  });

  it("run alone if they measure or their graph is large", () => {
    const scenario = { id: "cycle/full", title: "", profiles: [], run: () => Promise.resolve() };
    expect(mustRunAlone({ scenario }, { nodes: 10_000 })).toBe(false);
    expect(mustRunAlone({ scenario }, { nodes: 100_000 })).toBe(true);
    expect(mustRunAlone({ scenario: { ...scenario, nodes: 500 } }, { nodes: 100_000 })).toBe(false);
    expect(mustRunAlone({ scenario: { ...scenario, alone: true } }, { nodes: 100 })).toBe(true);
  });

  it("begin with those that run alone, and go on with the longest", () => {
    const times: Readonly<Record<string, number>> = { a: 2, B: 1, c: 3, D: 1, e: 2 };
    const order = aloneThenLongest(Object.keys(times), {
      isAlone: (item) => item < "a",
      expectedMs: (item) => times[item] ?? 0,
    });
    expect(order).toEqual(["B", "D", "c", "a", "e"]);
  });

  it("start and return in order, two at a time, and an exclusive one runs alone", async () => {
    const log: string[] = [];
    const ends = new Map<string, () => void>();
    const done = inPool(["a", "b", "ALONE", "c", "d"], { limit: 2, isAlone: (item) => item === "ALONE" }, (item) => {
      log.push(`${item} begins`);
      const { promise, resolve } = Promise.withResolvers<string>();
      ends.set(item, () => {
        log.push(`${item} ends`);
        resolve(item.toLowerCase());
      });
      return promise;
    });
    const end = async (item: string): Promise<void> => {
      ends.get(item)?.();
      await new Promise(setImmediate);
    };
    for (const item of ["b", "a", "ALONE", "d", "c"]) await end(item);
    expect(await done).toEqual(["a", "b", "alone", "c", "d"]);
    expect(log.join(", ")).toBe(
      "a begins, b begins, b ends, a ends, ALONE begins, ALONE ends, c begins, d begins, d ends, c ends",
    );
  });
});
