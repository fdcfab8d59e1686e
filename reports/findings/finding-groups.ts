// What went wrong, as a person wants to read it: alike findings are one group with a count and one example, what follows
// from another difference is folded under it, and a cause that hits several scenarios is one group that lists them.
//
// The one source of order and counts for terminal, HTML, Markdown, JUnit, comment and gate:
//   findingGroups(scenarios)   groups of one scenario or of all, worst first; render them in this order, all or the first n
//   groupCount(groups)         "3 causes": the count that every format states
//   group.kind, kindNames      data loss, failed system, broken assumption and so on; style by kind, never by severity alone
//   group.title                "12 nodes missing"; group.example has the evidence, group.derived what follows from it
//   damageOf(scenario) and worstDamage(scenarios) of damage.ts: the size of the damage, as data and as a sentence
//   headlines(scenarios, objectives) of headlines.ts: RTO and RPO
import { type FindingClass, meaningOf } from "../../harness/base/findings/finding-codes.ts";
import { formatCount } from "../../harness/base/units.ts";
import { classOfFinding, type ScenarioResult, type StoredFinding } from "../../harness/record/result.ts";
import { isDerived, mayBeDerived } from "./derived-findings.ts";

/** Kinds of findings, in the order in which they are shown. */
export const findingKinds = ["data", "system", "objective", "ours", "machine", "assumption", "engine"] as const;
export type FindingKind = (typeof findingKinds)[number];

export const kindNames: Readonly<Record<FindingKind, string>> = {
  data: "data difference",
  system: "the system failed",
  objective: "objective missed",
  ours: "fault of FalkorDrill",
  machine: "environment",
  assumption: "not proven",
  engine: "known defect of FalkorDB",
};

const kindOf: Readonly<Record<FindingClass, FindingKind>> = {
  data: "data",
  recovery: "system",
  objective: "objective",
  internal: "ours",
  environment: "machine",
  usage: "machine",
  interrupted: "machine",
  oracle: "assumption",
  vigour: "assumption",
};

export interface FindingGroup {
  /** Stays the same from run to run. */
  readonly key: string;
  readonly kind: FindingKind;
  readonly code: string;
  readonly severity: StoredFinding["severity"];
  /** Entities, indexes, writes: of whatever the code speaks. Over several scenarios, their sum. */
  readonly count: number;
  /** "12 nodes missing", or the message of a single finding. */
  readonly title: string;
  readonly means: string | undefined;
  /** What to do: the hint of the example, else what the table of codes says. */
  readonly next: string | undefined;
  readonly example: StoredFinding;
  /** Ids, in the order in which the scenarios were given. */
  readonly scenarios: readonly string[];
  /** What only follows from this group; none of it needs a look of its own. */
  readonly derived: readonly Folded[];
}

interface Folded {
  readonly code: string;
  readonly count: number;
  readonly title: string;
}

type Scenario = Pick<ScenarioResult, "id" | "findings">;
interface Found {
  readonly scenario: string;
  readonly finding: StoredFinding;
}

/** Worst first. Notes (severity `info`) are left out. */
export function findingGroups(scenarios: readonly Scenario[]): readonly FindingGroup[] {
  const roots: Found[] = [];
  const folded = new Map<StoredFinding, Found[]>();
  for (const { id, findings } of scenarios) {
    const all = findings.filter(({ severity }) => severity !== "info");
    for (const finding of all) {
      const root = rootOf(finding, all);
      if (root === undefined) roots.push({ scenario: id, finding });
      else folded.set(root, [...(folded.get(root) ?? []), { scenario: id, finding }]);
    }
  }
  const groups = [...Map.groupBy(roots, ({ finding }) => keyOf(finding))].map(([key, found]) =>
    groupOf(
      key,
      found,
      found.flatMap(({ finding }) => folded.get(finding) ?? []),
    ),
  );
  return groups.toSorted(
    (a, b) =>
      findingKinds.indexOf(a.kind) - findingKinds.indexOf(b.kind) ||
      severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
      rank(a.code) - rank(b.code) ||
      b.count - a.count,
  );
}

const severities = ["error", "warning", "info"];

/** "1 cause", "3 causes": errors that do not follow from others, alike ones once. */
export function groupCount(groups: readonly FindingGroup[]): string {
  return counted(groups.filter(({ severity }) => severity === "error").length, "cause");
}

export function counted(count: number, noun: string): string {
  const many = /(?:x|ch|sh|s)$/.test(noun) ? `${noun}es` : noun.replace(/(?<![aeiou])y$/, "ie") + "s";
  return `${formatCount(count)} ${count === 1 ? noun : many}`;
}

export function kindOfFinding(finding: Pick<StoredFinding, "code" | "class">): FindingKind {
  // The engine's own, whoever backs it up: a warning, which ends no drill.
  if (finding.code.endsWith("-in-engine")) return "engine";
  const kind = kindOf[classOfFinding(finding)];
  return kind === "assumption" && machineCodes.has(finding.code) ? "machine" : kind;
}

/** Lacks of vigour that only say that the machine was slow. */
const machineCodes: ReadonlySet<string> = new Set([
  "assumption-deadline",
  "assumption-writers-too-slow",
  "assumption-profile-not-reached",
  "assumption-long-write",
  "assumption-disk-late",
]);

/** The first finding of the strongest code that explains it; undefined for a finding that follows from no other. */
function rootOf(finding: StoredFinding, all: readonly StoredFinding[]): StoredFinding | undefined {
  if (!mayBeDerived(finding)) return undefined;
  const explaining = all.filter((other) => other !== finding && isDerived(finding, other));
  const roots = explaining.filter(
    (other) => !mayBeDerived(other) || !all.some((higher) => higher !== other && isDerived(other, higher)),
  );
  return roots.toSorted((a, b) => rank(a.code) - rank(b.code))[0];
}

/** What is wrong in the same way, wherever it was found. */
function keyOf(finding: StoredFinding): string {
  const { code, message } = finding;
  const names = changedProperties(finding);
  if (names.length > 0) return `${code} ${names.join(",")}`;
  const kind = kindOfFinding(finding);
  const isGeneral = kind !== "data" && (code === "assumption-broken" || kind !== "assumption");
  return isGeneral ? `${code} ${normalised(message)}` : code;
}

function changedProperties({ code, evidence }: StoredFinding): string[] {
  return /^(?:node|edge)-changed$/.test(code) ? namesOf(evidence).toSorted() : [];
}

/** Numbers, ids and paths differ between scenarios and name no other cause. */
function normalised(message: string): string {
  return message.replaceAll(/\/[^\s,;:]+/g, "<path>").replaceAll(/\b[0-9a-f-]*\d[0-9a-f-]*\b/gi, "<n>");
}

function groupOf(key: string, found: readonly Found[], derived: readonly Found[]): FindingGroup {
  const findings = found.map(({ finding }) => finding);
  const example = exampleOf(findings);
  const { code, severity } = example;
  const count = countOf(findings);
  const meaning = meaningOf(code);
  const follows = Map.groupBy(derived, ({ finding }) => finding.code);
  return {
    key,
    kind: kindOfFinding(example),
    code,
    severity,
    count,
    title: titleOf(findings, count),
    means: meaning?.means,
    next: example.hint ?? meaning?.next,
    example,
    scenarios: [...new Set(found.map(({ scenario }) => scenario))],
    derived: [...follows].map(([of, list]) => {
      const alike = list.map(({ finding }) => finding);
      const total = countOf(alike);
      return { code: of, count: total, title: titleOf(alike, total) };
    }),
  };
}

/** One that names an entity with its properties says most. */
function exampleOf(findings: readonly StoredFinding[]): StoredFinding {
  const named = findings.find(({ evidence: { properties } }) => Array.isArray(properties) && properties.length > 0);
  const example = named ?? findings.find(({ evidence: { more } }) => more === undefined) ?? findings[0];
  if (example === undefined) throw new RangeError("a group has at least one finding");
  return example;
}

/** How many entities are affected; findings are listed up to a limit, the rest is counted in their evidence. */
export function countOf(findings: readonly StoredFinding[]): number {
  // Of what is alike in one graph of one judgement each finding says the whole number.
  const alike = new Map<string, number>();
  let others = 0;
  for (const { code, subject, judgement = "", evidence } of findings) {
    if (typeof evidence["alike"] === "number")
      alike.set(JSON.stringify([judgement, subject.split("/")[0], code, namesOf(evidence)]), evidence["alike"]);
    else
      others +=
        numberOf(evidence["more"]) ?? (code.startsWith("write-") ? numberOf(evidence["count"]) : undefined) ?? 1;
  }
  return others + alike.values().reduce((sum, value) => sum + value, 0);
}

function namesOf({ properties }: StoredFinding["evidence"]): string[] {
  return Array.isArray(properties) ? properties.map((property) => String((property as { name?: unknown }).name)) : [];
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function titleOf(findings: readonly StoredFinding[], count: number): string {
  const example = exampleOf(findings);
  const { code, message } = example;
  const counts = nounOf(code);
  if (counts === undefined) {
    const means = meaningOf(code)?.means.replace(/\.$/, "");
    return count === 1 || means === undefined ? message : `${means} (${formatCount(count)} times)`;
  }
  const { noun, what } = counts;
  const names = changedProperties(example);
  return `${counted(count, noun)} ${names.length === 0 ? what : `changed in ${names.slice(0, 5).join(", ")}`}`;
}

/** Codes such as `index-missing`, whose subject can be counted. */
function nounOf(code: string): { readonly noun: string; readonly what: string } | undefined {
  const [, noun = "", what = ""] =
    /^(graph|node|edge|index|constraint|key|function)-(missing|unexpected|extra|changed|not-operational)$/.exec(code) ??
    [];
  const words: Readonly<Record<string, string>> = {
    extra: "too many",
    unexpected: "too many",
    "not-operational": "not operational",
  };
  return noun === "" ? undefined : { noun, what: words[what] ?? what };
}

/** Whole graphs before entities, entities before indexes, and these before what the system says of itself. */
const ranked: readonly RegExp[] = [
  /^graph-(?:missing|unexpected)$/,
  /^node-missing$/,
  /^edge-missing$/,
  /^node-extra$/,
  /^edge-extra$/,
  /^node-changed$/,
  /^edge-changed$/,
  /^(?:node|edge)-/,
  /^write-lost$/,
  /^write-/,
  /^(?:property|double|vector)/,
  /^index-missing$/,
  /^index-/,
  /^constraint-/,
];

function rank(code: string): number {
  const at = ranked.findIndex((pattern) => pattern.test(code));
  return at === -1 ? ranked.length : at;
}
