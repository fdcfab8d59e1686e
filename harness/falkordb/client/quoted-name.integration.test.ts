// Names as the engine reads them back: what has to be quoted, what must not be, and what no query can write.
import { afterAll, beforeAll, expect, it } from "vitest";
import { embeddedEngines } from "../../engine/embedded.ts";
import { loadOddNames, oddNames } from "../testing/odd-names.ts";
import { connect, type Connection } from "./connection.ts";
import { isQuotable, matchOf, propertyOf, quotedName } from "./quoted-name.ts";

const resources = new AsyncDisposableStack();
let connection: Connection;

beforeAll(async () => {
  const engine = resources.use(await embeddedEngines().start({ name: "names" }));
  connection = resources.use(await connect(engine.endpoint));
});
afterAll(() => resources.disposeAsync());

const names = [
  "plain",
  "",
  " ",
  "a b",
  "a\nb",
  "a\\b",
  "a'b",
  'a"b',
  "1a",
  "a:b",
  "a.b",
  "$a",
  "__proto__",
  "e",
  "n",
  "MATCH",
  "null",
  "TRUE",
  "nan",
  "inf",
  "count",
  "exists",
  "CASE",
  "and",
  "in",
  "contains",
  "ON",
  "index",
  "NODE",
  "é",
  "é".normalize("NFD"),
  "über",
  "日本",
  "😀",
  "a\u2028b",
  "\u202E",
];

it.each(names)("the name %j comes back as it was written, and its indexes can be made and dropped", async (name) => {
  await connection.command("FLUSHALL");
  const n = quotedName(name);
  // An index on a property without a name ends the engine (4.16.3: an assertion in IndexField_Init).
  const p = name === "" ? "plain" : n;
  const statements = [
    `CREATE (:${n} {${n}: 1})-[:${n} {${n}: 2}]->(:Other)`,
    `CREATE INDEX FOR (e:${n}) ON (e.${p})`,
    `CREATE FULLTEXT INDEX FOR (e:${n}) ON (e.${p})`,
    `DROP FULLTEXT INDEX FOR (e:${n}) ON (e.${p})`,
    `DROP INDEX FOR (e:${n}) ON (e.${p})`,
    `CREATE INDEX FOR ()-[e:${n}]-() ON (e.${p})`,
  ];
  for (const statement of statements) await connection.query("g", statement);
  const read = "MATCH (n)-[r]->() RETURN labels(n)[0], keys(n)[0], type(r), keys(r)[0]";
  expect((await connection.roQuery("g", read)).rows).toEqual([[name, name, name, name]]);
  for (const [entity, value] of [
    ["NODE", 1],
    ["RELATIONSHIP", 2],
  ] as const) {
    const found = `${matchOf(entity, name)} WHERE ${propertyOf("e", name)} = ${value} RETURN ${propertyOf("e", name)}`;
    expect((await connection.roQuery("g", found)).rows).toEqual([[value]]);
  }
});

it("a name with a backtick is no part of a query, and what bears it is found all the same", async () => {
  await connection.command("FLUSHALL");
  await loadOddNames(connection, "odd");
  const { label, type, double } = oddNames;
  for (const name of [label, "``", "`", "a\\`b", "a\0b"]) {
    expect(isQuotable(name)).toBe(false);
    expect(() => quotedName(name)).toThrow("no query of FalkorDB can write the name");
  }
  await expect(connection.roQuery("odd", "MATCH (e:`A``B`) RETURN count(e)")).rejects.toThrow("Invalid input");
  for (const [entity, name, values] of [
    ["NODE", label, [[0.1], [0.333333333333333]]],
    ["RELATIONSHIP", type, [[0.7]]],
  ] as const) {
    const query = `${matchOf(entity, name)} WHERE ${propertyOf("e", double)} > 0 RETURN ${propertyOf("e", double)}`;
    expect((await connection.roQuery("odd", query)).rows).toEqual(values);
    const none = `${matchOf(entity, `${name}x`)} RETURN count(e)`;
    expect((await connection.roQuery("odd", none)).rows).toEqual([[0]]);
  }
});
