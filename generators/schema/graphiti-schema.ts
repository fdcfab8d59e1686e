// What Graphiti stores in FalkorDB, as data: labels, relationship types, indexes and the stopwords of its full-text
// indexes. Facts about graphiti-core 0.29; names are spelled as they are stored.
import type { IndexSpec } from "../model.ts";

export type EdgeType = "MENTIONS" | "RELATES_TO" | "HAS_MEMBER" | "HAS_EPISODE" | "NEXT_EPISODE";

/** The types that an entity may carry in addition to `Entity`: the defaults of Graphiti's MCP server. */
export const entityTypes = [
  "Person",
  "Organization",
  "Preference",
  "Requirement",
  "Procedure",
  "Location",
  "Event",
  "Document",
  "Topic",
  "Object",
] as const;

/** graphiti_core/driver/falkordb/__init__.py: the words that its node full-text indexes leave out. */
const stopwords: readonly string[] = (
  "a is the an and are as at be but by for if in into it no not of on or such that their then there these they this to " +
  "was will with"
).split(" ");

export const graphitiIndexes: readonly IndexSpec[] = [
  {
    entity: "node",
    label: "Entity",
    range: ["uuid", "group_id", "name", "created_at"],
    fulltext: ["name", "summary", "group_id"],
    stopwords,
  },
  {
    entity: "node",
    label: "Episodic",
    range: ["uuid", "group_id", "created_at", "valid_at"],
    fulltext: ["content", "source", "source_description", "group_id"],
    stopwords,
  },
  { entity: "node", label: "Community", range: ["uuid"], fulltext: ["name", "group_id"], stopwords },
  { entity: "node", label: "Saga", range: ["uuid", "group_id", "name"], fulltext: [] },
  {
    entity: "edge",
    label: "RELATES_TO",
    range: ["uuid", "group_id", "name", "created_at", "expired_at", "valid_at", "invalid_at"],
    fulltext: ["name", "fact", "group_id"],
  },
  { entity: "edge", label: "MENTIONS", range: ["uuid", "group_id"], fulltext: [] },
  { entity: "edge", label: "HAS_MEMBER", range: ["uuid"], fulltext: [] },
  { entity: "edge", label: "HAS_EPISODE", range: ["uuid", "group_id"], fulltext: [] },
  { entity: "edge", label: "NEXT_EPISODE", range: ["uuid", "group_id"], fulltext: [] },
];
