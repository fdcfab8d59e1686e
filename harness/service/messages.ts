// The body of POST /messages: Graphiti's AddMessagesRequest, with two extensions. `extracted` carries what a language
// model would have found in the message, with uuids and times, because a drill has none and must know what is stored.
// `wait` requests an answer when the messages are stored (200) and not when they are accepted (202).
import { z } from "zod";
import type { EpisodeMessage } from "../../generators/writes/episode-message.ts";
import type { Properties } from "../../generators/model.ts";
import { propertiesSchema, propertiesToJson } from "./property-json.ts";

type Extracted = Pick<EpisodeMessage, "schema" | "entities" | "mentions" | "facts" | "invalidated" | "saga"> & {
  readonly createdAt: string;
};

export interface AddMessage {
  readonly content: string;
  readonly uuid?: string | undefined;
  readonly name: string;
  readonly role_type: "user" | "assistant" | "system";
  readonly role: string | null;
  readonly timestamp?: string | undefined;
  readonly source_description: string;
  readonly extracted?: Extracted | undefined;
}

export interface AddMessagesRequest {
  readonly group_id: string;
  readonly messages: readonly AddMessage[];
  readonly wait: boolean;
}

const uuid = z.uuid();
const time = z.string().min(10).max(40);
/** A record without these would fail in the middle of its episode's queries and leave it torn. */
const having = (...names: readonly string[]): z.ZodType<Properties> =>
  propertiesSchema.refine((properties) => names.every((name) => typeof properties[name] === "string"), {
    error: `expected the texts ${names.join(", ")}`,
  });
const record = having("uuid");
const fact = having("uuid", "source_node_uuid", "target_node_uuid");

const sagaSchema = z.strictObject({
  uuid,
  name: z.string(),
  createdAt: time,
  previous: z.strictObject({ episode: uuid, properties: record }).optional(),
  hasEpisode: record,
});

const extractedSchema = z.strictObject({
  schema: z.enum(["pre1856", "post1856"]),
  createdAt: time,
  // A label becomes part of a query; Graphiti allows these characters only.
  entities: z.array(
    z.strictObject({
      type: z
        .string()
        .regex(/^[A-Za-z_]\w{0,99}$/)
        .optional(),
      properties: record,
    }),
  ),
  mentions: z.array(z.strictObject({ entity: uuid, properties: record })),
  facts: z.array(fact),
  invalidated: z.array(fact),
  saga: sagaSchema.optional(),
});

/** One group is one graph of the same name: what Graphiti allows, and not empty. */
export const groupIdSchema: z.ZodType<string> = z.string().regex(/^[a-zA-Z0-9_-]{1,200}$/);

export const addMessageSchema: z.ZodType<AddMessage> = z.object({
  content: z.string(),
  uuid: uuid.optional(),
  name: z.string().default(""),
  role_type: z.enum(["user", "assistant", "system"]),
  role: z.string().nullable(),
  timestamp: time.optional(),
  source_description: z.string().default(""),
  extracted: extractedSchema.optional() as z.ZodType<Extracted | undefined>,
});

export const addMessagesSchema: z.ZodType<AddMessagesRequest> = z.object({
  group_id: groupIdSchema,
  messages: z.array(addMessageSchema).min(1).max(1000),
  wait: z.boolean().default(false),
});

/** The request that stores these messages of one group, and is answered when all of them are stored. */
export function episodeMessageBody(...messages: readonly [EpisodeMessage, ...EpisodeMessage[]]): string {
  const [{ groupId }] = messages;
  return JSON.stringify({ group_id: groupId, wait: true, messages: messages.map(toRequest) });
}

function toRequest(message: EpisodeMessage): object {
  const { said, episode, schema, entities, mentions, facts, invalidated, saga } = message;
  const withJson = (item: { readonly properties: Properties }): object => ({
    ...item,
    properties: propertiesToJson(item.properties),
  });
  return {
    content: said.text,
    uuid: message.uuid,
    name: episode["name"],
    role_type: "user",
    role: said.role,
    timestamp: episode["valid_at"],
    source_description: episode["source_description"],
    extracted: {
      schema,
      createdAt: episode["created_at"],
      entities: entities.map(withJson),
      mentions: mentions.map(withJson),
      facts: facts.map(propertiesToJson),
      invalidated: invalidated.map(propertiesToJson),
      saga,
    },
  };
}
