import { describe, expect, it } from "vitest";
import type { StoredFinding } from "../../harness/record/result.ts";
import { failureFingerprint, failureKinds } from "./failure-fingerprint.ts";

function scenario(...findings: [code: string, subject: string, severity?: StoredFinding["severity"]][]): {
  id: string;
  findings: StoredFinding[];
} {
  const list = findings.map(([code, subject, severity]) => ({
    code,
    subject,
    severity: severity ?? "error",
    message: "",
    evidence: {},
  }));
  return { id: "cycle/full", findings: list };
}

describe("the fingerprint of a failure", () => {
  it("is the same for other entities, ids, times and numbers of findings", () => {
    const monday = scenario(
      ["property-differs", "group-12/Entity/6f1c2d3e-0000-4000-8000-123456789abc/summary"],
      ["property-differs", "group-3/Entity/aaaaaaaa-0000-4000-8000-123456789abc/summary"],
      ["too-slow", "cycle/full"],
    );
    const tuesday = scenario(
      ["too-slow", "cycle/full"],
      ["property-differs", "group-7/Entity/bbbbbbbb-1111-4000-8000-cccccccccccc/summary"],
      ["index-inexact-in-engine", "group-7", "info"],
    );
    expect(failureFingerprint(monday)).toBe(failureFingerprint(tuesday));
    expect(failureKinds(monday)).toEqual(["property-differs group-<n>/Entity/<uuid>/summary", "too-slow <scenario>"]);
  });

  it.each([
    [scenario(["property-differs", "a/Entity/1/summary"]), scenario(["property-differs", "a/Entity/1/name"])],
    [scenario(["property-differs", "a"]), scenario(["node-missing", "a"])],
    [scenario(["property-differs", "a"]), scenario(["property-differs", "a"], ["too-slow", "cycle/full"])],
  ])("differs for another property, code or set of codes", (one, other) => {
    expect(failureFingerprint(one)).not.toBe(failureFingerprint(other));
  });

  it("takes backup ids and times for what they are", () => {
    const [one] = failureKinds(scenario(["backup-not-listed", "2026-06-02T12:00:00.123Z-0a1b2c3d4e5f"]));
    expect(one).toBe("backup-not-listed <time>-<hex>");
    expect(failureKinds(scenario(["x", "deadbeef/facade"]))).toEqual(["x deadbeef/facade"]);
  });

  it("is undefined where nothing failed", () => {
    expect(failureFingerprint(scenario(["index-inexact-in-engine", "a", "info"]))).toBeUndefined();
  });
});
