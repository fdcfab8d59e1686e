// Proves the proof: a full cycle whose restored graph is changed in one place before it is judged. The scenario passes
// if exactly that change is reported, down to the entity, the property and both values.
import type { Dataset } from "../../../generators/model.ts";
import type { FindingCode } from "../../base/findings/finding-codes.ts";
import type { Engine } from "../../engine/engine.ts";
import { connect } from "../../falkordb/client/connection.ts";
import { cycle } from "../cycle.ts";
import type { CyclePlan } from "../cycle-plan.ts";
import type { Drill } from "../drill.ts";
import type { StoredFinding } from "../../record/result.ts";
import { ScenarioRecord } from "../../record/record.ts";

interface Change {
  readonly graph: string;
  readonly uuid: string;
  readonly before: string;
}

const property = "name";
const changedTo = "changed by the drill";

export async function runTamperCheck(drill: Drill, plan: CyclePlan): Promise<void> {
  let change: Change | undefined;
  const tamper = async (target: Engine, dataset: Dataset): Promise<void> => {
    change = await changeOneName(target, dataset);
  };
  // The judges' findings belong to the inner drill; what follows from them is judged here, and kept by `verify`.
  const inner = new ScenarioRecord(`${drill.id}~tampered`, drill.directory);
  await cycle({ ...drill, id: inner.id, record: inner }, { ...plan, rawLimits: false, writers: 0, tamper });
  const { findings, ...measured } = inner.result();
  drill.record.adopt(measured);
  const errors = findings.filter((finding) => finding.severity === "error");
  const found = change === undefined ? [] : errors.filter((finding) => names(finding, change));
  drill.record.witness("tamperingsMade", change === undefined ? 0 : 1);
  drill.record.witness("tamperingsNamed", found.length);
  drill.record.requireWitnesses("tamperingsMade", "canariesCaught");
  const evidence = { change, findings: errors.slice(0, 10) };
  if (found.length === 0) failed(drill, "tampering-missed", "the changed property was not found and named", evidence);
  const canaries = errors.filter(({ code }) => code.startsWith("canary-"));
  for (const finding of canaries) drill.record.finding({ ...finding, judgement: undefined });
  const others = errors.filter((finding) => !follows(finding) && !canaries.includes(finding));
  if (others.length > 0)
    failed(drill, "false-alarm", "differences were reported although nothing else was changed", evidence);
}

async function changeOneName(target: Engine, dataset: Dataset): Promise<Change> {
  await using connection = await connect(target.endpoint);
  for (const plan of dataset.graphs()) {
    for (let id = plan.counts.nodes - 1; id >= 0; id -= 1) {
      const { labels, properties } = plan.node(id);
      const { uuid, name } = properties;
      if (typeof uuid !== "string" || typeof name !== "string" || !labels.includes("Entity")) continue;
      const cypher = `MATCH (n:Entity {uuid: $uuid}) SET n.${property} = $value`;
      await connection.query(plan.name, cypher, { uuid, value: changedTo });
      return { graph: plan.name, uuid, before: name };
    }
  }
  throw new Error("the dataset holds no entity to change");
}

/** The finding must name the entity, the property, and both values. */
function names(finding: StoredFinding, change: Change | undefined): boolean {
  const text = JSON.stringify([finding.subject, finding.message, finding.evidence]);
  const before = JSON.stringify(change?.before).slice(1, -1);
  return [change?.uuid ?? "", property, changedTo, before].every((part) => text.includes(part));
}

/** Codes that one changed property correctly causes: it differs, and searches by it give other answers. */
function follows(finding: StoredFinding): boolean {
  return expectedCodes.some((code) => finding.code.startsWith(code));
}
const expectedCodes = ["node-changed", "node-content-differs", "search-"];

function failed(drill: Drill, code: FindingCode, message: string, evidence: Record<string, unknown>): void {
  drill.record.finding({ code, severity: "error", subject: drill.id, message, evidence });
}
