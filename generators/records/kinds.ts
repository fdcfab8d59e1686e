// The properties of each kind of record in their fixed order. What a version or an option leaves out is not listed;
// what a single record may lack is.
import { attributeNames } from "./attributes.ts";
import { entityTypes } from "../schema/graphiti-schema.ts";
import type { RecordKind } from "./record-writer.ts";

export interface Kinds {
  readonly episode: RecordKind;
  /** Kinds of entities by type: 0 is untyped, t is entityTypes[t - 1]. */
  readonly entities: readonly RecordKind[];
  readonly community: RecordKind;
  readonly saga: RecordKind;
  readonly fact: RecordKind;
  readonly mention: RecordKind;
  readonly member: RecordKind;
  readonly hasEpisode: RecordKind;
  readonly nextEpisode: RecordKind;
}

const link = ["uuid", "group_id", "created_at"];
const episodeNames = [
  "uuid",
  "name",
  "group_id",
  "source_description",
  "source",
  "content",
  "entity_edges",
  "created_at",
  "valid_at",
];
const factNames = [
  "uuid",
  "group_id",
  "name",
  "fact",
  "source_node_uuid",
  "target_node_uuid",
  "episodes",
  "created_at",
  "valid_at",
  "invalid_at",
  "expired_at",
  "reference_time",
];

export function recordKinds(options: { dims: number; schema: "pre1856" | "post1856" }): Kinds {
  const nameVector = options.dims > 0 ? ["name_embedding"] : [];
  const factVector = options.dims > 0 ? ["fact_embedding"] : [];
  // Only the older bulk write leaves the labels as a property too.
  const labels = options.schema === "pre1856" ? ["labels"] : [];
  const entity = ["uuid", "name", "group_id", "summary", "created_at", ...nameVector, ...labels];
  return {
    episode: {
      labels: ["Episodic"],
      names: episodeNames,
    },
    entities: [
      { labels: ["Entity"], names: entity },
      ...entityTypes.map((type, t) => ({ labels: ["Entity", type], names: [...entity, ...attributeNames(t)] })),
    ],
    community: {
      labels: ["Community"],
      names: ["uuid", "name", "group_id", "summary", "created_at", ...nameVector],
    },
    saga: {
      labels: ["Saga"],
      names: [
        "uuid",
        "name",
        "group_id",
        "created_at",
        "summary",
        "first_episode_uuid",
        "last_episode_uuid",
        "last_summarized_at",
        "last_summarized_episode_valid_at",
      ],
    },
    fact: {
      labels: ["RELATES_TO"],
      names: [...factNames, ...factVector, "confidence"],
    },
    mention: { labels: ["MENTIONS"], names: link },
    member: { labels: ["HAS_MEMBER"], names: link },
    hasEpisode: { labels: ["HAS_EPISODE"], names: link },
    nextEpisode: { labels: ["NEXT_EPISODE"], names: link },
  };
}
