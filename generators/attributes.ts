// The custom attributes that typed entities carry beside Graphiti's own properties: flat, each optional, of every type
// that Graphiti's ontology allows (string, integer, float, boolean, list of strings).
import { Double, type Value } from "./model.ts";
import type { Draw } from "./random.ts";
import { prose, type TextPools } from "./text.ts";

type Kind = "text" | "integer" | "float" | "boolean" | "list";

/** By position in `entityTypes`. */
const attributesOfType: readonly (readonly (readonly [name: string, kind: Kind])[])[] = [
  [
    ["role", "text"],
    ["age", "integer"],
    ["is_active", "boolean"],
  ],
  [
    ["industry", "text"],
    ["employee_count", "integer"],
    ["rating", "float"],
  ],
  [["strength", "float"]],
  [
    ["priority", "text"],
    ["is_met", "boolean"],
  ],
  [["steps", "list"]],
  [
    ["latitude", "float"],
    ["longitude", "float"],
  ],
  [
    ["attendees", "integer"],
    ["aliases", "list"],
  ],
  [
    ["pages", "integer"],
    ["language", "text"],
  ],
  [["weight", "float"]],
  [["quantity", "integer"]],
];

/** Sets the attributes of an entity of this type on its properties; each is there four times out of five. */
export function addAttributes(properties: Record<string, Value>, type: number, draw: Draw, pools: TextPools): void {
  for (const [name, kind] of attributesOfType[type] ?? []) {
    if (draw.chance(0.8)) properties[name] = makers[kind](draw, pools);
  }
}

const makers: Readonly<Record<Kind, (draw: Draw, pools: TextPools) => Value>> = {
  text: (draw, pools) => prose(pools, draw, 4 + draw.below(40)),
  integer: (draw) => draw.below(100_000),
  // Six decimals: exact enough to survive the engine's 15-digit output unchanged.
  float: (draw) => new Double((draw.below(360_000_000) - 180_000_000) / 1e6),
  boolean: (draw) => draw.chance(0.5),
  list: (draw, pools) => Array.from({ length: draw.below(5) }, () => prose(pools, draw, 4 + draw.below(30))),
};
