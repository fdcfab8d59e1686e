// Rows are read right wherever the network cuts the reply. A small TCP server plays the engine: it can cut at will.
import { createServer, type Server, type Socket } from "node:net";
import { expect, test } from "vitest";
import { EntityRow } from "../../check/fingerprint/entity-row.ts";
import { NameTable } from "../../check/fingerprint/names.ts";
import type { GraphSchema } from "../../observe/observe-schema.ts";
import { type EntityIds, nodeReader } from "../../observe/read-entities.ts";
import { ReadStream } from "./read-stream.ts";

const bulk = (text: string): string => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
const array = (...items: string[]): string => `*${items.length}\r\n${items.join("")}`;
const integer = (value: number): string => `:${value}\r\n`;
const property = (key: number, type: number, value: string): string => array(integer(key), integer(type), value);
const nodeRow = (id: number, ...properties: string[]): string =>
  array(array(integer(8), array(integer(id), array(integer(0)), array(...properties))));

const long = "ü".repeat(400_000);
const rows = array(
  nodeRow(7, property(0, 2, bulk("a\r\nb")), property(1, 3, integer(-12))),
  nodeRow(8, property(0, 2, bulk(long))),
  nodeRow(
    9,
    property(1, 6, array(array(integer(2), bulk("x")), array(integer(6), array(array(integer(5), bulk("0.5")))))),
  ),
);
const reply = Buffer.from(array(array(array(integer(1), bulk("n"))), rows, array(bulk("Cached execution: 0"))));

const schema: GraphSchema = {
  name: "g",
  labels: ["L"],
  types: [],
  propertyKeys: ["text", "other"],
  nodes: 3,
  edges: 0,
  indexes: [],
  notOperational: [],
  constraints: [],
};

async function serve(answer: (socket: Socket) => void): Promise<{ server: Server; port: number } & AsyncDisposable> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", () => answer(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { server, port, [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())) };
}

async function read(port: number): Promise<string[]> {
  await using stream = await ReadStream.open({ host: "127.0.0.1", port });
  const { read } = nodeReader(schema, new NameTable(), []);
  const row = new EntityRow();
  const ids: EntityIds = { id: 0, labels: [], type: 0, source: 0, target: 0 };
  const seen: string[] = [];
  const count = await stream.rows("g", "MATCH (n) RETURN n", (cursor) => {
    read(cursor, row, ids);
    const values = Array.from(
      { length: row.count },
      (_, at) => `${row.tags[at] ?? 0}:${row.tags[at] === 6 ? "list" : row.text(at)}`,
    );
    seen.push(`${ids.id} ${values.join(" ")}`);
  });
  expect(count).toBe(seen.length);
  return seen;
}

const expected = ["7 2:a\r\nb 3:-12", `8 2:${long}`, "9 6:list"];

test.each([1, 7, 64, 4096])("a reply in pieces of %d bytes, as far as it is about borders", async (size) => {
  await using engine = await serve((socket) => {
    // The long text is sent in large pieces, what is around it in small ones.
    const small = reply.indexOf("üü");
    for (let at = 0; at < small; at += size) socket.write(reply.subarray(at, Math.min(small, at + size)));
    const end = reply.lastIndexOf("ü") + 2;
    socket.write(reply.subarray(small, end));
    for (let at = end; at < reply.length; at += size) socket.write(reply.subarray(at, at + size));
  });
  expect(await read(engine.port)).toEqual(expected);
});

test("an error reply is the query's error", async () => {
  await using engine = await serve((socket) => socket.write("-ERR Invalid graph operation on empty key\r\n"));
  await expect(read(engine.port)).rejects.toThrow("Invalid graph operation on empty key (MATCH (n) RETURN n)");
});

test("a connection that ends within a reply is an error, also for the next query", async () => {
  await using engine = await serve((socket) => socket.end(reply.subarray(0, 200)));
  await using stream = await ReadStream.open({ host: "127.0.0.1", port: engine.port });
  await expect(stream.rows("g", "RETURN 1", (cursor) => cursor.skip())).rejects.toThrow("closed");
  await expect(stream.rows("g", "RETURN 1", (cursor) => cursor.skip())).rejects.toThrow("closed");
});

test("an address where nobody listens is named", async () => {
  const engine = await serve(() => {});
  await engine[Symbol.asyncDispose]();
  await expect(ReadStream.open({ host: "127.0.0.1", port: engine.port })).rejects.toThrow(`127.0.0.1:${engine.port}`);
});

const secured = { host: "127.0.0.1", username: "reader", password: "secret" } as const;

test("a server that closes the connection instead of answering AUTH is an error", async () => {
  await using engine = await serve((socket) => socket.end());
  await expect(ReadStream.open({ ...secured, port: engine.port })).rejects.toThrow("closed the connection");
});

test("a server that never answers AUTH is given up, and the password is not told", async () => {
  await using engine = await serve(() => {});
  const opened = ReadStream.open({ ...secured, port: engine.port }, { timeoutMs: 100 });
  await expect(opened).rejects.toThrow(/^FalkorDB did not answer AUTH within 100 ms$/);
});

test("an answer to AUTH may come in pieces", async () => {
  let asked = 0;
  await using engine = await serve((socket) => {
    if (asked++ > 0) return void socket.write(reply);
    socket.write("+");
    setImmediate(() => socket.write("OK\r\n"));
  });
  await using stream = await ReadStream.open({ ...secured, port: engine.port });
  expect(await stream.rows("g", "RETURN 1", (cursor) => cursor.skip())).toBe(3);
});
