// The statements that make indexes.
import type { IndexSpec, VectorOptions } from "../model.ts";

/** First all range statements, then the full-text ones, as Graphiti's own driver sends them; vectors last. */
export function indexStatements(indexes: readonly IndexSpec[]): readonly string[] {
  const range = indexes.flatMap((index) =>
    index.range.length === 0 ? [] : [`CREATE INDEX FOR ${pattern(index)} ON (${fields(index.range)})`],
  );
  const fulltext = indexes.flatMap((index) => (index.fulltext.length === 0 ? [] : [fulltextStatement(index)]));
  const vectors = indexes.flatMap((index) =>
    Object.entries(index.vectors ?? {}).map(
      ([name, options]) =>
        `CREATE VECTOR INDEX FOR ${pattern(index)} ON (${fields([name])}) OPTIONS {${vectorText(options)}}`,
    ),
  );
  return [...range, ...fulltext, ...vectors];
}

function fulltextStatement(index: IndexSpec): string {
  const { label, stopwords, language, textOptions = {} } = index;
  const isPlain = stopwords === undefined && language === undefined && Object.keys(textOptions).length === 0;
  if (index.entity === "edge" || isPlain)
    return `CREATE FULLTEXT INDEX FOR ${pattern(index)} ON (${fields(index.fulltext)})`;
  const settings = [
    `label: '${label}'`,
    ...(language === undefined ? [] : [`language: '${language}'`]),
    ...(stopwords === undefined ? [] : [`stopwords: [${stopwords.map((word) => `'${word}'`).join(", ")}]`]),
  ];
  const names = index.fulltext.map((name) => {
    const { weight, nostem, phonetic } = textOptions[name] ?? {};
    const options = [
      ...(weight === undefined ? [] : [`weight: ${weight}`]),
      ...(nostem === undefined ? [] : [`nostem: ${nostem}`]),
      ...(phonetic === undefined ? [] : [`phonetic: '${phonetic}'`]),
    ];
    return options.length === 0 ? `'${name}'` : `{field: '${name}', ${options.join(", ")}}`;
  });
  return `CALL db.idx.fulltext.createNodeIndex({${settings.join(", ")}}, ${names.join(", ")})`;
}

function vectorText({ dimension, similarityFunction, M, efConstruction, efRuntime }: VectorOptions): string {
  const graph = `M: ${M}, efConstruction: ${efConstruction}, efRuntime: ${efRuntime}`;
  return `dimension: ${dimension}, similarityFunction: '${similarityFunction}', ${graph}`;
}

function pattern(index: IndexSpec): string {
  return index.entity === "node" ? `(e:${index.label})` : `()-[e:${index.label}]-()`;
}

function fields(names: readonly string[]): string {
  return names.map((name) => `e.${name}`).join(", ");
}
