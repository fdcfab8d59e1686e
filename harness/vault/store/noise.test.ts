// Slow ransomware, simulated over manifests: how much of the text has no spaces, backup by backup. What the figure is for
// the text of a graph is measured by the scenario security/slow-ransomware.
import { describe, expect, it } from "vitest";
import { Draw } from "../../../generators/random.ts";
import { type JudgedText, suspicionOf } from "./noise.ts";

const textBytes = 1_000_000;

interface Day {
  /** Share of the text that has no spaces. */
  readonly share: number;
  readonly isAllowed?: boolean;
}

/** The backups in order, each judged with those before it. */
function judged(days: readonly Day[]): readonly JudgedText[] {
  const backups: JudgedText[] = [];
  for (const [at, { share, isAllowed = false }] of days.entries()) {
    const text = { bytes: textBytes, unbrokenBytes: Math.round(share * textBytes) };
    const suspicion = isAllowed ? undefined : suspicionOf(text, backups);
    backups.push({ id: `b${at}`, atMs: at, text, suspicion, isFaulty: false, isAllowed });
  }
  return backups;
}

const suspectedOf = (days: readonly Day[]): readonly string[] =>
  judged(days).flatMap(({ id, suspicion }) => (suspicion === undefined ? [] : [id]));

/** Days on which the graph grows by one percent and one percent is edited, with text whose kind varies. */
function cleanDays(draw: Draw, count: number, variety: number): readonly Day[] {
  let share = 0.1 * draw.unit();
  return Array.from({ length: count }, () => {
    const added = 0.02;
    const kind = Math.max(0, share + variety * (draw.unit() - 0.5));
    share = (share + added * kind) / (1 + added);
    return { share };
  });
}

const encrypted = (share: number, hours: number): number => 1 - (1 - share) * 0.99 ** hours;

describe("text that looks like noise", () => {
  it.each([0.02, 0.1, 0.2])(
    "is suspected on none of 200 clean days, where the kind of text varies by %d",
    (variety) => {
      for (let seed = 1; seed <= 20; seed++)
        expect(suspectedOf(cleanDays(new Draw(seed, "clean-days"), 200, variety))).toEqual([]);
    },
  );

  it.each([0.02, 0.1, 0.2])(
    "is suspected within two hourly backups of one percent an hour, after days of variety %d",
    (variety) => {
      for (let seed = 1; seed <= 20; seed++) {
        const clean = cleanDays(new Draw(seed, "before"), 30, variety);
        const last = clean.at(-1)?.share ?? 0;
        const noise = [1, 2, 3, 4].map((hours) => ({ share: encrypted(last, hours) }));
        expect(suspectedOf([...clean, ...noise])).toEqual(expect.arrayContaining(["b31", "b32", "b33"]));
      }
    },
  );

  it("is suspected where a step is small, and the next one goes beyond the limit", () => {
    const clean = Array.from({ length: 30 }, () => ({ share: 0.01 }));
    const jump = [{ share: encrypted(0.01, 0.2) }, { share: encrypted(0.01, 0.6) }];
    expect(suspectedOf([...clean, ...jump])).toEqual(["b31"]);
  });

  it("stays suspected when a prune left only one backup before it, until the text is as it was", () => {
    const backups = judged([...Array.from({ length: 6 }, () => ({ share: 0.01 })), { share: 0.05 }]).slice(-2);
    const judge = (unbrokenBytes: number): unknown => suspicionOf({ bytes: textBytes, unbrokenBytes }, backups);
    expect(judge(50_000)).toMatchObject({ since: "b5", share: 0.05 });
    expect(judge(10_000)).toBeUndefined();
  });

  it("is compared with what the user accepted from then on", () => {
    const clean = Array.from({ length: 6 }, () => ({ share: 0.01 }));
    const days = [...clean, { share: 0.3 }, { share: 0.3, isAllowed: true }, { share: 0.3 }, { share: 0.4 }];
    expect(suspectedOf(days)).toEqual(["b6", "b9"]);
  });

  it("is not suspected where too little is known", () => {
    expect(suspectedOf([{ share: 0 }, { share: 0 }, { share: 0 }, { share: 0.5 }])).toEqual([]);
    const clean = judged(Array.from({ length: 9 }, () => ({ share: 0 })));
    expect(suspicionOf({ bytes: 1000, unbrokenBytes: 1000 }, clean)).toBeUndefined();
    expect(suspicionOf(undefined, clean)).toBeUndefined();
  });
});
