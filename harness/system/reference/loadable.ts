// A snapshot that FalkorDB itself cannot load is no backup. Known of 4.16: it keeps graphs by name while it loads, and dies
// where two databases have one of the same name. The server that has them would not survive a restart either.
import { environmentError } from "../../base/errors.ts";
import type { Manifest } from "./manifest.ts";

export function mustBeLoadable(content: Manifest["content"]): void {
  const databases = new Map<string, number>();
  for (const { name, database = 0 } of content?.graphs ?? []) {
    const first = databases.get(name);
    databases.set(name, database);
    if (first === undefined) continue;
    throw environmentError(
      `graph "${name}" is in database ${first} and in database ${database}: FalkorDB dies when it loads a snapshot of both`,
      "No backup was made, because it could not be restored, and the server would not come back from a restart either. " +
        `Rename one of the two (SELECT ${database}, then RENAME), and make the backup again.`,
    );
  }
}
