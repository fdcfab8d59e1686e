// Mismatches between FalkorDB 4.16 and the stream that it sends its replicas: changes replicated so that they replay to
// something else, and changes not replicated at all. Each is reproduced on a graph of its own.

import { waitForIdleFork } from "../../../falkordb/client/fork-wait.ts";
import {
  asText,
  bulkNodes,
  constrain,
  failedLabel,
  failing,
  inDatabases,
  limited,
  loadCsv,
  outOfOrder,
  settleTimeoutMs,
  type QuirkSetup,
  write,
} from "./quirk-setup.ts";

export interface Trap {
  readonly name: string;
  /** Expected reaction of a chain: it holds what happened, or it has to be restarted with a full backup. */
  readonly answer: "chain" | "full backup";
  /** The query text would replay correctly, but that cannot be seen from the text. */
  readonly isCautious?: true;
  readonly needsImports?: true;
  /** Content of the base backup. */
  readonly before?: (stage: QuirkSetup, graph: string) => Promise<void>;
  readonly play: (stage: QuirkSetup, graph: string) => Promise<void>;
}

/** Runs longer than the query timeout of the server that a chain is restored into. */
const slow = "UNWIND range(1, 1500000) AS i WITH sum(i % 7) AS total CREATE (:Slow {total: total, at: rand()})";
export const restoreTimeoutMs = 100;

export const traps: readonly Trap[] = [
  {
    name: "EFFECTS_THRESHOLD set by another client",
    answer: "full backup",
    before: outOfOrder,
    play: (stage, graph) => asText(stage, () => write(stage, graph, limited)),
  },
  {
    name: "LIMIT without an order",
    answer: "chain",
    before: outOfOrder,
    play: (stage, graph) => write(stage, graph, limited),
  },
  {
    name: "LOAD CSV of a file that is gone",
    answer: "chain",
    needsImports: true,
    play: loadCsv,
  },
  {
    name: "LOAD CSV replicated as text",
    answer: "full backup",
    needsImports: true,
    play: (stage, graph) => asText(stage, () => loadCsv(stage, graph)),
  },
  {
    name: "a query that takes longer than a replay may",
    answer: "chain",
    play: (stage, graph) => write(stage, graph, slow),
  },
  {
    name: "a failed query that leaves a label",
    answer: "full backup",
    play: async (stage, graph) => {
      await failedLabel(stage, graph);
      await write(stage, graph, "CREATE (:Later {i: 1})", "MATCH (n:Later) SET n:Last");
    },
  },
  {
    // Replicas know the label id, but under another name.
    name: "a failed query that leaves a label, and an index after it",
    answer: "full backup",
    play: async (stage, graph) => {
      await failedLabel(stage, graph);
      await write(stage, graph, "CREATE INDEX FOR (n:Other) ON (n.i)", "CREATE (:Ghost {i: 2})");
    },
  },
  {
    name: "a failed query that leaves a relationship type",
    answer: "full backup",
    play: async (stage, graph) => {
      await write(
        stage,
        graph,
        "CREATE (:N {i: 1})-[:FIRST]->(:N {i: 2})",
        "CREATE INDEX FOR ()-[r:FIRST]-() ON (r.id)",
      );
      await constrain(stage, graph, "UNIQUE", "RELATIONSHIP", "FIRST", "id");
      await write(stage, graph, "MATCH (a:N {i: 1}), (b:N {i: 2}) CREATE (a)-[:FIRST {id: 1}]->(b)");
      const twice = "MATCH (a:N {i: 1}), (b:N {i: 2}) CREATE (a)-[:GHOST]->(b), (a)-[:FIRST {id: 1}]->(b)";
      await failing(stage, graph, twice);
      await write(stage, graph, "MATCH (a:N {i: 1}), (b:N {i: 2}) CREATE (a)-[:LATER]->(b)");
    },
  },
  {
    name: "a query that finds nothing and leaves a property key",
    answer: "full backup",
    play: (stage, graph) =>
      write(
        stage,
        graph,
        "CREATE (:N {i: 1})",
        "MATCH (n:Nothing) CREATE (:N {ghost: 1})",
        "CREATE (:N {later: 'text'})",
      ),
  },
  {
    name: "an index that a writing query makes",
    answer: "full backup",
    isCautious: true,
    play: (stage, graph) =>
      write(
        stage,
        graph,
        "CREATE (:N {text: 'one'})",
        "CALL db.idx.fulltext.createNodeIndex('N', 'text') CREATE (:N {text: 'two'})",
      ),
  },
  {
    name: "GRAPH.COPY",
    answer: "chain",
    play: async (stage, graph) => {
      const { connection, signal } = stage;
      await write(
        stage,
        graph,
        "CREATE INDEX FOR (n:N) ON (n.i)",
        "UNWIND range(1, 100) AS i CREATE (:N {i: i})-[:TO]->(:M)",
      );
      // While another child of the server runs, a copy hangs forever.
      await waitForIdleFork(connection, { timeoutMs: settleTimeoutMs, signal, exit: "inconclusive" });
      await connection.command("GRAPH.COPY", graph, `${graph} copied`);
      await write(
        stage,
        `${graph} copied`,
        "CREATE (:Fresh {key: 1})-[:NEW]->(:N)",
        "MATCH (n:N) WHERE n.i > 90 SET n.i = -n.i",
      );
    },
  },
  {
    name: "GRAPH.BULK",
    answer: "chain",
    play: async (stage, graph) => {
      await stage.connection.command("GRAPH.BULK", graph, "BEGIN", 100, 0, 1, 0, bulkNodes("Bulk:Both", "number", 100));
      await write(stage, graph, "MATCH (n:Both) WHERE n.number < 50 SET n.later = n.number, n:Third");
      await stage.connection.command("GRAPH.BULK", graph, 10, 0, 1, 0, bulkNodes("Fourth", "number", 10));
      await write(stage, graph, "MATCH (n:Fourth) SET n:Bulk, n.fifth = 1");
    },
  },
  {
    name: "constraints",
    answer: "chain",
    play: async (stage, graph) => {
      await write(
        stage,
        graph,
        "CREATE INDEX FOR (n:N) ON (n.id)",
        "CREATE (:N {id: 1, name: 'a'}), (:N {id: 2, name: 'b'})",
      );
      await constrain(stage, graph, "UNIQUE", "NODE", "N", "id");
      await constrain(stage, graph, "MANDATORY", "NODE", "N", "name");
      await constrain(stage, graph, "MANDATORY", "NODE", "Unheard", "key");
      await write(stage, graph, "CREATE (:Unheard {key: 1})");
      await failing(stage, graph, "CREATE (:N {id: 1, name: 'c'})");
      await write(stage, graph, "CREATE (:N {id: 3, name: 'c'})");
    },
  },
  {
    name: "index statements",
    answer: "chain",
    play: (stage, graph) =>
      write(
        stage,
        graph,
        "CREATE INDEX FOR (p:Person) ON (p.id, p.`full name`)",
        "CREATE INDEX FOR ()-[r:KNOWS]-() ON (r.since)",
        "CREATE FULLTEXT INDEX FOR (p:Text) ON (p.body)",
        "CREATE VECTOR INDEX FOR (p:Vector) ON (p.v) OPTIONS {dimension: 2, similarityFunction: 'cosine'}",
        "CALL db.idx.fulltext.createNodeIndex({label: 'Old', stopwords: ['the']}, 'title', {field: 'body', weight: 2})",
        "CREATE (:Person {id: 1, `full name`: 'a'})-[:KNOWS {since: 1}]->(:Text {body: 'b'})",
        "CREATE (:Vector {name: 'c'}), (:Old {title: 'the one'}), (:Newest {key: 1})",
        "DROP INDEX ON :Person(id)",
        "CALL db.idx.fulltext.drop('Old')",
      ),
  },
  {
    name: "functions in JavaScript",
    answer: "chain",
    play: async (stage, graph) => {
      await stage.connection.command(
        "GRAPH.UDF",
        "LOAD",
        "REPLACE",
        "drill",
        "function twice(x) { return 2 * x; } falkor.register('twice', twice);",
      );
      await write(stage, graph, "UNWIND range(1, 10) AS i CREATE (:N {i: drill.twice(i)})");
    },
  },
  {
    name: "a graph deleted and created again",
    answer: "chain",
    play: async (stage, graph) => {
      await write(stage, graph, "CREATE (:A {x: 1}), (:B {y: 1})");
      await stage.connection.command("GRAPH.DELETE", graph);
      await write(stage, graph, "CREATE (:C {z: 1})", "MATCH (n:C) SET n:A, n.x = timestamp()");
      await write(stage, `${graph} renamed`, "CREATE (:D {w: 1})");
      await stage.connection.command("RENAME", `${graph} renamed`, graph);
      await write(stage, graph, "CREATE (:D {w: 2, x: 3})");
    },
  },
  {
    name: "a graph that a read made",
    answer: "full backup",
    play: async (stage, graph) => {
      await write(stage, graph, "MATCH (n) RETURN n");
      await write(stage, `${graph} beside`, "CREATE (:N)");
    },
  },
  {
    name: "a graph that a read made, deleted",
    answer: "full backup",
    play: async (stage, graph) => {
      await write(stage, graph, "MATCH (n) RETURN n");
      await stage.connection.command("GRAPH.DELETE", graph);
    },
  },
  {
    name: "several databases",
    answer: "chain",
    play: (stage, graph) =>
      inDatabases(stage, [3, 0, 3], (database) =>
        write(
          stage,
          `${graph} in ${database}`,
          `CREATE (:In${database} {key${database}: rand()})-[:TO${database}]->(:Also)`,
        ),
      ),
  },
  {
    name: "a constraint in another database",
    answer: "full backup",
    play: (stage, graph) =>
      inDatabases(stage, [4], async () => {
        await write(stage, graph, "CREATE INDEX FOR (n:N) ON (n.id)", "CREATE (:N {id: 1})");
        await constrain(stage, graph, "UNIQUE", "NODE", "N", "id");
      }),
  },
  {
    name: "FLUSHDB of another database",
    answer: "chain",
    play: (stage, graph) =>
      inDatabases(stage, [4, 5], async (database) => {
        await stage.connection.command("FLUSHDB");
        await write(stage, `${graph} in ${database}`, "CREATE (:Anew {x: 1})");
      }),
  },
  {
    name: "FLUSHALL",
    answer: "chain",
    play: async (stage, graph) => {
      await stage.connection.command("FLUSHALL");
      await write(stage, graph, "CREATE (:Anew {x: timestamp()})-[:AFTER]->(:All)");
    },
  },
];
