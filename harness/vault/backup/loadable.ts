// A snapshot that FalkorDB itself cannot load is not a backup for that version. FalkorDB 4.16 keeps graphs by name
// while it loads, and crashes where two databases have a graph of the same name. The source would not survive a restart
// either.
import { environmentError } from "../../base/errors.ts";
import type { Manifest, ManifestGraph } from "../store/manifest.ts";

/** FalkorDB 4.18.0 reads what earlier versions save at the border of their buffer. */
const borderFixedIn = 41_800;
/** What bytes that are not UTF-8 were read as. */
const replacementCharacter = "\u{FFFD}";

export function mustBeLoadable(content: Manifest["content"]): void {
  const databases = new Map<string, number>();
  for (const { name, database = 0 } of content?.graphs ?? []) {
    const first = databases.get(name);
    databases.set(name, database);
    if (first === undefined) continue;
    throw environmentError(
      `graph "${name}" is in database ${first} and in database ${database}: FalkorDB crashes when loading a snapshot of both`,
      "No backup was made, because it could not be restored, and the server would not survive a restart either. " +
        `Rename one of the two (SELECT ${database}, then RENAME), and make the backup again.`,
    );
  }
}

/**
 * Why a backup cannot be restored by the version of FalkorDB that made it, one sentence for each graph; empty where no
 * problem is known. It is stored all the same, and marked.
 */
export function whyNotLoadable({ content, source }: Pick<Manifest, "content" | "source">): readonly string[] {
  const graphs = content?.graphs ?? [];
  return [
    ...graphs.filter(({ name }) => name.includes(replacementCharacter)).map(({ name }) => whyUnnameable(name)),
    ...(source.module >= borderFixedIn ? [] : graphs.filter(({ borderBlob }) => borderBlob === true).map(whyAtBorder)),
  ];
}

/** A graph of such a name is loaded, and no query reaches it: a restore could not prove it, and would refuse them all. */
function whyUnnameable(name: string): string {
  return (
    `the name of the graph ${JSON.stringify(name)} is not UTF-8, so that no restore can ask for it. ` +
    String.raw`Rename it (redis-cli RENAME $'the\xffname' name), and make the backup again`
  );
}

function whyAtBorder({ name }: ManifestGraph): string {
  return (
    `graph "${name}" cannot be loaded by FalkorDB before 4.18.0, which saves it without an error: one of its arrays or ` +
    "texts has the size of the engine's buffer (exactly 63,999 or 64,000 nodes of one label or labels of all nodes, " +
    "32,000 edges of one type, or a text of about 256,000 bytes). A restart of the source would lose it too. Add or " +
    "remove more than 10,000 nodes or edges, as the engine keeps fewer changes beside the array, and make the backup again"
  );
}
