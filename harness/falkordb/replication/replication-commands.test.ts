import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { CommandParser, type StreamCommand } from "./replication-commands.ts";

function encode(words: readonly Buffer[]): Buffer {
  const parts = words.flatMap((word) => [Buffer.from(`$${word.length}\r\n`), word, Buffer.from("\r\n")]);
  return Buffer.concat([Buffer.from(`*${words.length}\r\n`), ...parts]);
}

function parseIn(stream: Buffer, chunkBytes: number, offset = 0): StreamCommand[] {
  const parser = new CommandParser(offset);
  const commands: StreamCommand[] = [];
  for (let at = 0; at < stream.length; at += chunkBytes) {
    const chunk = Buffer.from(stream.subarray(at, at + chunkBytes));
    commands.push(...parser.push(chunk));
    // Whoever reads from a connection fills one buffer again and again.
    chunk.fill(0);
  }
  return commands;
}

const binary = Buffer.from([0, 13, 10, 42, 36, 255]);
const stream = Buffer.concat([
  encode([Buffer.from("SELECT"), Buffer.from("0")]),
  encode([Buffer.from("graph.effect"), Buffer.from("g"), binary]),
  encode([Buffer.from("PING")]),
  encode([Buffer.from("SET"), Buffer.from("k"), Buffer.alloc(0)]),
]);

describe("the commands of a replication stream", () => {
  it("are the same wherever the network cuts them, with the offsets of the stream", () => {
    for (let chunkBytes = 1; chunkBytes <= stream.length; chunkBytes++) {
      const commands = parseIn(stream, chunkBytes, 1000);
      expect(commands.map(({ name, args }) => [name, args.map((arg) => arg.toString("latin1"))])).toEqual([
        ["SELECT", ["0"]],
        ["GRAPH.EFFECT", ["g", binary.toString("latin1")]],
        ["PING", []],
        ["SET", ["k", ""]],
      ]);
      expect(commands[0]?.offsetStart).toBe(1000);
      expect(commands.at(-1)?.offsetEnd).toBe(1000 + stream.length);
      for (const [index, command] of commands.entries())
        expect(command.offsetStart).toBe(commands[index - 1]?.offsetEnd ?? 1000);
    }
  });

  it("come back as they were sent, whatever they hold and however they are cut", () => {
    const word = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
    const commands = fc.array(fc.array(word, { minLength: 1, maxLength: 5 }), { maxLength: 20 });
    fc.assert(
      fc.property(commands, fc.integer({ min: 1, max: 64 }), (sent, chunkBytes) => {
        const seen = parseIn(Buffer.concat(sent.map(encode)), chunkBytes);
        expect(seen.map(({ args }) => args.map((arg) => Buffer.from(arg)))).toEqual(
          sent.map((words) => words.slice(1)),
        );
      }),
    );
  });

  it("says how much of an unfinished command it holds, and where the last whole one ended", () => {
    const parser = new CommandParser(7);
    parser.push(stream.subarray(0, stream.length - 3));
    const whole = stream.length - encode([Buffer.from("SET"), Buffer.from("k"), Buffer.alloc(0)]).length;
    expect(parser.offset).toBe(7 + whole);
    expect(parser.pendingBytes).toBe(stream.length - 3 - whole);
  });

  it("may be ended between two commands, never inside one or inside a transaction", () => {
    const words = [["SET", "a", "1"], ["MULTI"], ["SET", "b", "2"], ["EXEC"], ["DEL", "a"]];
    const commands = words.map((some) => encode(some.map((word) => Buffer.from(word))));
    const ends = commands.map((_, index) => Buffer.concat(commands.slice(0, index + 1)).length);
    const allowed = [0, ends[0], ends[3], ends[4]].map(Number);
    const whole = Buffer.concat(commands);
    for (let length = 0; length <= whole.length; length++) {
      const parser = new CommandParser(0);
      parser.push(whole.subarray(0, length));
      expect(parser.boundary, `after ${length} bytes`).toBe(allowed.findLast((end) => end <= length));
    }
    expect(parseIn(whole, 7).map(({ isBoundary }) => isBoundary)).toEqual([true, false, false, true, true]);
  });

  it("keeps the beginning of a large command only, and the lengths of what it holds", () => {
    const large = encode([Buffer.from("GRAPH.RESTORE"), Buffer.from("g"), Buffer.alloc(100_000, "x")]);
    const parser = new CommandParser(0, 30);
    const [first, second] = parser.push(Buffer.concat([large, encode([Buffer.from("DEL"), Buffer.from("a")])]));
    expect(first?.args.map(String)).toEqual(["g", "x".repeat(16)]);
    expect(first?.argBytes).toEqual([1, 100_000]);
    expect(first?.offsetEnd).toBe(large.length);
    expect(second?.args.map(String)).toEqual(["a"]);
  });

  it.each([
    ["+OK\r\n", 0],
    ["*1\r\n+PING\r\n", 4],
    ["*1\r\n$4\r\nPINGXY", 12],
    ["*x\r\n", 0],
    ["*1\r\n*1\r\n", 4],
    ["*00000000000000", 0],
    ["*99999999999\r\n", 0],
  ])("refuses %j at the offset where it stops being a command", (text, at) => {
    expect(() => new CommandParser(100).push(Buffer.from(text))).toThrow(`no command at offset ${100 + at}`);
  });
});

it("reports arguments and commands to a watch in order, and keeps none of the bytes that it takes", () => {
  for (let chunkBytes = 1; chunkBytes <= stream.length; chunkBytes++) {
    const heard: string[] = [];
    const taken: Buffer[] = [];
    const parser = new CommandParser(7, Number.POSITIVE_INFINITY, {
      argument: (words, bytes, offset) => {
        heard.push(`${words.map((word) => word.toString("latin1")).join(" ")} ${bytes} ${offset}`);
        return words.length === 2 ? (piece) => void taken.push(Buffer.from(piece)) : undefined;
      },
      command: ({ name, args, argBytes }) =>
        heard.push([name, args.map((arg) => arg.length).join(), argBytes.join()].join(" ")),
    });
    for (let at = 0; at < stream.length; at += chunkBytes) parser.push(stream.subarray(at, at + chunkBytes));
    expect(heard).toEqual([
      "SELECT 1 7",
      "SELECT 1 1",
      "graph.effect 1 30",
      "graph.effect g 6 30",
      "GRAPH.EFFECT 1,0 1,6",
      "PING  ",
      "SET 1 86",
      "SET k 0 86",
      "SET 1,0 1,0",
    ]);
    expect(Buffer.concat(taken)).toEqual(binary);
  }
});
