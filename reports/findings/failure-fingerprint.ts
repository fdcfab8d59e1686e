// What makes two failures the same one: the claim aside, which codes there were and on which kind of subject. Ids,
// numbers and times differ between nights and say nothing.
import { createHash } from "node:crypto";
import type { ScenarioResult, StoredFinding } from "../../harness/record/result.ts";

/** 12 hexadecimal digits that stay the same when the same failure occurs with another seed. */
export function findingFingerprint(finding: Pick<StoredFinding, "code" | "subject">): string {
  return digest([kindOf(finding)]);
}

/** The same for all that went wrong in one scenario; undefined where nothing did. */
export function failureFingerprint(scenario: Pick<ScenarioResult, "id" | "findings">): string | undefined {
  const kinds = failureKinds(scenario);
  return kinds.length === 0 ? undefined : digest(kinds);
}

/** Such as "property-differs main/Entity/<n>/summary", sorted, each once. */
export function failureKinds({ id, findings }: Pick<ScenarioResult, "id" | "findings">): readonly string[] {
  const errors = findings.filter((finding) => finding.severity === "error");
  const kinds = errors.map(({ code, subject }) => kindOf({ code, subject: subject === id ? "<scenario>" : subject }));
  return [...new Set(kinds)].toSorted();
}

function kindOf({ code, subject }: Pick<StoredFinding, "code" | "subject">): string {
  return `${code} ${normalise(subject)}`;
}

function normalise(subject: string): string {
  return subject
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, "<uuid>")
    .replaceAll(/\d{4}-\d{2}-\d{2}T[\d:.]+Z?/g, "<time>")
    .replaceAll(/\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b/gi, "<hex>")
    .replaceAll(/\d+/g, "<n>");
}

function digest(kinds: readonly string[]): string {
  return createHash("sha256").update(kinds.join("\n")).digest("hex").slice(0, 12);
}
