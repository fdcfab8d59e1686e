// Single changes of a restored graph that a judge must see, and the codes of the findings.
export const graph = "sales_emea";
export const anEntity = "MATCH (n:Entity) WHERE n.name_embedding IS NOT NULL WITH n ORDER BY n.uuid LIMIT 1";
const aFact = "MATCH (a)-[r:RELATES_TO]->(b) WITH a, r, b ORDER BY r.uuid LIMIT 1";
const copyOfFact = "CREATE (a)-[x:RELATES_TO]->(b) SET x = properties(r), x.fact_embedding = r.fact_embedding";

export interface Mutation {
  readonly title: string;
  readonly queries?: readonly string[];
  readonly commands?: readonly (readonly [string, ...string[]])[];
  readonly expects: readonly string[];
}

export const mutations: readonly Mutation[] = [
  {
    title: "one property changed",
    queries: [`${anEntity} SET n.summary = n.summary + ' '`],
    expects: ["node-changed"],
  },
  {
    title: "one property removed",
    queries: [`${anEntity} SET n.created_at = NULL`],
    expects: ["node-changed", "invariant-H2"],
  },
  {
    title: "a property added",
    queries: [`${anEntity} SET n.pagerank = 0.5`],
    expects: ["node-changed", "property-count-differs"],
  },
  {
    title: "text in place of a number",
    queries: ["MATCH (n) WHERE typeof(n.weight) = 'Float' WITH n LIMIT 1 SET n.weight = tojson(n.weight)"],
    expects: ["node-changed", "property-type-differs", "double-differs"],
  },
  {
    title: "the last bit of a double",
    queries: [
      "MATCH ()-[r]->() WHERE typeof(r.confidence) = 'Float' AND r.confidence > 0.25 WITH r LIMIT 1 SET r.confidence = r.confidence + 0.00000000000000006",
    ],
    expects: ["double-differs"],
  },
  {
    title: "a whole double becomes an integer",
    queries: ["MATCH (n) WHERE typeof(n.rating) = 'Float' WITH n LIMIT 1 SET n.rating = toInteger(n.rating)"],
    expects: ["node-changed", "property-type-differs"],
  },
  { title: "uuid changed", queries: [`${anEntity} SET n.uuid = 'x'`], expects: ["node-missing", "node-extra"] },
  {
    title: "a node dropped",
    queries: ["MATCH (n:Episodic)-[:MENTIONS]->() WITH n ORDER BY n.uuid LIMIT 1 DETACH DELETE n"],
    expects: ["node-missing", "edge-missing", "node-count-differs"],
  },
  {
    title: "a node added",
    queries: ["CREATE (:Entity {uuid: 'new', name: 'new'})"],
    expects: ["node-extra", "node-count-differs"],
  },
  { title: "an edge dropped", queries: [`${aFact} DELETE r`], expects: ["edge-missing", "edge-count-differs"] },
  {
    title: "an edge doubled",
    queries: [`${aFact} ${copyOfFact}`],
    expects: ["edge-extra", "edge-count-differs", "invariant-H1"],
  },
  {
    title: "an edge turned round",
    queries: [
      `MATCH (a)-[r:RELATES_TO]->(b) WHERE a.uuid <> b.uuid WITH a, r, b ORDER BY r.uuid LIMIT 1 CREATE (b)-[x:RELATES_TO]->(a) SET x = properties(r), x.fact_embedding = r.fact_embedding DELETE r`,
    ],
    expects: ["edge-changed", "invariant-H7"],
  },
  {
    title: "an edge pointed at another node",
    queries: [
      `${aFact} MATCH (c:Entity) WHERE c.uuid <> b.uuid WITH a, r, c ORDER BY c.uuid LIMIT 1 CREATE (a)-[x:RELATES_TO]->(c) SET x = properties(r), x.fact_embedding = r.fact_embedding DELETE r`,
    ],
    expects: ["edge-changed", "invariant-H7"],
  },
  {
    title: "an edge of another type",
    queries: [
      "MATCH (a)-[r:MENTIONS]->(b) WITH a, r, b ORDER BY r.uuid LIMIT 1 CREATE (a)-[x:RELATES_TO]->(b) SET x = properties(r) DELETE r",
    ],
    expects: ["edge-changed", "edge-count-differs", "invariant-H7"],
  },
  {
    title: "a label lost",
    queries: ["MATCH (n:Person) WITH n LIMIT 1 REMOVE n:Person"],
    expects: ["node-changed", "node-count-differs", "invariant-H8"],
  },
  {
    title: "labels swapped",
    queries: ["MATCH (n:Community) WITH n LIMIT 1 REMOVE n:Community SET n:Saga"],
    expects: ["node-changed"],
  },
  {
    title: "an item of a list changed",
    queries: [
      "MATCH (n:Episodic) WHERE size(n.entity_edges) > 0 WITH n LIMIT 1 SET n.entity_edges = tail(n.entity_edges)",
    ],
    expects: ["node-changed", "invariant-H11"],
  },
  {
    title: "a list in another order",
    queries: [
      "MATCH (n:Episodic) WHERE size(n.entity_edges) > 1 WITH n LIMIT 1 SET n.entity_edges = reverse(n.entity_edges)",
    ],
    expects: ["node-changed"],
  },
  {
    title: "one component of a vector changed",
    queries: [`${anEntity} SET n.name_embedding = vecf32([0.9,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0])`],
    expects: ["vector-bytes-differ", "vector-moved", "vector-differs-from-source"],
  },
  {
    title: "a vector of another dimension",
    queries: [`${anEntity} SET n.name_embedding = vecf32([1, 2, 3])`],
    expects: ["vectors-unreadable"],
  },
  {
    title: "a vector as a list",
    queries: [`${anEntity} SET n.name_embedding = [1.0, 2.0]`],
    expects: ["node-changed", "property-type-differs", "vector-count-differs", "invariant-H9"],
  },
  {
    title: "invalid_at lost",
    queries: ["MATCH ()-[r:RELATES_TO]->() WHERE r.expired_at IS NOT NULL WITH r LIMIT 1 SET r.invalid_at = NULL"],
    expects: ["edge-changed", "invariant-H3"],
  },
  { title: "an index dropped", queries: ["DROP INDEX ON :Entity(created_at)"], expects: ["index-fields-differ"] },
  {
    title: "an edge index dropped",
    queries: ["DROP INDEX FOR ()-[e:MENTIONS]-() ON (e.uuid)", "DROP INDEX FOR ()-[e:MENTIONS]-() ON (e.group_id)"],
    expects: ["index-missing"],
  },
  {
    title: "other stopwords",
    queries: [
      "DROP INDEX ON :Community(uuid)",
      "CALL db.idx.fulltext.drop('Community')",
      "CREATE INDEX FOR (n:Community) ON (n.uuid)",
      "CALL db.idx.fulltext.createNodeIndex({label: 'Community', stopwords: ['foo']}, 'name', 'group_id')",
    ],
    expects: ["index-stopwords-differ"],
  },
  {
    title: "an index too many",
    queries: ["CREATE INDEX FOR (n:Saga) ON (n.summary)"],
    expects: ["index-fields-differ"],
  },
  {
    title: "a constraint too many",
    commands: [["GRAPH.CONSTRAINT", "CREATE", graph, "UNIQUE", "NODE", "Entity", "PROPERTIES", "1", "uuid"]],
    expects: ["constraint-unexpected"],
  },
  { title: "a graph lost", commands: [["GRAPH.DELETE", graph]], expects: ["graph-missing"] },
  { title: "an empty graph lost", commands: [["GRAPH.DELETE", "default_db"]], expects: ["graph-missing"] },
  { title: "a graph too many", commands: [["GRAPH.QUERY", "surprise", "RETURN 1"]], expects: ["graph-unexpected"] },
];

/** Those that differ most in how they are read; each other change is for the night. */
const often = new Set([
  "text in place of a number",
  "an edge pointed at another node",
  "one component of a vector changed",
  "an edge index dropped",
]);
export const mutationsByDay: readonly Mutation[] = mutations.filter(({ title }) => often.has(title));
