// Bytes from elsewhere never end the program with a fault of ours: they are read, or refused in a sentence. What is tried
// is drawn anew each time; fast-check prints the seed and the smallest bytes that break the rule.
import { afterAll, beforeAll, expect, it } from "vitest";
import fc from "fast-check";
import { isNightly } from "../../harness/base/testing/nightly.ts";
import { type PrivateFolder, privateFolder } from "../../harness/base/process/reaper.ts";
import { Keyring } from "../../harness/vault/keys/keyring.ts";
import { type FuzzTarget, isExplained, targetsWithKeys, targetsWithoutKeys } from "./targets.ts";

const fastRuns = isNightly ? 20_000 : 400;
const slowRuns = isNightly ? 1000 : 30;

let folder: PrivateFolder;
let ring: Keyring;
beforeAll(async () => {
  folder = await privateFolder("fuzz");
  ring = new Keyring(folder.path);
  await ring.generate("recipient", "a", "interop");
  await ring.generate("signer", "a", "interop");
});
afterAll(() => folder[Symbol.asyncDispose]());

/** Random bytes, and samples of which a part is changed, cut, doubled or replaced by what parsers fear. */
function input(samples: readonly Buffer[]): fc.Arbitrary<Buffer> {
  const feared = fc.constantFrom(
    "\u0000",
    "\r\n",
    "\uFFFF".repeat(4),
    "999999999999",
    "-1",
    "[".repeat(5000),
    "*9\r\n".repeat(5000),
  );
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 16 }).map((bytes) => Buffer.from(bytes)),
    feared.map((text) => Buffer.from(text, "latin1")),
  );
  const edit = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(20), piece);
  const edited = fc
    .tuple(fc.constantFrom(...samples), fc.array(edit, { minLength: 1, maxLength: 4 }))
    .map(([sample, edits]) =>
      edits.reduce((bytes, [share, removed, put]) => {
        const at = Math.floor(share * bytes.length);
        return Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + removed)]);
      }, sample),
    );
  const cut = fc.tuple(fc.constantFrom(...samples), fc.nat(2000)).map(([sample, length]) => sample.subarray(0, length));
  return fc.oneof(
    { arbitrary: edited, weight: 6 },
    { arbitrary: cut, weight: 2 },
    fc.uint8Array().map((b) => Buffer.from(b)),
  );
}

/** What broke the rule; undefined if nothing did. */
async function unexplained(
  { name, samples, crashes = [], read, expected }: FuzzTarget,
  numRuns: number,
): Promise<string | undefined> {
  const property = fc.asyncProperty(input(samples), async (bytes) => {
    if (samples.some((sample) => sample.equals(bytes))) return;
    try {
      await read(bytes);
    } catch (error) {
      if (!isExplained(error) && expected?.(error) !== true) throw error;
    }
  });
  const { counterexample, errorInstance, seed } = await fc.check(property, {
    numRuns,
    examples: crashes.map((bytes) => [bytes]),
  });
  if (counterexample === null) return undefined;
  // The whole may be long; the beginning says what it is, and fast-check finds it again by its seed.
  const [bytes] = counterexample;
  const shown = `${bytes.length} bytes, beginning ${JSON.stringify(bytes.toString("latin1", 0, 100))}`;
  return `${name} of ${shown} (seed ${seed}): ${String(errorInstance)}`;
}

it.each(targetsWithoutKeys().map((target) => [target.name, target] as const))("%s", async (_, target) => {
  expect(await unexplained(target, fastRuns)).toBeUndefined();
});

it.each([0, 1, 2, 3])("what needs keys to be read, %i", async (index) => {
  const target = (await targetsWithKeys(ring))[index];
  if (target === undefined) throw new Error("no such target");
  expect(await unexplained(target, slowRuns)).toBeUndefined();
});
