import { DrillError } from "../../base/errors.ts";

/** A name in a query. GRAPH.BULK can make names with a backtick, and no query can say them. */
export function cypherName(name: string): string {
  if (!name.includes("`")) return `\`${name}\``;
  throw new DrillError(`no query can name ${JSON.stringify(name)}, because it has a backtick`, {
    exit: "notRecovered",
    hint: "Restore this graph without --logical, by the engine's own loader.",
  });
}
