// Slow ransomware, as the manifests of a vault show it: how much of the text looks like noise, backup by backup. Texts are
// simulated in noise-simulation.test.ts.
import { describe, expect, it } from "vitest";
import { type JudgedText, suspicionOf } from "./noise.ts";

const textBytes = 1_000_000;

interface Day {
  /** Share of the text that looks like noise. */
  readonly share: number;
  readonly isAllowed?: boolean;
}

/** The backups in order, each judged with those before it. */
function judged(days: readonly Day[]): readonly JudgedText[] {
  const backups: JudgedText[] = [];
  for (const [at, { share, isAllowed = false }] of days.entries()) {
    const text = { bytes: textBytes, noiseBytes: Math.round(share * textBytes) };
    const suspicion = isAllowed ? undefined : suspicionOf(text, backups);
    backups.push({ id: `b${at}`, atMs: at, text, suspicion, isFaulty: false, isAllowed });
  }
  return backups;
}

const suspectedOf = (days: readonly Day[]): readonly string[] =>
  judged(days).flatMap(({ id, suspicion }) => (suspicion === undefined ? [] : [id]));

const encrypted = (share: number, hours: number): number => 1 - (1 - share) * 0.99 ** hours;

describe("text that looks like noise", () => {
  it("is suspected where a step is small, and the next one goes beyond the limit", () => {
    const clean = Array.from({ length: 30 }, () => ({ share: 0.01 }));
    const jump = [{ share: encrypted(0.01, 0.2) }, { share: encrypted(0.01, 0.6) }];
    expect(suspectedOf([...clean, ...jump])).toEqual(["b31"]);
  });

  it("is not suspected for keys and hashes of which some days bring more", () => {
    const clean = Array.from({ length: 30 }, () => ({ share: 0.1 }));
    expect(suspectedOf([...clean, { share: 0.149 }])).toEqual([]);
    expect(suspectedOf([...clean, { share: 0.151 }])).toEqual(["b30"]);
  });

  it("stays suspected when a prune left only one backup before it, until the text is as it was", () => {
    const backups = judged([...Array.from({ length: 6 }, () => ({ share: 0.01 })), { share: 0.05 }]).slice(-2);
    const judge = (noiseBytes: number): unknown => suspicionOf({ bytes: textBytes, noiseBytes }, backups);
    expect(judge(50_000)).toMatchObject({ since: "b5", share: 0.05 });
    expect(judge(10_000)).toBeUndefined();
  });

  it("is compared with what the user accepted from then on", () => {
    const clean = Array.from({ length: 6 }, () => ({ share: 0.01 }));
    const days = [...clean, { share: 0.3 }, { share: 0.3, isAllowed: true }, { share: 0.3 }, { share: 0.5 }];
    expect(suspectedOf(days)).toEqual(["b6", "b9"]);
  });

  it("is not suspected where too little is known", () => {
    expect(suspectedOf([{ share: 0 }, { share: 0 }, { share: 0 }, { share: 0.5 }])).toEqual([]);
    const clean = judged(Array.from({ length: 9 }, () => ({ share: 0 })));
    expect(suspicionOf({ bytes: 1000, noiseBytes: 1000 }, clean)).toBeUndefined();
    expect(suspicionOf(undefined, clean)).toBeUndefined();
  });
});
