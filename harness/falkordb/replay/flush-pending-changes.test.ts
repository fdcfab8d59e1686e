import { describe, expect, it } from "vitest";
import { PendingChangesFlusher } from "./flush-pending-changes.ts";
import type { StreamCommand } from "../replication/replication-commands.ts";

function command(name: string, graph: string, payloadBytes = 0, isBoundary = true): StreamCommand {
  return {
    name,
    args: [Buffer.from(graph)],
    argBytes: [graph.length, payloadBytes],
    isBoundary,
    offsetStart: 0,
    offsetEnd: 1,
  };
}

const effect = (graph: string, payloadBytes = 0, isBoundary = true): StreamCommand =>
  command("GRAPH.EFFECT", graph, payloadBytes, isBoundary);

function placesOf(commands: readonly StreamCommand[]): string[] {
  const folder = new PendingChangesFlusher();
  return commands.flatMap((each, place) => {
    const [name, graph] = folder.after(each, 0) ?? [];
    return name === undefined ? [] : [`${place} ${name} ${graph}`];
  });
}

describe("the folder of changes", () => {
  it("asks a graph after every thousand changes of it", () => {
    const commands = Array.from({ length: 4000 }, (_, place) => effect(place % 2 === 0 ? "a" : "b"));
    expect(placesOf(commands)).toEqual([
      "1998 GRAPH.RO_QUERY a",
      "1999 GRAPH.RO_QUERY b",
      "3998 GRAPH.RO_QUERY a",
      "3999 GRAPH.RO_QUERY b",
    ]);
  });

  it("counts the changes of a large effect by its bytes", () => {
    expect(placesOf([effect("g", 2 ** 19), effect("g", 2 ** 19)])).toEqual(["1 GRAPH.RO_QUERY g"]);
  });

  it("asks only outside of a transaction, and never a graph that may be gone", () => {
    const large = effect("g", 2 ** 20, false);
    expect(placesOf([command("MULTI", "", 0, false), large, command("EXEC", "")])).toEqual(["2 GRAPH.RO_QUERY g"]);
    const deleted = [large, command("GRAPH.DELETE", "g", 0, false), command("EXEC", "")];
    expect(placesOf([...deleted, effect("g")])).toEqual(["3 GRAPH.RO_QUERY g"]);
  });
});
