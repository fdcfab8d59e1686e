import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Draw } from "../../../../generators/random.ts";
import { type ClaimedObjects, claimOf, createUnderClaim, isClaimOn } from "./s3-claim.ts";

/** A store that overwrites without asking; each request takes a few turns, and is carried out at one of them. */
class Carefree implements ClaimedObjects {
  readonly where = "memory";
  readonly objects = new Map<string, { readonly by: number; readonly ageMs: number }>();
  readonly #draw: Draw;
  overwritten = 0;

  constructor(seed: number) {
    this.#draw = new Draw(seed, "requests");
  }

  async #at<T>(carryOut: () => T): Promise<T> {
    const turns = async (): Promise<void> => {
      for (let left = this.#draw.below(4); left > 0; left--) await turn();
    };
    await turns();
    const answer = carryOut();
    await turns();
    return answer;
  }

  create = (path: string, by: number): Promise<boolean> =>
    this.#at(() => {
      if (this.objects.has(path)) this.overwritten += 1;
      this.objects.set(path, { by, ageMs: 0 });
      return true;
    });
  exists = (path: string): Promise<boolean> => this.#at(() => this.objects.has(path));
  claims = (path: string): ReturnType<ClaimedObjects["claims"]> =>
    this.#at(() =>
      [...this.objects].flatMap(([name, { ageMs }]) => (name.startsWith(`${path}.`) ? [{ path: name, ageMs }] : [])),
    );
  putClaim = (path: string): Promise<void> => this.#at(() => void this.objects.set(path, { by: 0, ageMs: 0 }));
  remove = (path: string): Promise<void> => this.#at(() => void this.objects.delete(path));
}

describe("a claim", () => {
  it("lets one of many create the object, however their requests are interleaved", async () => {
    // A create waits before it looks at the claims of others; 60 stores wait at the same time.
    const contest = async (seed: number): Promise<void> => {
      const store = new Carefree(seed);
      const work = (by: number): Promise<boolean> => createUnderClaim(store, "a", () => store.create("a", by));
      const won = await Promise.all(Array.from({ length: 6 }, (_, by) => work(by)));
      expect([seed, won.filter(Boolean).length, store.overwritten]).toEqual([seed, 1, 0]);
      expect([...store.objects.keys()]).toEqual(["a"]);
      expect(store.objects.get("a")?.by).toBe(won.indexOf(true));
    };
    await Promise.all(Array.from({ length: 60 }, (_, at) => contest(at + 1)));
  });

  it("of a killed process is removed after a minute, and a create that failed leaves none", async () => {
    const store = new Carefree(1);
    store.objects.set(claimOf("a"), { by: 0, ageMs: 60_001 });
    const failing = createUnderClaim(store, "a", () => Promise.reject(new Error("the network is gone")));
    await expect(failing).rejects.toThrow("the network is gone");
    expect([...store.objects.keys()]).toEqual([]);
  });

  it("that waits for another one ends with its signal, and leaves none", async () => {
    const store = new Carefree(1);
    const other = claimOf("a");
    store.objects.set(other, { by: 0, ageMs: 0 });
    const ended = new AbortController();
    const waiting = createUnderClaim(store, "a", () => store.create("a", 1), { signal: ended.signal });
    ended.abort(new Error("Ctrl-C"));
    await expect(waiting).rejects.toThrow("Ctrl-C");
    expect([...store.objects.keys()]).toEqual([other]);
    const during = new AbortController();
    store.objects.clear();
    const create = (signal: AbortSignal): Promise<boolean> => {
      during.abort(new Error("Ctrl-C"));
      return Promise.reject(signal.reason as Error);
    };
    await expect(createUnderClaim(store, "a", create, { signal: during.signal })).rejects.toThrow("Ctrl-C");
    expect([...store.objects.keys()]).toEqual([]);
  });

  it("on the signature of an object is none on the object", () => {
    expect(["a.json", "a.json.asc"].map((path) => isClaimOn("a.json", claimOf(path)))).toEqual([true, false]);
  });
});
