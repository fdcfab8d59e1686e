// Indexes in comparable form: one entry per label or type, as the engine stores them.
import type { IndexSpec } from "../../../generators/model.ts";
import type { Index, IndexOption } from "../observation.ts";

type Options = Record<string, Record<string, IndexOption>>;

/** The engine's report for indexes created from these specifications. */
export function expectedIndexes(specs: readonly IndexSpec[]): Index[] {
  const byLabel = new Map<string, Index & { options: Options }>();
  for (const spec of specs) {
    const entity = spec.entity === "node" ? "NODE" : "RELATIONSHIP";
    const id = `${entity} ${spec.label}`;
    const index = byLabel.get(id) ?? {
      entity,
      label: spec.label,
      fields: {},
      stopwords: [],
      language: "",
      options: {},
    };
    for (const field of spec.range) (index.fields[field] ??= []).push("RANGE");
    for (const field of spec.fulltext) (index.fields[field] ??= []).push("FULLTEXT");
    for (const field of Object.keys(spec.vectors ?? {})) (index.fields[field] ??= []).push("VECTOR");
    if (spec.stopwords !== undefined) index.stopwords = [...spec.stopwords];
    index.language = spec.language ?? index.language;
    for (const [field, { weight, nostem, phonetic }] of Object.entries(spec.textOptions ?? {}))
      index.options[field] = textOptions(weight, nostem === true, phonetic !== undefined);
    for (const [field, vector] of Object.entries(spec.vectors ?? {})) index.options[field] = { ...vector };
    byLabel.set(id, index);
  }
  return normalIndexes([...byLabel.values()].filter((index) => Object.keys(index.fields).length > 0));
}

/** Options that differ from the engine's defaults. Of phonetics only its use is visible, not the algorithm. */
export function textOptions(weight = 1, nostem = false, phonetic = false): Record<string, IndexOption> {
  return { ...(weight === 1 ? {} : { weight }), ...(nostem ? { nostem } : {}), ...(phonetic ? { phonetic } : {}) };
}

/** Sorts everything; language and stopwords only for full-text indexes. */
export function normalIndexes(indexes: readonly Index[]): Index[] {
  return indexes
    .map((index) => {
      const fields = Object.fromEntries(
        Object.entries(index.fields)
          .map(([name, kinds]): [string, string[]] => [name, [...new Set(kinds)].toSorted()])
          .toSorted(byName),
      );
      const searched = Object.values(fields).some((kinds) => kinds.includes("FULLTEXT"));
      const options = Object.entries(index.options ?? {})
        .map(([name, set]): [string, Record<string, IndexOption>] => [
          name,
          Object.fromEntries(Object.entries(set).toSorted(byName)),
        ])
        .filter(([, set]) => Object.keys(set).length > 0)
        .toSorted(byName);
      return {
        entity: index.entity,
        label: index.label,
        fields,
        stopwords: searched ? index.stopwords.toSorted() : [],
        language: searched ? index.language || "english" : "",
        ...(options.length === 0 ? {} : { options: Object.fromEntries(options) }),
      };
    })
    .toSorted((a, b) => (`${a.entity} ${a.label}` < `${b.entity} ${b.label}` ? -1 : 1));
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
