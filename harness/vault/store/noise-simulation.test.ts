// Slow ransomware, simulated over texts that go through the sample of a backup. The limits in noise.ts and text-sample.ts
// were chosen with other seeds (7001 to 7010, 7101 to 7110): whoever changes a limit takes new ones here.
import { describe, expect, it } from "vitest";
import { isNightly } from "../../base/testing/nightly.ts";
import { Draw } from "../../../generators/random.ts";
import { addSamples, sampleText } from "../parts/text-sample.ts";
import type { TextSample } from "./manifest.ts";
import { type JudgedText, suspicionOf } from "./noise.ts";

const seedsOf = (all: readonly number[]): readonly number[] => (isNightly ? all : all.slice(0, 1));
const cleanSeeds = seedsOf([9401, 9402, 9403, 9404]);
const attackSeeds = seedsOf([9501, 9502, 9503, 9504]);
const cleanDays = 200;
const daysBefore = 20;
const texts = 3000;
const hours = 2;
const noisyShare = 0.01;

const english =
  "the of and meeting said that customer report was written by whom at noon agreed delivery Anna will call".split(" ");
const mixed =
  "Straßenbahn über Größe Sitzung wurde 会议记录 决定 明天 交付 客户 und nicht élève école 確認 のため".split(" ");
const technical =
  "src/harness/vault/backup.ts https://example.org/issues/1842?page=2 getUserAccountById fix build in HTTPServerFactory v2.14.3 2025-01-06T08:00:14.998Z 10.0.0.17:6379 a of test".split(
    " ",
  );
const hex = "0123456789abcdef";
const base62 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const base64 = `${base62}+/`;

const characters = (draw: Draw, alphabet: string, count: number): string =>
  Array.from({ length: count }, () => alphabet[draw.below(alphabet.length)]).join("");

interface Kind {
  readonly words: readonly string[];
  /** Share of the texts that hold a hash or a key; what a day adds has from none to twice as many. */
  readonly withKey: number;
  readonly key: (draw: Draw) => string;
  /** The key is a property of its own, not a part of a sentence. */
  readonly isAlone?: boolean;
  /** More than 2 % of its text looks like noise anyway: an attack is not told within two backups. */
  readonly isNoisy?: boolean;
}

const graphs: Readonly<Record<string, Kind>> = {
  conversations: { words: english, withKey: 0, key: () => "" },
  "several languages": { words: mixed, withKey: 0.01, key: (draw) => characters(draw, base62, 22) },
  "a team that writes software": { words: technical, withKey: 0.1, key: (draw) => characters(draw, hex, 40) },
  "a support desk": { words: english, withKey: 0.3, key: (draw) => characters(draw, base62, 24) },
  "some hashes": { words: english, withKey: 0.05, key: (draw) => characters(draw, hex, 40), isAlone: true },
  "tokens in sentences": { words: technical, withKey: 0.3, key: (draw) => characters(draw, base64, 86) },
  "many hashes": {
    words: english,
    withKey: 0.15,
    key: (draw) => characters(draw, hex, 40),
    isAlone: true,
    isNoisy: true,
  },
  "mostly tokens": {
    words: english,
    withKey: 0.45,
    key: (draw) => characters(draw, base62, 64),
    isAlone: true,
    isNoisy: true,
  },
};

const nothing: TextSample = { bytes: 0, noiseBytes: 0 };

/** A graph whose texts change; only what the sample says of each is kept. */
class SimulatedGraph {
  readonly draw: Draw;
  readonly kind: Kind;
  readonly #samples: TextSample[] = [];
  readonly #lengths: number[] = [];
  #sum = nothing;

  constructor(draw: Draw, kind: Kind) {
    this.draw = draw;
    this.kind = kind;
    for (let at = 0; at < texts; at++) this.#put(at, this.#text(kind.withKey));
  }

  /** Up to two percent are added and edited, on one day of twenty seven percent, on two of seven nothing. */
  passDay(day: number): void {
    if (day % 7 >= 5) return;
    const share = this.draw.below(20) === 0 ? 0.07 : 0.02 * this.draw.unit();
    const withKey = Math.min(1, 2 * this.kind.withKey * this.draw.unit());
    const count = Math.round(share * this.#samples.length);
    for (let at = 0; at < count; at++) {
      this.#put(this.draw.below(this.#samples.length), this.#text(withKey));
      this.#put(this.#samples.length, this.#text(withKey));
    }
  }

  passHourOfAttack(alphabet: string): void {
    const count = Math.round(noisyShare * this.#samples.length);
    for (let left = count; left > 0; left--) {
      const at = this.draw.below(this.#samples.length);
      this.#put(at, characters(this.draw, alphabet, this.#lengths[at] ?? 0));
    }
  }

  sample(): TextSample {
    return this.#sum;
  }

  #text(withKey: number): string {
    const isWithKey = this.draw.unit() < withKey;
    if (isWithKey && this.kind.isAlone === true) return this.kind.key(this.draw);
    const words = Array.from(
      { length: 1 + this.draw.below(50) },
      () => this.kind.words[this.draw.below(this.kind.words.length)],
    );
    return [...words, ...(isWithKey ? [this.kind.key(this.draw)] : [])].join(" ");
  }

  #put(at: number, text: string): void {
    const body = Buffer.from(text);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(body.length + 1));
    const sample = sampleText(Buffer.concat([length, body, Buffer.alloc(1)]), 0);
    const { bytes, noiseBytes } = this.#samples[at] ?? nothing;
    this.#sum = addSamples([this.#sum, sample, { bytes: -bytes, noiseBytes: -noiseBytes }]);
    this.#samples[at] = sample;
    this.#lengths[at] = body.length;
  }
}

class Backups {
  readonly #all: JudgedText[] = [];

  /** Whether the backup is suspected. */
  add(text: TextSample): boolean {
    const suspicion = suspicionOf(text, this.#all);
    const atMs = this.#all.length;
    this.#all.push({ id: `b${atMs}`, atMs, text, suspicion, isFaulty: false, isAllowed: false });
    return suspicion !== undefined;
  }
}

describe.each(Object.entries(graphs))("text that looks like noise, in a graph of %s", (name, kind) => {
  it.each(cleanSeeds)("is suspected on none of 200 clean days, seed %d", (seed) => {
    const graph = new SimulatedGraph(new Draw(seed, name), kind);
    const backups = new Backups();
    expect(graph.sample().bytes).toBeGreaterThan(256 * 1024);
    for (let day = 0; day < cleanDays; day++) {
      graph.passDay(day);
      expect(backups.add(graph.sample()), `day ${day}`).toBe(false);
    }
  });

  it.each(kind.isNoisy === true ? [] : attackSeeds)("is suspected within two hourly backups, seed %d", (seed) => {
    for (const alphabet of [base64, hex]) {
      const graph = new SimulatedGraph(new Draw(seed, name), kind);
      const backups = new Backups();
      for (let day = 0; day < daysBefore; day++) {
        graph.passDay(day);
        expect(backups.add(graph.sample()), `day ${day}`).toBe(false);
      }
      const flagged = Array.from({ length: hours }, () => {
        graph.passHourOfAttack(alphabet);
        return backups.add(graph.sample());
      });
      expect(flagged.at(-1)).toBe(true);
    }
  });
});
