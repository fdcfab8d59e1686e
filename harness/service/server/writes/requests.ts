// Graphiti's request bodies, and their conversion to content.
import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { EpisodeMessage } from "../../../../generators/writes/episode-message.ts";
import { uuidOf } from "../../../../generators/writes/episode-message.ts";
import type { WriteStatement } from "../../../../generators/writes/episode-writes.ts";
import type { Clock } from "../../../base/clock.ts";
import { type AddMessage, addMessageSchema, groupIdSchema } from "../../messages.ts";

/** A message as the journal keeps it: the JSON of the request, with uuid and times filled in. */
export type StoredMessage = Readonly<Record<string, unknown>>;

/** Fills in what the client left to the service, so that a retry writes the same. */
export function settle(raw: unknown, message: AddMessage, clock: Clock): StoredMessage {
  const now = new Date(clock.nowMs()).toISOString().replace("Z", "+00:00");
  const settled = { uuid: message.uuid ?? randomUUID(), timestamp: message.timestamp ?? now, accepted_at: now };
  return { ...(raw as object), ...settled };
}

export function toEpisodeMessage(groupId: string, stored: StoredMessage): EpisodeMessage {
  const message = addMessageSchema.parse(stored);
  const { extracted, role_type: roleType } = message;
  const role = message.role ?? "";
  const uuid = message.uuid ?? "";
  const facts = extracted?.facts ?? [];
  const invalidated = extracted?.invalidated ?? [];
  return {
    uuid,
    groupId,
    schema: extracted?.schema ?? "post1856",
    said: { role, text: message.content },
    episode: {
      uuid,
      name: message.name,
      group_id: groupId,
      source_description: message.source_description,
      source: "message",
      content: `${role}(${roleType}): ${message.content.replaceAll("\0", "")}`,
      entity_edges: [...facts, ...invalidated].map(uuidOf),
      created_at: extracted?.createdAt ?? String(stored["accepted_at"]),
      valid_at: message.timestamp ?? "",
    },
    entities: extracted?.entities ?? [],
    mentions: extracted?.mentions ?? [],
    facts,
    invalidated,
    saga: extracted?.saga,
  };
}

export interface EntityNode {
  readonly uuid: string;
  readonly group_id: string;
  readonly name: string;
  readonly summary: string;
  readonly created_at: string;
}

const entityNodeSchema = z.object({
  uuid: z.uuid(),
  group_id: groupIdSchema,
  name: z.string(),
  summary: z.string().default(""),
  created_at: z.string().min(10).max(40).optional(),
});
export type EntityNodeRequest = Omit<EntityNode, "created_at"> & { readonly created_at?: string | undefined };
export const entityNodeRequestSchema: z.ZodType<EntityNodeRequest> = entityNodeSchema;

/** Graphiti's single save: no `labels` property, unlike its bulk save. */
export function entityStatement(node: EntityNode): WriteStatement {
  return {
    step: "W2",
    cypher: "MERGE (n:Entity {uuid: $node.uuid}) SET n:Entity SET n = $node RETURN n.uuid",
    parameters: { node: { ...node } },
  };
}
