import { describe, expect, it } from "vitest";
import { dropsIndex, indexNames } from "./index-names.ts";

describe("the names in a statement that makes an index", () => {
  it.each([
    ["CREATE INDEX FOR (p:Person) ON (p.id)", "labels", "Person", ["id"]],
    ["create index for (p:Person) on (p.id, p.`full name`);", "labels", "Person", ["id", "full name"]],
    [" CREATE  FULLTEXT\nINDEX FOR (:`My Label`) ON (e.a)", "labels", "My Label", ["a"]],
    ["CREATE INDEX FOR ()-[r:KNOWS]-() ON (r.since, r.żółw)", "types", "KNOWS", ["since", "żółw"]],
    ["CREATE INDEX FOR ()-[r:KNOWS]->() ON (r.since)", "types", "KNOWS", ["since"]],
    ["CREATE INDEX FOR ()<-[r:KNOWS]-() ON (r.since)", "types", "KNOWS", ["since"]],
    [
      "CREATE VECTOR INDEX FOR (v:V) ON (v.v) OPTIONS {dimension: 2, similarityFunction: 'cosine'}",
      "labels",
      "V",
      ["v"],
    ],
    ["CREATE INDEX ON :Person(id, name)", "labels", "Person", ["id", "name"]],
    ["CALL db.idx.fulltext.createNodeIndex('L', 'a', \"b\")", "labels", "L", ["a", "b"]],
    [
      "CALL db.idx.fulltext.createNodeIndex({label: 'L', stopwords: ['the', 'a']}, {field: 'a', weight: 2}, 'b')",
      "labels",
      "L",
      ["a", "b"],
    ],
  ])("%s", (statement, kind, name, propertyKeys) => {
    expect(indexNames(statement)).toEqual({ kind, name, propertyKeys });
  });

  it.each([
    "MATCH (n) RETURN n",
    "CREATE (:A)",
    "CALL db.idx.fulltext.createNodeIndex('L', 'a') CREATE (:A)",
    "CALL db.idx.fulltext.createNodeIndex($label, 'a')",
    "CALL db.idx.fulltext.createNodeIndex('it\\'s', 'a')",
    "CREATE INDEX FOR (p:Person) ON (p.`a,b`)",
  ])("are not known in %s", (statement) => {
    expect(indexNames(statement)).toBeUndefined();
  });

  it.each([
    ["DROP INDEX ON :Person(id)", true],
    ["drop fulltext index for (p:Person) ON (p.id)", true],
    ["CALL db.idx.fulltext.drop('L')", true],
    ["CREATE INDEX ON :Person(id)", false],
  ])("are not added by %s: %s", (statement, drops) => {
    expect(dropsIndex(statement)).toBe(drops);
  });
});
