// The items of each writer are those that its surviving creates, changes and deletes produce: nothing deleted has come
// back, nothing exists that was never created, and removed labels and properties are gone.
import { type ChurnItem, churned, churnStep } from "../../../generators/writes/churn.ts";
import type { Finding, Judgement } from "../check.ts";
import { type KindObservation, type KindState, momentFinding, numbersOf, type SeenWrite } from "./moment.ts";

type State = Extract<KindState, { kind: "churn" }>;

const samples = 10;

/** `asked` holds the labels whose index a write of the history created. */
export function judgeChurn(
  { graph, traces }: KindObservation,
  { items, indexes, withoutLabel = 0 }: State,
  asked: ReadonlySet<string>,
): Judgement {
  const expected = new Map<string, ChurnItem>();
  const deleted = new Set<string>();
  for (const [writer, ranges] of Object.entries(traces)) {
    for (const sequence of numbersOf(ranges)) {
      const step = churnStep({ writer, sequence });
      const item = churned(expected.get(step.key), step);
      if (item !== undefined) expected.set(step.key, item);
      else if (expected.delete(step.key)) deleted.add(step.key);
    }
  }
  const found = new Map(items.map((item) => [item.key, item]));
  const extra = items.filter(({ key }) => !expected.has(key));
  const wrong: Record<Code, ChurnItem[]> = {
    "delete-resurrected": extra.filter(({ key }) => deleted.has(key)),
    "item-phantom": extra.filter(({ key }) => !deleted.has(key)),
    "item-missing": [...expected.values()].filter(({ key }) => !found.has(key)),
    "item-differs": items.filter((item) => differs(item, expected.get(item.key))),
    "item-twice": repeated(items),
  };
  const findings = (Object.keys(wrong) as Code[]).flatMap((code) => finding(code, wrong[code], graph, expected));
  return {
    findings: [...findings, ...indexFindings(graph, indexes, asked), ...keptByEngine(graph, withoutLabel)],
    witnesses: { churnItemsCompared: expected.size, deletesCompared: deleted.size },
  };
}

const meanings = {
  "delete-resurrected": "was deleted and is there again",
  "item-phantom": "is there, and no write that is there made it",
  "item-missing": "was made and never deleted, and is not there",
  "item-differs": "has other labels or properties than its writes gave it",
  "item-twice": "is there more than once",
} as const;
type Code = keyof typeof meanings;

function differs(item: ChurnItem, expected: ChurnItem | undefined): boolean {
  return expected !== undefined && shown(item) !== shown(expected);
}

function repeated(items: readonly ChurnItem[]): ChurnItem[] {
  const seen = new Set<string>();
  return items.filter(({ key }) => seen.size === seen.add(key).size);
}

function shown({ labels, properties }: ChurnItem): string {
  return `${labels.join(",")} ${properties.join(",")}`;
}

function finding(
  code: Code,
  items: readonly ChurnItem[],
  graph: string,
  expected: ReadonlyMap<string, ChurnItem>,
): Finding[] {
  const [first] = items;
  if (first === undefined) return [];
  const others = items.length === 1 ? "" : `; so it is with ${items.length - 1} more`;
  const evidence = {
    count: items.length,
    items: items.slice(0, samples).map((found) => ({ found, expected: expected.get(found.key) ?? null })),
  };
  const message = `item ${first.key} ${meanings[code]}${others}`;
  return [momentFinding(code, `${graph}/Churn/${first.key}`, message, evidence)];
}

/** Reports unexpected indexes; missing ones show in the cut, because an index is the trace of its own write. */
function indexFindings(graph: string, indexes: readonly string[], asked: ReadonlySet<string>): Finding[] {
  return indexes
    .filter((label) => !asked.has(label))
    .map((label) => {
      const message = `an index for ${label} is there, and no write of the history made it`;
      return momentFinding("index-phantom", `${graph}/${label}`, message, { label });
    });
}

/** No backup can put a node under a label that it does not have: the engine's two records of labels contradict each other. */
function keptByEngine(graph: string, count: number): Finding[] {
  if (count === 0) return [];
  const message = `${count} ${count === 1 ? "node is" : "nodes are"} found by the label Churn without having it: deleted ones, or others that took over their ids`;
  const code = "deleted-nodes-found-in-engine";
  return [{ code, severity: "warning", subject: `${graph}/Churn`, message, evidence: { count } }];
}

/** The label whose index this write creates. */
export function indexOf(write: Pick<SeenWrite, "writer" | "sequence">): string | undefined {
  const { op, grown } = churnStep(write);
  return op === "index" ? grown : undefined;
}
