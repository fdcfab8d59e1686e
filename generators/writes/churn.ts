// Data that does not only grow. Each writer makes items, changes their labels, removes properties, brings in new labels,
// properties and indexes, and deletes items, whose internal ids the next new items take over. Items belong to their
// writer, so what is left of them follows from the writer's own writes that are there.
//
// Six writes make a round: two items are made, one is relabelled, loses a property, grows by a label and a property that
// no item had before, and the other one is deleted. The last write of every fourth round makes an index instead, and the
// next rounds grow by another label and property; writers take turns in that, so that the schema changes all the time.
import { setUpStatement, trace, type Statement, type WriteId, type WriteKind, writeStatement } from "./write-kind.ts";

export interface ChurnItem {
  readonly key: string;
  /** Sorted, without `Churn`, which all have. */
  readonly labels: readonly string[];
  /** Names of the properties, sorted, without `key`. */
  readonly properties: readonly string[];
}

export type ChurnStep = {
  /** Key of the item; of an index, the label that it is for. */
  readonly key: string;
  readonly op: "make" | "relabel" | "strip" | "grow" | "delete" | "index";
  /** New label and property of `grow` and `index`. */
  readonly grown: string;
};

const round = 6;
const roundsPerIndex = 4;
const ops = ["make", "make", "relabel", "strip", "grow", "delete"] as const;
/** Which write of its round made the item that each write of a round is about. */
const about = [0, 1, 0, 0, 0, 1] as const;

export function churnStep({ writer, sequence }: Omit<WriteId, "seed">): ChurnStep {
  const place = sequence % round;
  const rounds = Math.floor(sequence / round);
  const turns = rounds + Number(/\d*$/.exec(writer)?.[0] ?? 0);
  const grown = `Grown_${writer.replaceAll(/\W/g, "_")}_${Math.floor(turns / roundsPerIndex)}`;
  const isIndex = place === round - 1 && turns % roundsPerIndex === 0;
  if (isIndex) return { op: "index", key: grown, grown };
  return { op: ops[place] ?? "make", key: `${writer}/${rounds * round + (about[place] ?? 0)}`, grown };
}

/** The item after the step; undefined when it is not there. A step on an item that is not there changes nothing. */
export function churned(item: ChurnItem | undefined, { op, key, grown }: ChurnStep): ChurnItem | undefined {
  if (op === "make") return { key, labels: ["Young"], properties: ["note", "text"] };
  if (item === undefined || op === "delete") return undefined;
  if (op === "relabel") return { ...item, labels: swap(item.labels, "Young", "Old") };
  if (op === "strip") return { ...item, properties: swap(item.properties, "text") };
  if (op === "grow")
    return { ...item, labels: swap(item.labels, "", grown), properties: swap(item.properties, "", grown) };
  return item;
}

function swap(names: readonly string[], out: string, into?: string): readonly string[] {
  const kept = names.filter((name) => name !== out);
  return (into === undefined ? kept : [...kept, into]).toSorted();
}

export const churn: WriteKind = {
  name: "churn",
  setUp: () => [
    setUpStatement("CREATE INDEX FOR (n:Churn) ON (n.key)"),
    // As for a trace: names that all writers bring.
    setUpStatement("CREATE (n:Churn:Young:Old {key: '', text: '', note: 0}) DELETE n"),
  ],
  write: (id) => {
    const step = churnStep(id);
    return step.op === "index" ? indexStatement(step) : writeStatement(id, cypherOf(step), { key: step.key });
  },
};

/** An index cannot be made together with a trace; the index itself is its trace. */
function indexStatement({ grown }: ChurnStep): Statement {
  return setUpStatement(`CREATE INDEX FOR (n:${grown}) ON (n.${grown})`);
}

function cypherOf({ op, grown }: ChurnStep): string {
  const item = "MATCH (n:Churn {key: $key})";
  switch (op) {
    case "make":
      return `CREATE (n:Churn:Young {key: $key, text: $key, note: $sequence}) ${trace} RETURN n.key`;
    case "relabel":
      return `${item} REMOVE n:Young SET n:Old ${trace} RETURN n.key`;
    case "strip":
      return `${item} REMOVE n.text ${trace} RETURN n.key`;
    case "grow":
      return `${item} SET n:${grown}, n.${grown} = $sequence ${trace} RETURN n.key`;
    case "delete":
      return `${item} DELETE n ${trace} RETURN 1`;
    case "index":
      return "";
  }
}
