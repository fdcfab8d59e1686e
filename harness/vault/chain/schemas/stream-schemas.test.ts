import { describe, expect, it } from "vitest";
import { change, effect, u32, value } from "../../../falkordb/testing/test-effects.ts";
import { CommandParser } from "../../../falkordb/replication/replication-commands.ts";
import type { Manifest } from "../../store/manifest.ts";
import type { Hazard, SegmentSchemas } from "../segment-manifest.ts";
import { StreamSchemas } from "./stream-schemas.ts";

const named = (name: string): { name: string; index: []; stopwords: []; constraints: [] } => ({
  name,
  index: [],
  stopwords: [],
  constraints: [],
});
const content: Manifest["content"] = {
  graphs: [
    { name: "g", nodes: 1, edges: 0, schema: 0 },
    { name: "h", nodes: 1, edges: 0, schema: 0 },
    { name: "g", nodes: 1, edges: 0, schema: 1, database: 2 },
  ],
  schemas: [
    { propertyKeys: ["a"], labels: [named("A")], types: [named("T")] },
    { propertyKeys: [], labels: [], types: [] },
  ],
  udfLibraries: [],
};

type Word = string | Buffer;

function command(...words: readonly Word[]): Buffer {
  const parts = words.flatMap((word) => [`$${Buffer.byteLength(word)}\r\n`, word, "\r\n"]);
  return Buffer.concat([Buffer.from(`*${words.length}\r\n`), ...parts.map((part) => Buffer.from(part))]);
}

class Stream {
  readonly schemas: StreamSchemas;
  readonly #parser: CommandParser;

  constructor(schemas = new StreamSchemas(100)) {
    this.schemas = schemas;
    this.#parser = new CommandParser(100, 1000, schemas);
  }

  send(...commands: readonly Buffer[]): Hazard[] {
    // As the network brings them: several commands together, or one in pieces.
    this.#parser.push(Buffer.concat(commands));
    return this.schemas.take();
  }
}

function begun(): Stream {
  const stream = new Stream();
  stream.schemas.begin(content);
  return stream;
}

const write = (graph: string, ...changes: readonly Buffer[]): Buffer =>
  command("GRAPH.EFFECT", graph, effect(...changes));

describe("a stream that fits what a replica has", () => {
  it.each<[string, Buffer[]]>([
    ["old names", [write("g", change.createNode([0], [0, value.null()]), change.deleteEdge(0))]],
    ["new names", [write("g", change.newLabel("B"), change.newKey("b"), change.createNode([1], [1, value.null()]))]],
    ["a new graph", [write("new", change.newLabel("B"), change.createNode([0]))]],
    ["another database", [command("SELECT", "2"), write("g", change.newLabel("B"), change.setLabels(0))]],
    [
      "names of an index",
      [
        command("GRAPH.QUERY", "g", "CREATE INDEX FOR (b:B) ON (b.a, b.b)"),
        write("g", change.createNode([1], [1, value.null()])),
      ],
    ],
    [
      "names of a constraint",
      [
        command("GRAPH.CONSTRAINT", "CREATE", "h", "UNIQUE", "RELATIONSHIP", "U", "PROPERTIES", "1", "b"),
        write("h", change.updateEdge(1, 1, value.null())),
      ],
    ],
    [
      "names of a bulk load",
      [
        command(
          "GRAPH.BULK",
          "g",
          "1",
          "1",
          "1",
          "1",
          Buffer.from("A:B\0\u0001\0\0\0b\0\0"),
          Buffer.from("U\0\0\0\0\0"),
        ),
        write("g", change.createNode([1], [1, value.null()]), change.createEdge(1)),
      ],
    ],
    [
      "a graph deleted and created again",
      [command("GRAPH.DELETE", "g"), write("g", change.newLabel("B"), change.createNode([0]))],
    ],
    ["a renamed graph", [command("RENAME", "g", "i"), write("i", change.newLabel("B"), change.createNode([1]))]],
    ["all keys of a node", [write("g", change.updateNode(0xff_fe, value.null()))]],
    [
      "changes of another version",
      [command("GRAPH.EFFECT", "g", Buffer.from([2, 1])), write("g", change.createNode([9]))],
    ],
    [
      "a statement that is not understood",
      [command("GRAPH.QUERY", "g", "CREATE (:B)"), write("g", change.createNode([9]))],
    ],
  ])("%s", (_, commands) => {
    expect(begun().send(...commands)).toEqual([]);
  });

  it("is not judged where the base is not understood", () => {
    const stream = new Stream();
    stream.schemas.begin(null);
    expect(stream.send(write("g", change.createNode([9])))).toEqual([]);
    expect(stream.schemas.listFor(1)).toBeUndefined();
  });
});

describe("a stream that a replica cannot follow", () => {
  it.each<[string, Buffer[], string]>([
    ["a label that was not replicated", [write("g", change.createNode([1]))], "names label number 1, a replica has 1"],
    [
      "a label before the one that was replicated",
      [write("g", change.newLabel("B"), change.createNode([2]))],
      "names label number 2, a replica has 2",
    ],
    ["a type", [write("g", change.deleteEdge(1))], "names relationship type number 1"],
    ["a property key", [write("g", change.updateNode(1, value.null()))], "names property key number 1"],
    [
      "names of the graph that was deleted",
      [command("DEL", "g"), write("g", change.createNode([0]))],
      "names label number 0, a replica has 0",
    ],
    ["names of a flushed graph", [command("FLUSHALL"), write("h", change.createNode([0]))], "names label number 0"],
    [
      "names of the same graph in another database",
      [command("SELECT", "2"), write("g", change.createNode([0]))],
      "names label number 0",
    ],
    ["an invalid effect", [command("GRAPH.EFFECT", "g", Buffer.from([1, 1, 9]))], "not in the form"],
  ])("%s", (_, commands, message) => {
    const last = commands.at(-1)?.length ?? 0;
    const offset = 100 + Buffer.concat(commands).length - last;
    const found = begun().send(...commands);
    expect(found).toMatchObject([{ kind: "schema-unlogged", offset }]);
    expect(found[0]?.message).toContain(message);
  });

  it("is reported once for each graph", () => {
    const stream = begun();
    const found = stream.send(
      write("g", change.createNode([5])),
      write("g", change.createNode([6])),
      write("h", change.createNode([7])),
    );
    expect(found.map(({ graph }) => graph)).toEqual(["g", "h"]);
  });

  it("is found where the payload is larger than what is kept of a command, and cut by the network", () => {
    const stream = begun();
    const many = Array.from({ length: 100 }, () => change.createNode([0], [0, value.string("x".repeat(50))]));
    const sent = write("g", ...many, change.newLabel("B"), change.createNode([1]), ...many, change.createNode([2]));
    const pieces = Array.from({ length: Math.ceil(sent.length / 7) }, (_, place) =>
      sent.subarray(place * 7, place * 7 + 7),
    );
    const found = pieces.flatMap((piece) => stream.send(piece));
    expect(found).toMatchObject([{ kind: "schema-unlogged", offset: 100 }]);
  });

  it("is found in what came before the base was known", () => {
    const stream = new Stream();
    const first = write("g", change.createNode([0]));
    const second = write("g", change.newLabel("B"), change.createNode([1]));
    const third = write("g", change.createNode([2]));
    expect(stream.send(first, first, second, third)).toEqual([]);
    stream.schemas.begin(content);
    expect(stream.schemas.take()).toMatchObject([{ offset: 100 + 2 * first.length + second.length }]);
  });

  it("deletes a graph that was not replicated", () => {
    expect(begun().send(command("GRAPH.DELETE", "unknown"))).toMatchObject([
      { kind: "graph-unlogged", graph: "unknown" },
    ]);
  });

  it("mixes databases", () => {
    const words = ["GRAPH.CONSTRAINT", "CREATE", "g", "UNIQUE", "NODE", "B", "PROPERTIES", "1", "b"];
    expect(begun().send(command("SELECT", "2"), command(...words))).toEqual([]);
    expect(begun().send(command("SELECT", "0"), command(...words))).toMatchObject([
      { kind: "databases-mixed", graph: "g" },
    ]);
  });
});

describe("what a segment says of the names at its end", () => {
  function resumed(at: SegmentSchemas | undefined): Stream {
    const stream = new Stream(new StreamSchemas(100, at?.database));
    stream.schemas.begin(content, at);
    return stream;
  }

  it("is enough to continue", () => {
    const stream = begun();
    stream.send(
      command("SELECT", "2"),
      write("g", change.newLabel("B")),
      write("new", change.newKey("b")),
      command("DEL", "h"),
    );
    const at = stream.schemas.listFor(1);
    expect(at).toMatchObject({ database: 2, listedIn: 1, checkedAt: 100 });
    expect(at?.graphs?.map(({ database, name, names }) => [database, name, names])).toEqual([
      [2, "g", 0],
      [2, "new", 1],
    ]);
    const next = resumed(at);
    expect(next.send(write("g", change.setLabels(0)), write("new", change.updateNode(0, value.null())))).toEqual([]);
    expect(next.send(write("g", change.setLabels(1)))).toMatchObject([{ graph: "g" }]);
  });

  it("is listed again only after it has changed", () => {
    const stream = begun();
    expect(stream.schemas.listFor(1)).toEqual({ database: 0, listedIn: 0, checkedAt: 100 });
    stream.send(write("g", change.newLabel("B")));
    expect(stream.schemas.listFor(2)).toMatchObject({ listedIn: 2, graphs: [{ name: "g", names: 0, since: 100 }] });
    stream.send(write("g", change.createNode([1])));
    expect(stream.schemas.listFor(3)).toEqual({ database: 0, listedIn: 2, checkedAt: 100 });
  });

  it("is that of the last boundary, not of what has come after it", () => {
    const stream = begun();
    const whole = write("g", change.newLabel("C"), change.createNode([2]));
    stream.send(write("g", change.newLabel("B")), whole.subarray(0, whole.length - 5));
    const at = stream.schemas.listFor(1);
    expect(at?.names).toMatchObject([{ labels: ["A", "B"] }]);
    stream.send(whole.subarray(whole.length - 5));
    expect(stream.schemas.listFor(2)?.names).toMatchObject([{ labels: ["A", "B", "C"] }]);
    expect(resumed(at).send(whole)).toEqual([]);
  });

  it("keeps apart what is unknown and what is gone", () => {
    const stream = begun();
    stream.send(command("GRAPH.EFFECT", "g", Buffer.from([1, 9])), command("UNLINK", "h"));
    const at = stream.schemas.listFor(1);
    expect(at?.graphs).toMatchObject([
      { name: "g", names: "unknown" },
      { name: "h", names: "gone" },
    ]);
    expect(resumed(at).send(write("g", change.createNode([9])))).toEqual([]);
    expect(resumed(at).send(write("h", change.createNode([0])))).toMatchObject([{ graph: "h" }]);
  });
});

it("takes a copied graph over with its names", () => {
  const number = (of: number): Buffer => Buffer.concat([u32(of), u32(0)]);
  const named8 = (name: string): Buffer => Buffer.concat([number(name.length + 1), Buffer.from(`${name}\0`)]);
  const schema = Buffer.concat([number(0), named8("L"), number(0), number(0)]);
  const header = [
    named8("copy"),
    ...[0, 0, 0, 0, 1, 0, 1].map(number),
    number(1),
    named8("k"),
    number(1),
    schema,
    number(0),
  ];
  const stream = begun();
  const restored = command("GRAPH.RESTORE", "copy", Buffer.concat(header));
  expect(stream.send(restored, write("copy", change.createNode([0], [0, value.null()])))).toEqual([]);
  expect(stream.send(write("copy", change.createNode([1])))).toMatchObject([{ graph: "copy" }]);
});
