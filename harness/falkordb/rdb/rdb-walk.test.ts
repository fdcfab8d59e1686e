import { describe, expect, it } from "vitest";
import { RdbWalk } from "./rdb-walk.ts";

const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};
const text = (value: string): Buffer =>
  Buffer.concat([number(Buffer.byteLength(value) + 1), Buffer.from(`${value}\0`)]);
const list = (items: readonly Buffer[]): Buffer => Buffer.concat([number(items.length), ...items]);

/** A string as an RDB holds it, its length in 6, 14 or 32 bits. */
function rdbString(bytes: Buffer | string): Buffer {
  const body = Buffer.from(bytes);
  if (body.length < 64) return Buffer.concat([Buffer.from([body.length]), body]);
  if (body.length < 16_384) return Buffer.concat([Buffer.from([0x40 | (body.length >> 8), body.length & 255]), body]);
  const head = Buffer.alloc(5, 0x80);
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
}

function moduleId(name: string): Buffer {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const id = name.split("").reduce((sum, letter) => (sum << 6n) | BigInt(letters.indexOf(letter)), 0n) << 10n;
  const bytes = Buffer.alloc(9, 0x81);
  bytes.writeBigUInt64BE(id | 18n, 1);
  return bytes;
}

const two = Buffer.alloc(8);
two.writeDoubleLE(2);
const field = Buffer.concat([text("uuid"), number(8 | 2 | 1), two, number(0), text("no")]);
const label = Buffer.concat([
  number(0),
  text("Entity"),
  number(1),
  text("english"),
  list([text("the")]),
  list([field]),
  list([Buffer.concat([number(0), list([number(0)])])]),
]);
const type = Buffer.concat([number(0), text("KNOWS"), number(0), list([])]);
const header = Buffer.concat([
  text("müller"),
  number(7),
  number(9),
  number(1),
  number(0),
  number(1),
  list([number(1)]),
  number(2),
  list([text("uuid"), text("name")]),
  list([label]),
  list([type]),
]);

const graphKey = Buffer.concat([
  Buffer.from([7]),
  rdbString("müller"),
  moduleId("graphdata"),
  Buffer.from([5]),
  rdbString(header),
  Buffer.from([5]),
  rdbString(Buffer.alloc(40_000, 1)),
  Buffer.from([2, 3, 4]),
  Buffer.alloc(8),
  Buffer.from([0]),
]);
const metaKey = Buffer.concat([
  Buffer.from([7]),
  rdbString("{müller}x"),
  moduleId("graphmeta"),
  Buffer.from([5]),
  // Each key of a graph repeats its header.
  rdbString(header),
  Buffer.from([5]),
  rdbString(Buffer.alloc(300)),
  Buffer.from([5]),
  // The nodes of a label, of a size that FalkorDB before 4.18.0 cannot read.
  rdbString(Buffer.from(Uint32Array.from({ length: 64_000 }, (_, index) => index).buffer)),
  Buffer.from([0]),
]);
const udf = Buffer.concat([
  Buffer.from([0xf7]),
  moduleId("graphdata"),
  Buffer.from([2, 2]),
  Buffer.from([2, 1]),
  Buffer.from([5]),
  rdbString("lib\0"),
  Buffer.from([5]),
  rdbString("code\0"),
  Buffer.from([0]),
]);
const others = Buffer.concat([
  Buffer.from([0, ...rdbString("plain"), ...rdbString("value")]),
  Buffer.from([0xfc, 1, 2, 3, 4, 5, 6, 7, 8, 0, ...rdbString("number"), 0xc1, 1, 2]),
  Buffer.from([0, ...rdbString("lzf"), 0xc3, 3, 20, 9, 9, 9]),
  Buffer.from([4, ...rdbString("hash"), 1, ...rdbString("f"), ...rdbString("v")]),
]);
const rdb = Buffer.concat([
  Buffer.from("REDIS0012"),
  Buffer.from([0xfa]),
  rdbString("redis-ver"),
  rdbString("8.2.3"),
  udf,
  Buffer.from([0xfe, 0, 0xfb, 5, 1]),
  others,
  graphKey,
  metaKey,
  Buffer.from([0xff]),
  Buffer.alloc(8),
]);

function walk(bytes: Buffer, chunkBytes: number): RdbWalk {
  const found = new RdbWalk();
  for (let at = 0; at < bytes.length; at += chunkBytes) found.push(bytes.subarray(at, at + chunkBytes));
  return found;
}

/** Compresses runs of one byte, as LZF does: a literal, and a copy of it that overlaps what it writes. */
function lzf(bytes: Buffer): Buffer {
  const parts: number[] = [];
  for (let at = 0; at < bytes.length;) {
    const byte = bytes[at] ?? 0;
    let run = 1;
    while (run < 8 && at + run < bytes.length && bytes[at + run] === byte) run += 1;
    parts.push(0, byte);
    if (run >= 4) parts.push((run - 3) << 5, 0);
    at += run >= 4 ? run : 1;
  }
  return Buffer.from(parts);
}

describe("the walk through an RDB", () => {
  it("reports the graphs, however the stream is split", () => {
    for (const chunkBytes of [1, 2, 3, 7, 64, 1000, 1 << 20]) {
      expect(walk(rdb, chunkBytes).summary()).toEqual({
        graphs: [
          {
            name: "müller",
            nodes: 7,
            edges: 9,
            propertyKeys: ["uuid", "name"],
            labels: [
              {
                name: "Entity",
                index: ["uuid:range+fulltext"],
                options: ["uuid weight 2"],
                stopwords: ["the"],
                constraints: ["unique(uuid)"],
              },
            ],
            types: [{ name: "KNOWS", index: [], stopwords: [], constraints: [] }],
            database: 0,
            hasBorderBlob: true,
          },
        ],
        udfLibraries: ["lib"],
        otherKeys: 4,
        lastingKeys: { count: 3, digest: "d5b6e55bcbf27861" },
      });
    }
  });

  it("reads compressed headers, as every server writes them by default", () => {
    const plain = rdbString(header);
    const key = Buffer.from(graphKey);
    const at = key.indexOf(plain);
    const compressed = lzf(header);
    const packed = Buffer.concat([
      Buffer.from([0xc3]),
      rdbString(Buffer.alloc(compressed.length)).subarray(0, 2),
      rdbString(Buffer.alloc(header.length)).subarray(0, 2),
      compressed,
    ]);
    const withPacked = Buffer.concat([key.subarray(0, at), packed, key.subarray(at + plain.length)]);
    const bytes = Buffer.concat([Buffer.from("REDIS0012"), withPacked, Buffer.from([0xff]), Buffer.alloc(8)]);
    expect(compressed.length).toBeLessThan(header.length);
    expect(walk(bytes, 7).summary()?.graphs).toMatchObject([{ name: "müller", nodes: 7, edges: 9 }]);
  });

  it("says nothing about what it has not seen whole or does not understand", () => {
    expect(walk(rdb.subarray(0, -10), 100).summary()).toBeUndefined();
    expect(walk(Buffer.from("no RDB at all, but long enough"), 5).summary()).toBeUndefined();
    const unknownType = Buffer.concat([Buffer.from("REDIS0012"), Buffer.from([99, ...rdbString("key")]), rdb]);
    expect(walk(unknownType, 10).summary()).toBeUndefined();
  });
});
