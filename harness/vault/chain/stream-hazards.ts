// Which commands of a stream reproduce the same graph when they are replayed. Anything else is a hazard: it is written
// into the segment's manifest, and the archiver makes a new full backup.
import type { StreamCommand } from "../../falkordb/replication/replication-commands.ts";
import type { Hazard } from "./segment-manifest.ts";

/** Commands of the graph module that carry effects rather than query text. */
const exactGraphCommands: ReadonlySet<string> = new Set([
  "GRAPH.EFFECT",
  "GRAPH.BULK",
  "GRAPH.CONSTRAINT",
  "GRAPH.DELETE",
  // A whole graph, which is how a GRAPH.COPY is replicated.
  "GRAPH.RESTORE",
  "GRAPH.UDF",
]);

/** Redis commands that store a graph without the graph module: its internal keys have other names. */
export const graphMovers: ReadonlySet<string> = new Set([
  "RESTORE",
  "RESTORE-ASKING",
  "COPY",
  "MOVE",
  "SWAPDB",
  "MIGRATE",
]);

/** Index statements are replicated as text, and always do the same: they contain only names. */
const indexStatement =
  /^\s*(?:CREATE\s+(?:(?:FULLTEXT|VECTOR)\s+)?INDEX\b|DROP\s+(?:(?:FULLTEXT|VECTOR)\s+)?INDEX\b|CALL\s+db\.idx\.(?:fulltext|vector)\.(?:createNodeIndex|createRelationshipIndex|drop)\s*\([^()]*\)\s*;?\s*$)/i;

/** Undefined for a command that replays exactly. */
export function hazardOf(command: StreamCommand): Hazard | undefined {
  const { name, offsetStart: offset } = command;
  if (name === "GRAPH.QUERY" || name === "GRAPH.PROFILE") return textHazard(command);
  if (graphMovers.has(name))
    return { offset, kind: "graph-restored", message: `${name} puts keys in place without the graph module` };
  // Redis's own commands are replicated so that every replica ends up the same; those of other modules are unknown.
  if (!name.includes(".") || exactGraphCommands.has(name)) return undefined;
  return { offset, kind: "unknown-command", message: `${name} is not known to replay exactly` };
}

function textHazard({ name, args, offsetStart: offset }: StreamCommand): Hazard | undefined {
  const graph = args[0]?.toString("utf8") ?? "";
  const text = args[1]?.toString("utf8") ?? "";
  if (name === "GRAPH.QUERY" && indexStatement.test(withoutParameters(text))) return undefined;
  return {
    offset,
    kind: "query-text",
    graph,
    message:
      "a change is replicated as query text, which may do something else when it is replayed " +
      "(EFFECTS_THRESHOLD was not 0, or the query also made an index)",
  };
}

/** Parameters precede the statement as `CYPHER name=value ...`; with any, it is not taken for a plain statement. */
export function withoutParameters(text: string): string {
  return text.replace(/^\s*CYPHER\s+(?=CREATE|DROP|CALL)/i, "");
}
