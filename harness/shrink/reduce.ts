// Makes a case smaller, one kind of thing after the other, as long as the finding still shows.
import { Double, type EdgeRecord, type IndexSpec, type NodeRecord, type Value } from "../../generators/model.ts";
import { ddmin } from "./ddmin.ts";
import { type CaseGraph, type ShrinkCase, caseSize, withEntities } from "./shrink-case.ts";

export type CaseShows = (candidate: ShrinkCase) => Promise<boolean>;
type Pass = (shrunk: ShrinkCase, shows: CaseShows) => Promise<ShrinkCase>;

/** What makes the others smaller comes first. */
const passes: readonly Pass[] = [
  graphsPass,
  operationsPass,
  indexesPass,
  edgesPass,
  nodesPass,
  constraintsPass,
  fieldsPass,
  propertiesPass,
  labelsPass,
  valuesPass,
  lengthsPass,
  serverPass,
];

/** The passes are repeated until none of them finds anything more. */
export async function reduceCase(start: ShrinkCase, shows: CaseShows): Promise<ShrinkCase> {
  let shrunk = start;
  for (;;) {
    const before = JSON.stringify(caseSize(shrunk));
    for (const pass of passes) shrunk = await pass(shrunk, shows);
    if (JSON.stringify(caseSize(shrunk)) === before) return shrunk;
  }
}

/** Leaves out as many of these items as possible; `build` makes the case with those that are kept. */
async function without<T>(
  items: readonly T[],
  build: (kept: ReadonlySet<T>) => ShrinkCase,
  shows: CaseShows,
): Promise<ShrinkCase> {
  return build(new Set(await ddmin(items, (kept) => shows(build(new Set(kept))))));
}

function mapGraphs(shrunk: ShrinkCase, change: (graph: CaseGraph) => CaseGraph): ShrinkCase {
  return { ...shrunk, graphs: shrunk.graphs.map(change) };
}

async function graphsPass(shrunk: ShrinkCase, shows: CaseShows): Promise<ShrinkCase> {
  return await without(
    shrunk.graphs,
    (kept) => ({ ...shrunk, graphs: shrunk.graphs.filter((graph) => kept.has(graph)) }),
    shows,
  );
}

async function operationsPass(shrunk: ShrinkCase, shows: CaseShows): Promise<ShrinkCase> {
  const { operations } = await without(
    shrunk.operations,
    (kept) => ({ ...shrunk, operations: shrunk.operations.filter((each) => kept.has(each)) }),
    shows,
  );
  const short = operations.map((each) => (each.kind === "append" ? { ...each, text: "a" } : each));
  const shorter = { ...shrunk, operations: short };
  if (JSON.stringify(short) !== JSON.stringify(operations) && (await shows(shorter))) return shorter;
  return { ...shrunk, operations };
}

async function nodesPass(shrunk: ShrinkCase, shows: CaseShows): Promise<ShrinkCase> {
  const build = (kept: ReadonlySet<NodeRecord>): ShrinkCase =>
    mapGraphs(shrunk, (graph) =>
      withEntities(
        graph,
        graph.nodes.filter((node) => kept.has(node)),
      ),
    );
  return await without(
    shrunk.graphs.flatMap(({ nodes }) => nodes),
    build,
    shows,
  );
}

async function edgesPass(shrunk: ShrinkCase, shows: CaseShows): Promise<ShrinkCase> {
  const build = (kept: ReadonlySet<EdgeRecord>): ShrinkCase =>
    mapGraphs(shrunk, (graph) => ({ ...graph, edges: graph.edges.filter((edge) => kept.has(edge)) }));
  return await without(
    shrunk.graphs.flatMap(({ edges }) => edges),
    build,
    shows,
  );
}

/** A unique constraint goes with the index that it needs. */
async function indexesPass(shrunk: ShrinkCase, shows: CaseShows): Promise<ShrinkCase> {
  const build = (kept: ReadonlySet<IndexSpec>): ShrinkCase =>
    mapGraphs(shrunk, (graph) => {
      const indexes = graph.indexes.filter((index) => kept.has(index));
      const hasIndex = ({ entity, label }: { entity: string; label: string }): boolean =>
        indexes.some((index) => index.entity === entity && index.label === label);
      const constraints = graph.constraints.filter((each) => each.kind !== "UNIQUE" || hasIndex(each));
      return { ...graph, indexes, constraints };
    });
  return await without(
    shrunk.graphs.flatMap(({ indexes }) => indexes),
    build,
    shows,
  );
}

async function constraintsPass(shrunk: ShrinkCase, shows: CaseShows): Promise<ShrinkCase> {
  return await without(
    shrunk.graphs.flatMap(({ constraints }) => constraints),
    (kept) =>
      mapGraphs(shrunk, (graph) => ({ ...graph, constraints: graph.constraints.filter((each) => kept.has(each)) })),
    shows,
  );
}

/** Fields of indexes. */
async function fieldsPass(shrunk: ShrinkCase, shows: CaseShows): Promise<ShrinkCase> {
  const id = (graph: CaseGraph, index: IndexSpec, field: string): string =>
    JSON.stringify([graph.name, index.entity, index.label, field]);
  const fields = shrunk.graphs.flatMap((graph) =>
    graph.indexes.flatMap((index) => fieldsOf(index).map((field) => id(graph, index, field))),
  );
  const build = (kept: ReadonlySet<string>): ShrinkCase =>
    mapGraphs(shrunk, (graph) => ({
      ...graph,
      indexes: graph.indexes.map((index) => withFields(index, (field) => kept.has(id(graph, index, field)))),
    }));
  return await without(fields, build, shows);
}

function fieldsOf({ range, fulltext, vectors = {} }: IndexSpec): string[] {
  return [
    ...range.map((name) => `range ${name}`),
    ...fulltext.map((name) => `fulltext ${name}`),
    ...Object.keys(vectors).map((name) => `vector ${name}`),
  ];
}

function withFields(index: IndexSpec, isKept: (field: string) => boolean): IndexSpec {
  const { vectors } = index;
  const fulltext = index.fulltext.filter((name) => isKept(`fulltext ${name}`));
  const { stopwords, language, textOptions, ...rest } = index;
  const words = stopwords === undefined ? {} : { stopwords };
  const text = {
    ...words,
    ...(language === undefined ? {} : { language }),
    ...(textOptions === undefined ? {} : { textOptions }),
  };
  return {
    ...rest,
    range: index.range.filter((name) => isKept(`range ${name}`)),
    fulltext,
    ...(fulltext.length === 0 ? {} : text),
    ...(vectors === undefined
      ? {}
      : { vectors: Object.fromEntries(Object.entries(vectors).filter(([name]) => isKept(`vector ${name}`))) }),
  };
}

/** Properties of one name are kept or left out in the whole graph. */
async function propertiesPass(shrunk: ShrinkCase, shows: CaseShows): Promise<ShrinkCase> {
  const names = new Set<string>();
  const id = (graph: CaseGraph, side: string, name: string): string => JSON.stringify([graph.name, side, name]);
  for (const graph of shrunk.graphs) {
    for (const { properties } of graph.nodes)
      for (const name of Object.keys(properties)) names.add(id(graph, "node", name));
    for (const { properties } of graph.edges)
      for (const name of Object.keys(properties)) names.add(id(graph, "edge", name));
  }
  const build = (kept: ReadonlySet<string>): ShrinkCase =>
    mapEntities(shrunk, (graph, side, properties) =>
      Object.fromEntries(Object.entries(properties).filter(([name]) => kept.has(id(graph, side, name)))),
    );
  return await without([...names], build, shows);
}

type Properties = NodeRecord["properties"];

function mapEntities(
  shrunk: ShrinkCase,
  change: (graph: CaseGraph, side: "node" | "edge", properties: Properties, at: number) => Properties,
): ShrinkCase {
  return mapGraphs(shrunk, (graph) => ({
    ...graph,
    nodes: graph.nodes.map((node, at) => ({ ...node, properties: change(graph, "node", node.properties, at) })),
    edges: graph.edges.map((edge, at) => ({ ...edge, properties: change(graph, "edge", edge.properties, at) })),
  }));
}

async function labelsPass(shrunk: ShrinkCase, shows: CaseShows): Promise<ShrinkCase> {
  const id = (graph: CaseGraph, node: NodeRecord, label: string): string =>
    JSON.stringify([graph.name, node.id, label]);
  const labels = shrunk.graphs.flatMap((graph) =>
    graph.nodes.flatMap((node) => node.labels.map((label) => id(graph, node, label))),
  );
  const build = (kept: ReadonlySet<string>): ShrinkCase =>
    mapGraphs(shrunk, (graph) => ({
      ...graph,
      nodes: graph.nodes.map((node) => ({
        ...node,
        labels: node.labels.filter((label) => kept.has(id(graph, node, label))),
      })),
    }));
  return await without(labels, build, shows);
}

/** Values become the simplest of their type; text that cannot, at least a row of one letter. */
async function valuesPass(shrunk: ShrinkCase, shows: CaseShows): Promise<ShrinkCase> {
  return await simplify(await simplify(shrunk, simplest, shows), plainText, shows);
}

async function simplify(shrunk: ShrinkCase, simpler: (value: Value) => Value, shows: CaseShows): Promise<ShrinkCase> {
  const places: string[] = [];
  const id = (graph: CaseGraph, side: string, at: number, name: string): string =>
    JSON.stringify([graph.name, side, at, name]);
  mapEntities(shrunk, (graph, side, properties, at) => {
    for (const [name, value] of Object.entries(properties))
      if (simpler(value) !== value) places.push(id(graph, side, at, name));
    return properties;
  });
  const build = (kept: ReadonlySet<string>): ShrinkCase =>
    mapEntities(shrunk, (graph, side, properties, at) =>
      Object.fromEntries(
        Object.entries(properties).map(([name, value]) => [
          name,
          kept.has(id(graph, side, at, name)) ? value : simpler(value),
        ]),
      ),
    );
  return await without(places, build, shows);
}

export function simplest(value: Value): Value {
  if (typeof value === "string") return value.length <= 1 ? value : "a";
  if (typeof value === "number") return value === 0 ? value : 1;
  if (typeof value === "bigint") return 1;
  if (value instanceof Double) return value.value === 1 || value.value === 0 ? value : new Double(1);
  if (value instanceof Float32Array) {
    if (value.length === 1 && value[0] === 1) return value;
    return Float32Array.of(1);
  }
  if (Array.isArray(value)) {
    const [first, ...more] = value as readonly Value[];
    return more.length === 0 || first === undefined ? value : [first];
  }
  return value;
}

function plainText(value: Value): Value {
  return typeof value === "string" && /[^a]/.test(value) ? "a".repeat(Buffer.byteLength(value)) : value;
}

/** Shorter text is only looked for from here on. */
const longText = 16;

/** A long text of one letter becomes as short as possible, if what shows the finding is its length. */
async function lengthsPass(start: ShrinkCase, shows: CaseShows): Promise<ShrinkCase> {
  let shrunk = start;
  const lengths = new Set<number>();
  const isLong = (value: Value): value is string =>
    typeof value === "string" && value.length > longText && !/[^a]/.test(value);
  mapEntities(start, (_graph, _side, properties) => {
    for (const value of Object.values(properties)) if (isLong(value)) lengths.add(value.length);
    return properties;
  });
  for (const length of lengths) {
    let [low, high] = [1, length];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const candidate = mapEntities(shrunk, (_graph, _side, properties) =>
        Object.fromEntries(
          Object.entries(properties).map(([name, value]) => [
            name,
            isLong(value) && value.length === high ? "a".repeat(middle) : value,
          ]),
        ),
      );
      if (await shows(candidate)) [shrunk, high] = [candidate, middle];
      else low = middle + 1;
    }
  }
  return shrunk;
}

async function serverPass(shrunk: ShrinkCase, shows: CaseShows): Promise<ShrinkCase> {
  return await without(
    Object.keys(shrunk.server),
    (kept) => ({
      ...shrunk,
      server: Object.fromEntries(Object.entries(shrunk.server).filter(([name]) => kept.has(name))),
    }),
    shows,
  );
}
