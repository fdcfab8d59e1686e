// The custom attributes that typed entities have besides Graphiti's own properties: flat, each optional, of every type
// that Graphiti's ontology allows (string, integer, float, boolean, list of strings).
import { entityTypes } from "../schema/graphiti-schema.ts";
import type { Value } from "../model.ts";
import { ObjectWriter } from "./object-writer.ts";
import type { Draw } from "../random.ts";
import type { RecordWriter } from "./record-writer.ts";
import type { TextPools } from "../values/text.ts";

type AttributeWriter = (writer: RecordWriter, draw: Draw, pools: TextPools) => void;

function text(writer: RecordWriter, draw: Draw, pools: TextPools): void {
  writer.textBegin();
  writer.addProse(pools, draw, 4 + draw.below(40));
  writer.textEnd();
}

const integer: AttributeWriter = (writer, draw) => writer.integer(draw.below(100_000));
// Six decimals: exact enough to survive the engine's 15-digit output unchanged.
const float: AttributeWriter = (writer, draw) => writer.double((draw.below(360_000_000) - 180_000_000) / 1e6);
const boolean: AttributeWriter = (writer, draw) => writer.boolean(draw.chance(0.5));
const list: AttributeWriter = (writer, draw, pools) => {
  const length = draw.below(5);
  writer.list(length);
  for (let i = 0; i < length; i++) text(writer, draw, pools);
};

const attributesOf: Readonly<Record<(typeof entityTypes)[number], Readonly<Record<string, AttributeWriter>>>> = {
  Person: { role: text, age: integer, is_active: boolean },
  Organization: { industry: text, employee_count: integer, rating: float },
  Preference: { strength: float },
  Requirement: { priority: text, is_met: boolean },
  Procedure: { steps: list },
  Location: { latitude: float, longitude: float },
  Event: { attendees: integer, aliases: list },
  Document: { pages: integer, language: text },
  Topic: { weight: float },
  Object: { quantity: integer },
};
const byType = entityTypes.map((type) => Object.entries(attributesOf[type]));

/** `type` is a position in `entityTypes`. */
export function attributeNames(type: number): readonly string[] {
  return (byType[type] ?? []).map(([name]) => name);
}

/** Each attribute is there four times out of five. */
export function writeAttributes(writer: RecordWriter, type: number, draw: Draw, pools: TextPools): void {
  const attributes = byType[type] ?? [];
  for (let i = 0; i < attributes.length; i++) {
    const [, write] = attributes[i] as [string, AttributeWriter];
    if (draw.chance(0.8)) write(writer, draw, pools);
    else writer.absent();
  }
}

/** The same on an object. */
export function addAttributes(properties: Record<string, Value>, type: number, draw: Draw, pools: TextPools): void {
  const writer = new ObjectWriter();
  writer.node({ labels: [], names: attributeNames(type) }, 0);
  writeAttributes(writer, type, draw, pools);
  Object.assign(properties, writer.takeNode().properties);
}
