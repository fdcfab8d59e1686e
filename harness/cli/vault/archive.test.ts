import { expect, it } from "vitest";
import type { ProofStatus } from "../../vault/archive/background-proof.ts";
import { archiveExitCode } from "./archive.ts";

const none: ProofStatus = { isRunning: false, proven: 0, wrong: 0, last: undefined, notCarriedOut: undefined };

it.each([
  ["no proof was asked for", undefined, 0],
  ["none was due yet", none, 0],
  ["all were good", { ...none, proven: 3 }, 0],
  ["one found the chain wrong, and the next one was good", { ...none, proven: 1, wrong: 1 }, 10],
  ["the last one could not be carried out", { ...none, proven: 1, notCarriedOut: "no engine" }, 13],
  ["no engine loads what the source holds", { ...none, notCarriedOut: "64,000 nodes", isUnloadable: true }, 11],
])("an archive ends with the right code where %s", (_, proof, code) => {
  expect(archiveExitCode(proof)).toBe(code);
});
