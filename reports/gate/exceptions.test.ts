import { describe, expect, it } from "vitest";
import { findingFingerprint } from "../findings/failure-fingerprint.ts";
import { decide, type Decision } from "./decide.ts";
import { exceptionSchema, type PolicyException } from "./exceptions.ts";
import { sampleEvidence, sampleFailure, sampleNowMs, sampleScenario } from "./testing/sample-evidence.ts";
import { headline } from "./words.ts";

const person = { owner: "Kim", reason: "fixed in the next engine", expires: "2026-12-31" };
const broken = sampleEvidence([sampleFailure(["index-contradicts-scan"])]);

function judged(run: typeof broken, ...exceptions: PolicyException[]): Decision {
  const objectives = [{ scenarios: "cycle/full", rto: "1s" }];
  return decide({ version: 1, name: "test", objectives, exceptions }, [run], sampleNowMs);
}

describe("an exception", () => {
  it("excuses wrong data only where it says so, and then aloud", () => {
    const silent = judged(broken, { ...person, code: "index-contradicts-scan" });
    expect(silent).toMatchObject({ decision: "no-go", exitCode: 10, exceptions: [{ status: "refused" }] });
    const aloud = judged(broken, { ...person, code: "index-contradicts-scan", acceptsWrongData: true });
    expect(aloud).toMatchObject({ decision: "go", exitCode: 0, exceptions: [{ status: "used", owner: "Kim" }] });
    expect(headline(aloud)).toContain("GO: 2 of 2 rules met, with 1 exception (1 of them accepts wrong data)");
    expect(aloud.exceptions[0]?.excuses[0]).toContain("night-1 cycle/full: index-contradicts-scan main/Entity/7/name");
  });

  it("is for what it names and nothing else", () => {
    const two = sampleEvidence([sampleFailure(["index-contradicts-scan", "property-differs"])]);
    const exception = { ...person, code: "index-contradicts-scan", acceptsWrongData: true };
    expect(judged(two, exception)).toMatchObject({ decision: "no-go", exitCode: 10 });
    expect(judged(broken, { ...exception, scenarios: "fault/*" }).exitCode).toBe(10);
    expect(judged(broken, { ...exception, scenarios: ["fault/*", "cycle/*"] }).exitCode).toBe(0);
  });

  it("may name a fingerprint, which is the same for another entity", () => {
    const fingerprint = findingFingerprint({ code: "index-contradicts-scan", subject: "main/Entity/1234/name" });
    expect(judged(broken, { ...person, fingerprint, acceptsWrongData: true }).exitCode).toBe(0);
  });

  it("needs no such word for what is only slow", () => {
    const slow = sampleEvidence([sampleFailure(["too-slow"])]);
    expect(judged(slow).exitCode).toBe(11);
    expect(judged(slow, { ...person, code: "too-slow" })).toMatchObject({ decision: "go" });
  });

  it("makes a missed objective an excused one", () => {
    const late = sampleEvidence([sampleScenario({ metrics: { rtoMs: 2000 } })]);
    expect(judged(late).exitCode).toBe(12);
    const decision = judged(late, { ...person, objective: "rtoMs" });
    expect(decision).toMatchObject({ decision: "go", exceptions: [{ status: "used" }] });
    expect(decision.rules[0]).toMatchObject({
      status: "excused",
      message: "accepted by Kim: fixed in the next engine",
    });
  });

  it("fails when it has expired, even where nothing needs it any more", () => {
    const expired = { ...person, code: "too-slow", expires: "2026-06-01" };
    const decision = judged(sampleEvidence([sampleScenario()]), expired);
    expect(decision).toMatchObject({ decision: "no-go", exitCode: 12, exceptions: [{ status: "expired" }] });
    expect(judged(sampleEvidence([sampleFailure(["too-slow"])]), expired).exitCode).toBe(11);
  });

  it("holds to the end of its last day", () => {
    const last = { ...person, code: "too-slow", expires: "2026-06-02" };
    expect(judged(sampleEvidence([sampleFailure(["too-slow"])]), last).decision).toBe("go");
  });

  it("is shown when nothing needs it", () => {
    const decision = judged(sampleEvidence([sampleScenario()]), { ...person, code: "too-slow" });
    expect(decision).toMatchObject({ decision: "go", exceptions: [{ status: "unused" }] });
  });

  it("never replaces evidence: a finding that nothing was checked is kept", () => {
    const fingerprint = findingFingerprint({ code: "no-witness", subject: "main/Entity/7/name" });
    const run = sampleEvidence([sampleFailure(["no-witness"])]);
    expect(judged(run, { ...person, fingerprint, acceptsWrongData: true }).exitCode).toBe(13);
  });

  it.each([
    [{ ...person, code: "no-witness" }, "no exception can replace evidence"],
    [{ ...person, code: "assumption-source-differs" }, "no exception can replace evidence"],
    [person, "exactly one of code, fingerprint and objective"],
    [{ ...person, code: "a", objective: "rtoMs" }, "exactly one of"],
    [{ code: "a", reason: "x", expires: "2026-12-31" }, "owner"],
    [{ code: "a", owner: "x", reason: "", expires: "2026-12-31" }, "reason"],
    [{ code: "a", owner: "x", reason: "x", expires: "soon" }, "expires"],
  ])("%j is refused", (exception, message) => {
    const { success, error } = exceptionSchema.safeParse(exception);
    expect(success).toBe(false);
    expect(JSON.stringify(error?.issues)).toContain(message);
  });
});
