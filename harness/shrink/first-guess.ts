// Where to begin: what the finding names is nearly always enough to show it again, so small cases are tried before the
// graph of the scenario.
import type { EdgeRecord, NodeRecord } from "../../generators/model.ts";
import type { StoredFinding } from "../record/result.ts";
import { simplest } from "./reduce.ts";
import { type CaseGraph, type CaseOperation, type ShrinkCase, withEntities } from "./shrink-case.ts";

type About = Pick<StoredFinding, "code" | "subject" | "evidence">;

/** Relevance of a node of the kind that the finding names, without the property that it names. */
const kindAlone = 2;
const fewest = 2;
const some = 30;

/** Cases from the smallest to that of the scenario, without repetitions. */
export function guessesFor(finding: About, whole: ShrinkCase): readonly ShrinkCase[] {
  const chosen = graphOfFinding(finding, whole.graphs);
  const alone = (graph: CaseGraph): ShrinkCase => ({ ...whole, graphs: [graph] });
  const graphs =
    chosen === undefined
      ? []
      : [
          ...bare(alone(named(finding, chosen, 1)), finding),
          alone(named(finding, chosen, fewest)),
          alone(named(finding, chosen, some)),
          alone(chosen),
        ];
  // What the engine itself does wrong is in a case of its own, of which no part can be guessed.
  const guesses = finding.code.startsWith("engine-") ? [whole] : [...graphs, whole];
  const all = finding.code.startsWith("write-")
    ? [withWrites({ ...whole, graphs: [] }), ...guesses.map(withWrites)]
    : guesses;
  return all.flatMap(scaled);
}

/** Without what the finding does not name: indexes, properties, and the values of those that are left. */
function bare(guess: ShrinkCase, finding: About): readonly ShrinkCase[] {
  const words = wordsOf(finding);
  const isNamed = ({ label }: { readonly label: string }): boolean => words.has(label);
  const isSchema = /^(?:index|constraint|fulltext|stopword|lookup)/.test(finding.code);
  const plain = (properties: Properties): Properties =>
    Object.fromEntries(Object.entries(properties).filter(([name]) => words.has(name)));
  const cut = (change: (properties: Properties) => Properties): ShrinkCase => ({
    ...guess,
    graphs: guess.graphs.map((graph) => ({
      ...graph,
      indexes: isSchema ? graph.indexes.filter(isNamed) : [],
      constraints: isSchema ? graph.constraints.filter(isNamed) : [],
      nodes: graph.nodes.map((node) => ({ ...node, properties: change(node.properties) })),
      edges: graph.edges.map((edge) => ({ ...edge, properties: change(edge.properties) })),
    })),
  });
  const simple = (properties: Properties): Properties =>
    Object.fromEntries(Object.entries(plain(properties)).map(([name, value]) => [name, simplest(value)]));
  return [cut(simple), cut(plain)];
}

type Properties = NodeRecord["properties"];

/** Keys, labels, types and properties that the finding names. */
function wordsOf({ subject, evidence }: About): ReadonlySet<string> {
  const [, ...rest] = subject.split("/");
  const words = new Set([
    ...rest,
    ...rest.flatMap((part) => part.split(/[:.]/)),
    typeof evidence["key"] === "string" ? evidence["key"] : "",
  ]);
  for (const { name } of Array.isArray(evidence["properties"]) ? (evidence["properties"] as { name?: unknown }[]) : [])
    words.add(String(name));
  for (const word of words) words.add(word.replace(/^-/, ""));
  return words;
}

/** A limit on rows is shown by two rows as well as by ten thousand. */
function scaled(guess: ShrinkCase): readonly ShrinkCase[] {
  if (!("RESULTSET_SIZE" in guess.server)) return [guess];
  return [{ ...guess, server: { ...guess.server, RESULTSET_SIZE: "1" } }, guess];
}

function graphOfFinding({ subject }: About, graphs: readonly CaseGraph[]): CaseGraph | undefined {
  const [name] = subject.split("/");
  return graphs.find((graph) => graph.name === name) ?? graphs.find(({ nodes }) => nodes.length > 0) ?? graphs[0];
}

/** The part of a graph that a finding names, by keys, labels, types and properties, with the ends of its edges. */
function named(finding: About, graph: CaseGraph, max: number): CaseGraph {
  const words = wordsOf(finding);
  const relevance = ({ properties }: { readonly properties: object }, kinds: readonly string[]): number => {
    const uuid = (properties as Record<string, unknown>)["uuid"];
    if (typeof uuid === "string" && words.has(uuid)) return 4;
    const hasKind = kinds.every((kind) => words.has(kind)) ? 2 : kinds.some((kind) => words.has(kind)) ? 1 : 0;
    return hasKind + (Object.keys(properties).some((name) => words.has(name)) ? 1 : 0);
  };
  const best = <T>(all: readonly T[], score: (each: T) => number): T[] =>
    all
      .map((each) => ({ each, by: score(each) }))
      .toSorted((a, b) => b.by - a.by)
      .slice(0, max)
      .map(({ each }) => each);
  const edges: EdgeRecord[] = best(graph.edges, (edge) => relevance(edge, [edge.type]));
  const ends = new Set(edges.flatMap(({ source, target }) => [source, target]));
  const nodes = new Set<NodeRecord>(best(graph.nodes, (node) => relevance(node, node.labels)));
  // A count of values by type differs only where other nodes of the kind have no value, or another type of it.
  const contrast = graph.nodes.find((node) => !nodes.has(node) && relevance(node, node.labels) === kindAlone);
  if (contrast !== undefined && [...nodes].some((node) => relevance(node, node.labels) === kindAlone + 1))
    nodes.add(contrast);
  const kept = graph.nodes.filter((node) => nodes.has(node) || ends.has(node.id));
  return withEntities(graph, kept, edges);
}

const writeGraphs = ["writes-1", "writes-2"] as const;
const writesBefore = 2;
const writesDuring = 12;
const writeEveryMs = 200;

/** A dump that is older than the writes, writes before the backup, and writes during it, in turns into two graphs. */
function withWrites(guess: ShrinkCase): ShrinkCase {
  const empty = writeGraphs.map((name) => ({ name, nodes: [], edges: [], indexes: [], constraints: [] }));
  const write = (number: number, afterMs?: number): CaseOperation => ({
    kind: "write",
    graph: writeGraphs[number % 2] ?? writeGraphs[0],
    number,
    ...(afterMs === undefined ? {} : { afterMs }),
  });
  const before = Array.from({ length: writesBefore }, (_, number) => write(number));
  const during = Array.from({ length: writesDuring }, (_, at) => write(writesBefore + at, (at + 1) * writeEveryMs));
  return {
    ...guess,
    graphs: [...guess.graphs, ...empty],
    operations: [...guess.operations, { kind: "save" }, ...before, ...during],
  };
}
