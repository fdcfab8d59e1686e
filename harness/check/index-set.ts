// Indexes in one comparable form: one entry a label or type, as the engine keeps them.
import type { IndexSpec } from "../../generators/model.ts";
import type { Index } from "./observation.ts";

/** What the engine answers for indexes made from these specifications. */
export function expectedIndexes(specs: readonly IndexSpec[]): Index[] {
  const byLabel = new Map<string, Index>();
  for (const spec of specs) {
    const entity = spec.entity === "node" ? "NODE" : "RELATIONSHIP";
    const id = `${entity} ${spec.label}`;
    const index = byLabel.get(id) ?? { entity, label: spec.label, fields: {}, stopwords: [], language: "" };
    for (const field of spec.range) (index.fields[field] ??= []).push("RANGE");
    for (const field of spec.fulltext) (index.fields[field] ??= []).push("FULLTEXT");
    if (spec.stopwords !== undefined) index.stopwords = [...spec.stopwords];
    byLabel.set(id, index);
  }
  return normalIndexes([...byLabel.values()].filter((index) => Object.keys(index.fields).length > 0));
}

/** Sorted throughout; language and stopwords only where text is searched. */
export function normalIndexes(indexes: readonly Index[]): Index[] {
  return indexes
    .map((index) => {
      const fields = Object.fromEntries(
        Object.entries(index.fields)
          .map(([name, kinds]): [string, string[]] => [name, [...new Set(kinds)].toSorted()])
          .toSorted(([a], [b]) => (a < b ? -1 : 1)),
      );
      const searched = Object.values(fields).some((kinds) => kinds.includes("FULLTEXT"));
      return {
        entity: index.entity,
        label: index.label,
        fields,
        stopwords: searched ? index.stopwords.toSorted() : [],
        language: searched ? index.language || "english" : "",
      };
    })
    .toSorted((a, b) => (`${a.entity} ${a.label}` < `${b.entity} ${b.label}` ? -1 : 1));
}
