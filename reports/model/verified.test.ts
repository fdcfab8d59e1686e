import { describe, expect, it } from "vitest";
import { findingGroups } from "../findings/finding-groups.ts";
import { sampleRun } from "../testing/sample-run.ts";
import { verifiedRows } from "./verified.ts";

const [passed] = sampleRun.scenarios;
if (passed === undefined) throw new Error("the sample has a scenario that passed");

const scenario = {
  ...passed,
  witnesses: { nodesCompared: 1000, propertiesCompared: 5000, constraintsCompared: 0 },
  notCovered: ["prune: the system has no such command"],
};
const finding = (code: string, evidence: Readonly<Record<string, unknown>> = {}) => {
  return { code, severity: "error" as const, subject: "main/Entity/1", message: code, evidence };
};

describe("what was verified", () => {
  const rowsOf = (findings: ReturnType<typeof finding>[], whole: boolean) => {
    const one = { ...scenario, findings };
    const rows = verifiedRows([one], findingGroups([one]), whole);
    return Object.fromEntries(rows.map(({ check, ...row }) => [check.split(",")[0], row]));
  };

  it("says of each check what it compared, and explains a zero", () => {
    const rows = rowsOf([], true);
    expect(rows["Nodes"]).toEqual({ compared: "1,000 nodes", different: "0", verdict: "equal" });
    expect(rows["Constraints"]).toEqual({ compared: "0: none in these graphs", different: "", verdict: "not checked" });
    expect(rows["Graphs are back"]?.compared).toBe("no graph was restored");
  });

  it("counts what differs, and says where a difference only follows from another", () => {
    const rows = rowsOf(
      ["node-missing", "property-count-differs", "constraint-missing"].map((code) => finding(code)),
      true,
    );
    expect(rows["Constraints"]).toEqual({ compared: "looked at, and not counted", different: "1", verdict: "differs" });
    expect(rows["Nodes"]).toMatchObject({ different: "1", verdict: "differs" });
    expect(rows["Properties and their stored types"]).toMatchObject({ different: "follows", verdict: "differs" });
  });

  it("has a row for what is not covered, and of one scenario only what it looked at", () => {
    const rows = rowsOf([], false);
    expect(Object.keys(rows)).toEqual(["Nodes", "Properties and their stored types", "Not covered"]);
    expect(rows["Not covered"]?.compared).toBe("prune: the system has no such command");
  });
});
