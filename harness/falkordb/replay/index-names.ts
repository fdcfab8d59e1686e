// The names in a statement that creates an index. The server adds those that its graph does not have yet.

interface IndexNames {
  readonly kind: "labels" | "types";
  readonly name: string;
  readonly propertyKeys: readonly string[];
}

const word = "(?:`[^`]+`|[\\p{L}_][\\p{L}\\p{N}_]*)";
const node = `\\(\\s*${word}?\\s*:\\s*(?<label>${word})\\s*\\)`;
const edge = `\\(\\s*\\)\\s*<?\\s*-\\s*\\[\\s*${word}?\\s*:\\s*(?<type>${word})\\s*\\]\\s*-\\s*>?\\s*\\(\\s*\\)`;
const index = "^\\s*CREATE\\s+(?:(?:RANGE|FULLTEXT|VECTOR)\\s+)?INDEX\\s+";
const ofPattern = new RegExp(
  `${index}FOR\\s*(?:${node}|${edge})\\s*ON\\s*\\(?(?<fields>[^(){}]+)\\)?\\s*(?:OPTIONS\\s*\\{.*\\})?\\s*;?\\s*$`,
  "isu",
);
const ofLabel = new RegExp(`${index}ON\\s*:\\s*(?<label>${word})\\s*\\((?<fields>[^(){}]+)\\)\\s*;?\\s*$`, "isu");
const field = new RegExp(`^\\s*(?:${word}\\s*\\.\\s*)?(${word})\\s*$`, "u");

const text = `(?:'[^'\\\\]*'|"[^"\\\\]*")`;
const argument = `(?:${text}|\\{[^{}]*\\})`;
const ofProcedure = new RegExp(
  `^\\s*CALL\\s+db\\.idx\\.fulltext\\.createNodeIndex\\s*\\(\\s*(?<arguments>${argument}(?:\\s*,\\s*${argument})+)\\s*\\)\\s*;?\\s*$`,
  "isu",
);

/** The names in a statement; undefined where it is not understood. */
export function indexNames(statement: string): IndexNames | undefined {
  const found = ofPattern.exec(statement)?.groups ?? ofLabel.exec(statement)?.groups;
  return found === undefined ? procedureNames(statement) : statementNames(found);
}

/** Whether the statement drops an index, which adds no name. */
export function dropsIndex(statement: string): boolean {
  return /^\s*(?:DROP|CALL\s+db\.idx\.\w+\.drop)\b/i.test(statement);
}

function statementNames({ label, type, fields }: Readonly<Record<string, string | undefined>>): IndexNames | undefined {
  const name = label ?? type;
  const keys = (fields ?? "").split(",").map((part) => field.exec(part)?.[1]);
  if (name === undefined || !keys.every((key) => key !== undefined)) return undefined;
  return { kind: type === undefined ? "labels" : "types", name: bare(name), propertyKeys: keys.map(bare) };
}

function procedureNames(statement: string): IndexNames | undefined {
  const all = ofProcedure.exec(statement)?.groups?.["arguments"];
  const [label, ...keys] = [...(all ?? "").matchAll(new RegExp(argument, "gsu"))].map(([each], place) =>
    each.startsWith("{")
      ? new RegExp(`\\b${place === 0 ? "label" : "field"}\\s*:\\s*(${text})`, "su").exec(each)?.[1]
      : each,
  );
  if (label === undefined || !keys.every((key) => key !== undefined)) return undefined;
  return { kind: "labels", name: bare(label), propertyKeys: keys.map(bare) };
}

/** Removes any kind of quotes. */
function bare(quoted: string): string {
  return quoted.replaceAll(/^[`'"]|[`'"]$/g, "");
}
