import { expect, test } from "vitest";
import { CypherValue, Double } from "../../generators/model.ts";
import { probeQueryFor } from "../observe/probe-query.ts";
import { contentStatements, schemaStatements } from "./case-cypher.ts";
import { caseDataset, generatedGraphs } from "./case-dataset.ts";
import { caseOf, caseSchema, storedCase } from "./case-file.ts";
import { scriptLinesMax, scriptOf } from "./script.ts";
import type { ShrinkCase } from "./shrink-case.ts";
import { shrunkSystem } from "./shrunk-system.ts";

test("a case comes back from its file with the types of all edge values", () => {
  const options = {
    seed: 3,
    nodes: 150,
    shape: "personal",
    variant: "edge-values",
    dims: 4,
    schema: "post1856",
  } as const;
  // Without the texts of a megabyte.
  const graphs = generatedGraphs(options).map((graph) => {
    const isShort = ({ properties }: { readonly properties: object }): boolean =>
      Object.values(properties).every((value) => typeof value !== "string" || value.length < 1000);
    return Object.assign({}, graph, { nodes: graph.nodes.filter(isShort), edges: graph.edges.filter(isShort) });
  });
  const whole: ShrinkCase = { graphs, operations: [{ kind: "save" }], server: { appendonly: "yes" } };
  const read = caseOf(caseSchema.parse(JSON.parse(JSON.stringify(storedCase(whole)))));
  expect(read).toEqual(whole);
  const doubles = read.graphs.flatMap(({ nodes }) => nodes.flatMap(({ properties }) => Object.values(properties)));
  expect(doubles.some((value) => value instanceof Double && Object.is(value.value, -0))).toBe(true);
});

const tiny: ShrinkCase = {
  graphs: [
    {
      name: "it's",
      nodes: [
        {
          id: 3,
          labels: ["A", "odd name"],
          properties: { text: "a \"b\"\n'c'", at: new CypherValue("date", "date('2020-01-01')", "x") },
        },
        {
          id: 9,
          labels: [],
          properties: { v: Float32Array.of(0.5, 1), none: new Double(0), list: [1, 2n ** 60n, true] },
        },
      ],
      edges: [{ type: "T", source: 3, target: 9, properties: {} }],
      indexes: [{ entity: "node", label: "A", range: ["text"], fulltext: [] }],
      constraints: [{ kind: "MANDATORY", entity: "node", label: "A", properties: ["text"] }],
    },
  ],
  operations: [],
  server: {},
};

test("the first question to a restored server finds a node without labels too", () => {
  const node = { id: 0, labels: [], properties: { uuid: "u" } };
  const graphs = [{ name: "g", nodes: [node], edges: [], indexes: [], constraints: [] }];
  expect(probeQueryFor(caseDataset({ graphs }, 1))?.cypher).toBe("MATCH (n {uuid: $uuid}) RETURN n.uuid");
});

test("a small case is created by one statement", () => {
  const [graph] = tiny.graphs;
  expect(graph && contentStatements(graph)).toEqual([
    `CREATE (n3:A:\`odd name\` {text: "a \\"b\\"\n'c'", at: date('2020-01-01')}), ` +
      "(n9 {v: vecf32([0.5,1.0]), none: 0.0, list: [1, 1152921504606846976, true]}), (n3)-[:T]->(n9)",
  ]);
  expect(graph && schemaStatements(graph.indexes)).toEqual(["CREATE INDEX FOR (e:A) ON (e.text)"]);
});

test(`a script has at most ${scriptLinesMax} lines, with each line end of a text escaped`, () => {
  const graphs = Array.from({ length: 20 }, (_, at) => ({
    ...(tiny.graphs[0] as ShrinkCase["graphs"][number]),
    name: `g${at}`,
  }));
  const programs = { backup: "./backup.sh", restore: "./restore.sh", cwd: "ops", env: { MODE: "a b" } };
  const check = {
    query: ["GRAPH.RO_QUERY", "g0", "MATCH (n) RETURN count(n)"] as const,
    expected: "[[2]]",
    actual: "[[0]]",
  };
  const system = shrunkSystem("nightly", undefined, { programs });
  const text = scriptOf({
    sentence: "It is lost.",
    shrunk: { ...tiny, graphs },
    system,
    isEngine: false,
    code: "node-missing",
    check,
  });
  const lines = text.trimEnd().split("\n");
  expect(lines.length).toBeLessThanOrEqual(scriptLinesMax);
  expect(lines).toEqual(
    expect.arrayContaining(["./backup.sh", "./restore.sh", "# expected: [[2]]", "# actual:   [[0]]"]),
  );
});
