import { expect, test } from "vitest";
import type { StoredFinding } from "../record/result.ts";
import { identityOf } from "./finding-identity.ts";

function finding(code: string, subject: string, more: Partial<StoredFinding> = {}): StoredFinding {
  return { code, severity: "error", subject, message: "", evidence: {}, ...more };
}

test("a finding is the same in another graph and of another entity", () => {
  const evidence = (key: string): StoredFinding["evidence"] => ({
    kind: "missing",
    label: "Entity",
    key,
    properties: [],
  });
  const one = finding("node-missing", "main/Entity/7", { evidence: evidence("7") });
  expect(identityOf(finding("node-missing", "other/Entity/8", { evidence: evidence("8") }))).toBe(identityOf(one));
  expect(identityOf(finding("graph-missing", "one"))).toBe(identityOf(finding("graph-missing", "other")));
  expect(identityOf(finding("node-count-differs", "main/Entity"))).toBe(
    identityOf(finding("node-count-differs", "other/Entity")),
  );
});

test("a finding is another one with another label, property or change of type", () => {
  const changed = (name: string, actual: string | null): StoredFinding =>
    finding("node-changed", "main/Entity/7", {
      evidence: {
        kind: "changed",
        label: "Entity",
        properties: [{ name, expected: { type: "String" }, actual: actual === null ? null : { type: actual } }],
      },
    });
  const all = [
    changed("name", "String"),
    changed("name", null),
    changed("summary", "String"),
    finding("node-count-differs", "main/Entity"),
    finding("node-count-differs", "main/Episodic"),
    finding("edge-count-differs", "main/Entity"),
  ].map(identityOf);
  expect(new Set(all).size).toBe(all.length);
  expect(identityOf(changed("name", null))).toBe("node-changed Entity name String->absent");
});

test("failures of a program are told apart by what it said, without names that change with each run", () => {
  const failed = (message: string): string => identityOf(finding("script-failed", "cycle/full", { message }));
  const one = failed("the backup program ended with status 1: cp: cannot stat '/tmp/a1/dump.rdb': No such file");
  expect(failed("the backup program ended with status 1: cp: cannot stat '/tmp/b2/x/dump.rdb': No such file")).toBe(
    one,
  );
  expect(failed("the restore program ended with status 1: tar: not found")).not.toBe(one);
});
