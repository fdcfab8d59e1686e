import { expect, test } from "vitest";
import { judgeStoredBytes, type StoredEvidence, type StoredFile } from "./stored.ts";

const message: StoredFile = { path: "part", bytes: 9, kind: "message", recipients: ["a"], found: [] };
const manifest: StoredFile = { path: "manifest", bytes: 9, kind: "text", recipients: [], found: [] };
const good: StoredEvidence = { files: [message, manifest], recipients: ["a"], canaries: 3 };

test.each<[string, Partial<StoredEvidence>, string[]]>([
  ["as it should be", {}, []],
  ["nothing at all", { files: [], recipients: [], canaries: 0 }, ["stored-nothing-encrypted"]],
  ["only text", { files: [manifest] }, ["stored-nothing-encrypted"]],
  ["text of the graph in a manifest", { files: [message, { ...manifest, found: ["a name"] }] }, ["stored-in-clear"]],
  ["text of the graph in a message", { files: [{ ...message, found: ["a uuid"] }] }, ["stored-in-clear"]],
  ["a compressed snapshot beside it", { files: [message, { ...manifest, kind: "other" }] }, ["stored-not-encrypted"]],
  ["for a foreign recipient too", { files: [{ ...message, recipients: ["a", "x"] }] }, ["stored-foreign-recipient"]],
  ["not for all recipients", { recipients: ["a", "b"] }, ["stored-recipient-missing"]],
  ["encrypted in another way", { files: [{ ...manifest, kind: "other" }], recipients: undefined }, []],
  ["and in clear all the same", { files: [{ ...manifest, found: ["a"] }], recipients: undefined }, ["stored-in-clear"]],
  ["without recipients", { files: [{ ...message, recipients: [] }] }, ["stored-recipient-missing"]],
])("stored bytes are judged: %s", (_, evidence, codes) => {
  expect(judgeStoredBytes({ ...good, ...evidence }).findings.map(({ code }) => code)).toEqual(codes);
});
