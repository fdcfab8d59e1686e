// Which versions of which objects a restore still needs. All versions of an object count: whoever may write into the
// vault could replace or hide the one that is needed, and wait for the end of its lock.
import { folderOf } from "../store/garbage.ts";
import { isLockable } from "../store/layout.ts";
import type { StoredVersion } from "../store/store.ts";
import { marksUnfinished } from "../store/unfinished.ts";

export interface Needs {
  /** Folders of the restore points that no rule keeps. */
  readonly removable: ReadonlySet<string>;
  /** Whether the catalogue says that the restore point in this folder is there. */
  readonly isRecorded: (folder: string) => boolean;
}

export interface NeededVersions {
  readonly versions: readonly StoredVersion[];
  /** Paths of objects that are needed, and hidden by a delete marker. */
  readonly hidden: readonly string[];
}

export function neededVersions(all: readonly StoredVersion[], { removable, isRecorded }: Needs): NeededVersions {
  const versions: StoredVersion[] = [];
  const hidden: string[] = [];
  for (const [folder, held] of Map.groupBy(all, ({ path }) => folderOf(path))) {
    const isPoint = /^(?:backups|segments)\//.test(folder);
    // What cannot be read or trusted may be tomorrow, as for a prune.
    if (isPoint && (removable.has(folder) || (!isRecorded(folder) && isRemovedOrUnfinished(held)))) continue;
    for (const version of held) {
      if (!isLockable(version.path)) continue;
      if (!version.isMarker) versions.push(version);
      else if (version.isLatest) hidden.push(version.path);
    }
  }
  return { versions, hidden };
}

function isRemovedOrUnfinished(held: readonly StoredVersion[]): boolean {
  const shown = held.filter(({ isLatest, isMarker }) => isLatest && !isMarker);
  if (!shown.some(({ path }) => isLockable(path))) return true;
  return shown.some(marksUnfinished) && !shown.some(({ path }) => path.endsWith("/manifest.json"));
}
