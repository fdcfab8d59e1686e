import { expect, test } from "vitest";
import { randomMessage } from "../../generators/writes/episode-message.ts";
import { Double } from "../../generators/model.ts";
import { addMessagesSchema, episodeMessageBody } from "./messages.ts";
import { propertiesSchema, propertiesToJson } from "./property-json.ts";

const message = randomMessage({ seed: 3, writer: "writer-0", sequence: 5, groupId: "team", dims: 8 });

test("a message arrives as it was sent, with its vectors and doubles", () => {
  const sent: unknown = JSON.parse(episodeMessageBody(message));
  const { group_id, wait, messages } = addMessagesSchema.parse(sent);
  expect({ group_id, wait, count: messages.length }).toEqual({ group_id: "team", wait: true, count: 1 });
  const { entities, mentions, facts, invalidated, saga } = message;
  expect(messages[0]?.extracted).toMatchObject({ entities, mentions, facts, invalidated, saga });
  expect(messages[0]?.extracted?.entities[0]?.properties["name_embedding"]).toBeInstanceOf(Float32Array);
});

test("values keep their type", () => {
  const properties = { whole: new Double(2), half: new Double(0.5), list: ["a", "b"], yes: true, count: 3, text: "ü" };
  const parsed = propertiesSchema.parse(JSON.parse(JSON.stringify(propertiesToJson(properties))));
  expect(parsed).toEqual(properties);
  expect(parsed["whole"]).toBeInstanceOf(Double);
});

test("what Graphiti's own clients send is accepted, and NUL is stripped from what is stored", () => {
  const body = { group_id: "team", messages: [{ content: "hello", role_type: "user", role: null }] };
  expect(addMessagesSchema.parse(body)).toMatchObject({
    wait: false,
    messages: [{ name: "", source_description: "" }],
  });
  expect(propertiesSchema.parse({ name: "a\0b" })).toEqual({ name: "ab" });
});

test.each([
  ["a label that could end its query", { type: "X) DETACH DELETE n //", properties: {} }],
  ["a property name that could", { properties: { "a}) //": 1 } }],
])("%s is refused", (_, entity) => {
  const body = JSON.parse(episodeMessageBody(message)) as { messages: { extracted: { entities: unknown[] } }[] };
  body.messages[0]?.extracted.entities.push(entity);
  expect(addMessagesSchema.safeParse(body).success).toBe(false);
});
