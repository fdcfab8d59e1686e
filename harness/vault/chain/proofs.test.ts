import { expect, it } from "vitest";
import { firstFault, type StoredProof } from "./proofs.ts";

const proof = (offset: number, ok: boolean): StoredProof => ({
  offset,
  ok,
  at: "2026-11-24T10:00:00.000Z",
  problems: ok ? [] : ['graph "g" has other nodes'],
});

it("trusts a chain without a fault, proven or not", () => {
  expect(firstFault([])).toBeUndefined();
  expect(firstFault([proof(10, true), proof(20, true)])).toBeUndefined();
});

it.each([
  ["from the last good proof before it on", [proof(10, true), proof(20, true), proof(30, false)], 20],
  ["from its base on where nothing was proven", [proof(30, false)], undefined],
  ["whatever a later proof says", [proof(10, true), proof(30, false), proof(40, true)], 10],
])("does not trust a faulty one %s", (_, proofs, provenTo) => {
  expect(firstFault(proofs)).toMatchObject({ fault: { offset: 30 }, provenTo });
});
