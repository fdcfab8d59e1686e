// When two findings are the same: the code, and what it is about without the names of single graphs and entities. Merely
// another error of the same drill is another finding.
import { classOfFinding, type StoredFinding } from "../record/result.ts";

/** The code and the normalised subject, such as `node-changed Entity:Person name String->absent`. */
export function identityOf(
  finding: Pick<StoredFinding, "code" | "class" | "subject" | "message" | "evidence">,
): string {
  return [finding.code, ...aboutOf(finding)].join(" ");
}

function aboutOf(finding: Pick<StoredFinding, "code" | "class" | "subject" | "message" | "evidence">): string[] {
  const { code, subject, evidence } = finding;
  if (oneWhole.has(code) || code.startsWith("invariant-") || code.startsWith("write-")) return [];
  // What failed is in the message alone: its subject is the scenario or the call.
  if (classOfFinding(finding) !== "data") return [normalised(finding.message)];
  if (/^(?:node|edge)-(?:missing|extra|changed)$/.test(code)) return changeOf(evidence);
  // The first segment is the graph; a label or property follows.
  return subject.split("/").slice(1);
}

/** Findings about a whole graph or the first answer of a server, whatever their subject is. */
const oneWhole: ReadonlySet<string> = new Set([
  "graph-missing",
  "graph-unexpected",
  "wrong-first-answer",
  "count-contradicts",
  "engine-wrote-otherwise",
]);

interface ChangedProperty {
  readonly name?: unknown;
  readonly expected?: { readonly type?: unknown } | null;
  readonly actual?: { readonly type?: unknown } | null;
}

/** The labels or type, and of a change the properties with the types that they had and have. */
function changeOf(evidence: StoredFinding["evidence"]): string[] {
  const { label, properties, kind } = evidence;
  const type = (side: ChangedProperty["expected"]): string =>
    side === null || side === undefined ? "absent" : String(side.type);
  const changed = kind === "changed" && Array.isArray(properties) ? (properties as readonly ChangedProperty[]) : [];
  return [
    typeof label === "string" ? label : "",
    ...changed.map(({ name, expected, actual }) => `${String(name)} ${type(expected)}->${type(actual)}`),
  ];
}

/** Without what differs from run to run: names of points, paths, ports, times, counts. */
function normalised(message: string): string {
  return message
    .replaceAll(/[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/gi, "<uuid>")
    .replaceAll(/(?:\/[\w.@+-]+){2,}/g, "<path>")
    .replaceAll(/\b[\w.-]*\d[\w.:-]*/g, "<n>");
}
