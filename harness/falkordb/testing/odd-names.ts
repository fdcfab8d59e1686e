// A graph with names that no query can write, as a bulk load of a file with such headings makes it.
import type { Connection } from "../client/connection.ts";

export const oddNames = { label: "A`B", type: "R`R", text: "p`t", double: "d`d" } as const;
const oddText = "hello12345 world";

/** Two nodes and an edge between them; a full-text index on the nodes. */
export async function loadOddNames(connection: Connection, graph: string, double = 0.1): Promise<void> {
  const { label, type, text } = oddNames;
  const names = Buffer.concat([u32(2), z(text), z(oddNames.double)]);
  const values = (string: string, number: number): Buffer =>
    Buffer.concat([Buffer.from([bulkString]), z(string), Buffer.from([bulkDouble]), f64(number)]);
  const nodes = Buffer.concat([z(label), names, values(oddText, double), values("other23456", 1 / 3)]);
  const edges = Buffer.concat([z(type), names, u64(0), u64(1), values("edge98765", 0.7)]);
  await connection.command("GRAPH.BULK", graph, "BEGIN", 2, 1, 1, 1, nodes, edges);
  await connection.query(graph, `CALL db.idx.fulltext.createNodeIndex('${label}', '${text}')`);
}

const bulkDouble = 2;
const bulkString = 3;

function z(text: string): Buffer {
  return Buffer.from(`${text}\0`);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function f64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}
