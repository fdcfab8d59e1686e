import { expect, it } from "vitest";
import { dayLengthMs } from "./forecast/measured.ts";
import { foretellRecovery } from "./foretold.ts";
import type { VaultHistory } from "./history.ts";
import { sampleHistory, sampleNowMs } from "./testing/sample-history.ts";

/** A vault whose verifies restored at this speed, in bytes a second, apart from chance. */
function vaultOf(speed: number, chance: (index: number) => number = () => 1): VaultHistory {
  const [vault] = sampleHistory({ perDay: 0.02 }).vaults;
  if (vault === undefined) throw new Error("the sample has a vault");
  const sizes = new Map(vault.backups.map(({ id, rawBytes }) => [id, rawBytes]));
  const judged = vault.judged.map((each, index) =>
    Object.assign({}, each, { restoredMs: ((sizes.get(each.base) ?? 0) / speed) * 1000 * chance(index) }),
  );
  return { ...vault, judged };
}

const now = { rawBytes: 5e9, nowMs: sampleNowMs };

it("takes what a larger snapshot takes in proportion, with the interval that restores differ by", () => {
  const exact = foretellRecovery(vaultOf(50e6), now);
  expect(exact?.seconds).toBeCloseTo(100, 6);
  expect(exact?.interval?.[0]).toBeCloseTo(100, 6);
  const {
    seconds = 0,
    interval = [0, 0],
    restores,
  } = foretellRecovery(
    vaultOf(50e6, (at) => (at % 2 === 0 ? 0.9 : 1.1)),
    now,
  ) ?? {};
  expect(restores).toBe(17);
  expect(seconds).toBeGreaterThan(97);
  expect(interval[0]).toBeLessThan(90);
  expect(interval[1]).toBeGreaterThan(110);
  expect(interval[1]).toBeLessThan(125);
});

it("covers nine of ten restores that are left out, when each differs by chance", () => {
  // A quarter of a normal distribution's spread, drawn without a seed of its own.
  const chance = (at: number): number => Math.exp(0.25 * Math.sin(at * 12.9898) * 1.2);
  const vault = vaultOf(50e6, chance);
  const sizes = new Map(vault.backups.map(({ id, rawBytes }) => [id, rawBytes]));
  const inside = vault.judged.filter((left) => {
    const judged = vault.judged.filter((each) => each !== left);
    const [low = 0, high = 0] =
      foretellRecovery({ ...vault, judged }, { ...now, rawBytes: sizes.get(left.base) ?? 0 })?.interval ?? [];
    const seconds = (left.restoredMs ?? 0) / 1000;
    return seconds >= low && seconds <= high;
  });
  expect(inside.length).toBeGreaterThanOrEqual(Math.floor(0.9 * vault.judged.length));
});

it("says when an objective breaks at the growth of the backups, and that it is broken", () => {
  const vault = vaultOf(50e6);
  const last = vault.backups.at(-1)?.rawBytes ?? 0;
  const foretold = (limitSeconds: number): ReturnType<typeof foretellRecovery> =>
    foretellRecovery(vault, { rawBytes: last, nowMs: sampleNowMs, limitSeconds });
  const later = foretold((last / 50e6) * 1.5)?.forecast;
  expect(["later", "soon"]).toContain(later?.state);
  expect(Date.parse(later?.breaksAt ?? "")).toBeGreaterThan(sampleNowMs + 30 * dayLengthMs);
  expect(foretold(last / 50e6 / 2)?.forecast?.state).toBe("broken");
});

it("says nothing without a measured restore, and no interval from one or two", () => {
  const vault = vaultOf(50e6);
  const fewer = (count: number): VaultHistory => ({ ...vault, judged: vault.judged.slice(0, count) });
  expect(foretellRecovery(fewer(0), now)).toBeUndefined();
  expect(
    foretellRecovery({ ...vault, judged: vault.judged.map((each) => Object.assign({}, each, { ok: false })) }, now),
  ).toBeUndefined();
  expect(foretellRecovery(fewer(2), now)?.interval).toBeUndefined();
  expect(foretellRecovery(fewer(3), now)?.interval).toBeDefined();
});
