// Names of labels, types and properties in Cypher. The engine's parser knows no escape for a backtick, so a name that holds one
// cannot be written; a bulk load and the procedures of indexes make such names all the same. They are compared as texts.
import { textLiteral } from "../../../generators/schema/literal.ts";
import { DrillError } from "../../base/errors.ts";

export function isQuotable(name: string): boolean {
  return !/[`\0]/.test(name);
}

/** A plain name needs no quotes, even if it is a word of Cypher. */
export function quotedName(name: string): string {
  if (/^[A-Za-z_]\w*$/.test(name)) return name;
  if (isQuotable(name)) return `\`${name}\``;
  throw new DrillError(`no query of FalkorDB can write the name ${JSON.stringify(name)}: it holds a backtick`, {
    exit: "environment",
    hint: "Only a bulk load or the procedure of an index makes such a name. Rename it in its source, and load that anew.",
  });
}

/** A property of a variable. */
export function propertyOf(variable: string, name: string): string {
  return isQuotable(name) ? `${variable}.${quotedName(name)}` : `${variable}[${textLiteral(name)}]`;
}

/** Matches the entities of a label or type as `e`; a WHERE may follow. No index serves a name that cannot be written. */
export function matchOf(entity: "NODE" | "RELATIONSHIP", name: string): string {
  const [pattern, isOne] =
    entity === "NODE"
      ? [(kind: string) => `(e${kind})`, `hasLabels(e, [${textLiteral(name)}])`]
      : [(kind: string) => `()-[e${kind}]->()`, `type(e) = ${textLiteral(name)}`];
  return isQuotable(name) ? `MATCH ${pattern(`:${quotedName(name)}`)}` : `MATCH ${pattern("")} WHERE ${isOne} WITH e`;
}
