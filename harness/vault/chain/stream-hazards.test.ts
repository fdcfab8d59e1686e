import { describe, expect, it } from "vitest";
import { encodeCommand } from "../../falkordb/client/encode-command.ts";
import { CommandParser, type StreamCommand } from "../../falkordb/replication/replication-commands.ts";
import { hazardOf } from "./stream-hazards.ts";

function command(...words: readonly string[]): StreamCommand {
  const [found] = new CommandParser(50).push(encodeCommand(words));
  if (found === undefined) throw new Error("no command");
  return found;
}

describe("replays exactly", () => {
  it.each([
    [["PING"]],
    [["SELECT", "3"]],
    [["GRAPH.EFFECT", "g", "\u0001"]],
    [["graph.delete", "g"]],
    [["GRAPH.RESTORE", "copy", "..."]],
    [["GRAPH.CONSTRAINT", "CREATE", "g", "UNIQUE", "NODE", "L", "PROPERTIES", "1", "id"]],
    [["FLUSHALL"]],
    [["SET", "k", "v"]],
    [["GRAPH.QUERY", "g", "CREATE INDEX FOR (p:Person) ON (p.id)"]],
    [["GRAPH.QUERY", "g", " create fulltext index for (e:E) on (e.a, e.b)"]],
    [["GRAPH.QUERY", "g", "DROP INDEX ON :Person(id)"]],
    [["GRAPH.QUERY", "g", "CALL db.idx.fulltext.createNodeIndex({label: 'L', stopwords: ['the']}, 'name')"]],
  ])("%j", (words) => {
    expect(hazardOf(command(...words))).toBeUndefined();
  });
});

describe("may do something else", () => {
  it.each([
    [["GRAPH.QUERY", "g", "MATCH (n) WITH n LIMIT 10 SET n.x = 1"], "query-text"],
    [["GRAPH.QUERY", "g", "LOAD CSV FROM 'file://x.csv' AS row CREATE (:R)"], "query-text"],
    [["GRAPH.QUERY", "g", "CYPHER x=1 CREATE (:A {x: $x})"], "query-text"],
    [["GRAPH.QUERY", "g", "CALL db.idx.fulltext.queryNodes('L', 'a') YIELD node SET node.x = 1"], "query-text"],
    [["GRAPH.QUERY", "g", "CALL db.idx.fulltext.createNodeIndex('L', 'a') CREATE (:A)"], "query-text"],
    [["GRAPH.PROFILE", "g", "CREATE (:A)"], "query-text"],
    [["RESTORE", "g", "0", "..."], "graph-restored"],
    [["SWAPDB", "0", "1"], "graph-restored"],
    [["JSON.SET", "k", "$", "1"], "unknown-command"],
  ])("%j is %s", (words, kind) => {
    expect(hazardOf(command(...words))).toMatchObject({ kind, offset: 50 });
  });
});
