import { describe, expect, it } from "vitest";
import { EffectReader } from "./graph-effects.ts";
import { change, effect, u16, u32, u64, u8, value } from "../testing/test-effects.ts";

interface Seen {
  readonly end: string;
  readonly events: unknown[];
}

function readIn(payload: Buffer, pieceBytes = payload.length): Seen {
  const events: unknown[] = [];
  const reader = new EffectReader({
    uses: (...largest) => events.push(largest),
    adds: (...added) => events.push(added),
  });
  reader.begin(payload.length);
  for (let at = 0; at < payload.length; at += pieceBytes) {
    const piece = Buffer.from(payload.subarray(at, at + pieceBytes));
    reader.push(piece);
    // Whoever reads from a connection fills one buffer again and again.
    piece.fill(0xaa);
  }
  return { end: reader.finish(), events };
}

const changes = [
  change.newKey("a"),
  change.newLabel("Żółw"),
  change.createNode(
    [0, 3],
    [0, value.string("text")],
    [7, value.array(value.int(1), value.array(), value.array(value.bool(), value.interned("x")), value.null())],
    [2, value.vector(5)],
    [1, value.point()],
  ),
  change.createNode([]),
  change.newType("KNOWS"),
  change.createEdge(4, [9, value.double()], [8, value.datetime()]),
  change.updateNode(11, value.null()),
  change.updateNode(0xff_fe, value.null()),
  change.updateEdge(2, 1, value.array(value.string(""))),
  change.deleteEdge(6),
  change.deleteNode(),
  change.setLabels(1, 2),
  change.removeLabels(5),
];
const everything = effect(...changes);

describe("the payload of a GRAPH.EFFECT", () => {
  it("reports new names, and the largest numbers before each of them and at the end, wherever it is split", () => {
    for (let pieceBytes = 1; pieceBytes <= everything.length; pieceBytes++)
      expect(readIn(everything, pieceBytes)).toEqual({
        end: "read",
        events: [
          [-1, -1, -1],
          ["propertyKeys", "a"],
          [-1, -1, -1],
          ["labels", "Żółw"],
          [3, -1, 7],
          ["types", "KNOWS"],
          [5, 6, 11],
        ],
      });
  });

  it("rejects a payload that ends too early, wherever that is", () => {
    const borders = new Set(changes.map((_, count) => effect(...changes.slice(0, count)).length));
    for (let bytes = 0; bytes < everything.length; bytes++)
      expect(readIn(everything.subarray(0, bytes)).end).toBe(borders.has(bytes) ? "read" : "not an effect");
  });

  it.each([
    ["an unknown change", effect(u32(11), u64(0))],
    ["a change of kind 0", effect(u32(0), u64(0))],
    ["an unknown value", effect(change.createNode([0], [0, u32(1 << 4)]))],
    ["a version byte in its middle, as a query leaves it that also makes an index", effect(u8(1), change.newKey("a"))],
    ["an edge of two types", effect(u32(4), u16(2), u32(0), u64(1), u64(2), u16(0))],
    ["a name of another kind", effect(u32(9), u32(2), u64(2), Buffer.from("a\0"))],
    ["a name without an end", effect(u32(10), u64(2), Buffer.from("ab"))],
    ["a text that is longer than all of it", effect(change.updateNode(0, Buffer.concat([u32(1 << 11), u64(1000)])))],
    ["a negative label", effect(change.createNode([0xff_ff_ff_ff]))],
    ["an invalid property key", effect(change.createNode([0], [0xff_ff, value.null()]))],
    ["nothing", Buffer.alloc(0)],
  ])("rejects %s", (_, payload) => {
    expect(readIn(payload).end).toBe("not an effect");
    expect(readIn(payload, 1).end).toBe("not an effect");
  });

  it("is not looked at in another version", () => {
    expect(readIn(Buffer.concat([u8(2), u32(99)]))).toEqual({ end: "another version", events: [] });
  });
});
