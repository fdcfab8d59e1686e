// The lifecycle that every fault has, with a fault that only counts.
import { describe, expect, it, onTestFinished } from "vitest";
import { Draw } from "../../generators/random.ts";
import { defineFault, type Fault } from "./fault.ts";
import { faultNames } from "./fault-names.ts";
import { faultKinds } from "./faults.ts";

/** Changes that were made and not taken back. */
let changes = 0;
const signal = new AbortController().signal;

function counting(fails = false): Fault {
  onTestFinished(() => void (changes = 0));
  const kind = defineFault({
    name: "counting",
    about: "counts",
    needs: ["disk"],
    injected: "while-running",
    strengthOf: (draw) => ({ by: 1 + draw.below(100) }),
    inject: (_, { by }, undo) => {
      undo.defer(() => void (changes -= by));
      changes += by;
      return fails ? Promise.reject(new Error("no")) : Promise.resolve(() => ({ fired: changes > 0 }));
    },
  });
  return kind.draw(new Draw(1, "counting"));
}

describe("a fault", () => {
  it("says what it needs, and is as strong as the seed says", async () => {
    expect(await counting().available({ signal })).toBe(
      "the vault is not on a disk of its own, which takes root to mount",
    );
    expect(await counting().available({ signal, disk: "/tmp" })).toBeUndefined();
    expect(counting().strength).toEqual(counting().strength);
  });

  it("has not fired before it is injected, and is taken back once, however often that is asked for", async () => {
    const fault = counting();
    expect(fault.record()).toEqual({ fault: "counting", fired: false, detail: fault.strength });
    await fault.inject({ signal });
    expect(fault.record().fired).toBe(true);
    await Promise.all([fault.recover(), fault.recover()]);
    await fault.recover();
    expect(changes).toBe(0);
    await expect(fault.inject({ signal })).rejects.toThrow("injected before");
  });

  it("is taken back where its injection fails, and by an abort", async () => {
    const fault = counting(true);
    await expect(fault.inject({ signal })).rejects.toThrow("no");
    expect(changes).toBe(0);
    const abort = new AbortController();
    const aborted = counting();
    await aborted.inject({ signal: abort.signal });
    abort.abort(new Error("stopped"));
    await aborted.recover();
    expect(changes).toBe(0);
    await expect(counting().inject({ signal: abort.signal })).rejects.toThrow("stopped");
  });
});

it("every fault has a name of its own, and says what it does", () => {
  expect(faultKinds.map(({ name }) => name)).toEqual(faultNames);
  for (const { about } of faultKinds) expect(about).toMatch(/^[a-z].{10,}[^.]$/);
});
