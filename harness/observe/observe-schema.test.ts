import { expect, it } from "vitest";
import type { Connection } from "../falkordb/client/connection.ts";
import { readSchemas } from "./observe-schema.ts";

const text = (value: string): unknown[] => [2, value];
const rows = (...all: unknown[][]): unknown[] => [[], all, []];

it("an index that the engine reports without fields, while it is created, is asked for again", async () => {
  let asked = 0;
  const reply = (query: string): unknown[] => {
    if (!query.includes("db.indexes")) return rows();
    const types = asked++ === 0 ? [] : ["name", [6, [text("RANGE")]]];
    return rows([text("NODE"), text("Saga"), [10, types], [6, []], [1], text("OPERATIONAL"), [10, []], [6, []]]);
  };
  const pipeline: Connection["pipeline"] = (commands) =>
    Promise.resolve(commands.map(([, , query]) => reply(String(query))));
  const [schema] = await readSchemas({ pipeline } as Connection, ["g"]);
  expect(schema?.indexes.map(({ label, fields }) => [label, fields])).toEqual([["Saga", { name: ["RANGE"] }]]);
  expect(asked).toBe(2);
});
