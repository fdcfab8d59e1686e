// The files that a team's backup leaves, and which of them are new.
import { glob, lstat, readdir, realpath, stat } from "node:fs/promises";
import { isAbsolute, join, relative, resolve } from "node:path";
import { DrillError } from "../../base/errors.ts";

export interface Artifact {
  readonly path: string;
  readonly bytes: number;
  readonly changedMs: number;
}

const variable = /^\$(?:FALKORDRILL_BACKUP_DIR\b|\{FALKORDRILL_BACKUP_DIR\})\/?/;

/** Whether the files may be outside the folder that each scenario has of its own. */
export function isOutside(pattern: string): boolean {
  return !variable.test(pattern);
}

export interface ArtifactPlace {
  readonly backupDir: string;
  readonly cwd: string;
  /** Glob relative to `cwd`; every file in `backupDir` where it is undefined. */
  readonly pattern: string | undefined;
}

/** Matching files, oldest first; a file with links to it counts once. */
export async function findArtifacts(place: ArtifactPlace): Promise<Artifact[]> {
  const found = new Map<string, Artifact & { readonly isLink: boolean }>();
  for (const path of await matching(place)) {
    try {
      const facts = await stat(path);
      const isLink = (await lstat(path)).isSymbolicLink();
      const real = await realpath(path);
      if (facts.isFile() && found.get(real)?.isLink !== false)
        found.set(real, { path, bytes: facts.size, changedMs: facts.mtimeMs, isLink });
    } catch {
      // It was removed meanwhile, or is a link to nothing.
      if (path.includes(notUtf8)) throw unreadable(path);
    }
  }
  return [...found.values()].toSorted((a, b) => a.changedMs - b.changedMs || (a.path < b.path ? -1 : 1));
}

/** What takes the place of bytes that are not UTF-8. */
export const notUtf8 = "\ufffd";

function unreadable(path: string): DrillError {
  return new DrillError(`the name of "${path}" is not UTF-8, so that file cannot be looked at`, {
    exit: "notRecovered",
    code: "backup-left-nothing",
    hint: "Have the backup program give its files names in UTF-8.",
  });
}

async function matching({ backupDir, cwd, pattern = "$FALKORDRILL_BACKUP_DIR" }: ArtifactPlace): Promise<string[]> {
  const folder = isOutside(pattern) ? cwd : backupDir;
  const rest = pattern.replace(variable, "");
  // A glob leaves out names that begin with a dot. The program may have removed the folder.
  const names =
    rest === ""
      ? await readdir(folder, { recursive: true }).catch(() => [])
      : await Array.fromAsync(glob(rest, { cwd: folder }));
  return names.map((name) => resolve(folder, name));
}

/** Those of `after` that are new or were changed since `before`. */
export function newArtifacts(before: readonly Artifact[], after: readonly Artifact[]): Artifact[] {
  const known = new Map(before.map((artifact) => [artifact.path, artifact]));
  return after.filter(({ path, bytes, changedMs }) => {
    const earlier = known.get(path);
    return earlier === undefined || earlier.bytes !== bytes || earlier.changedMs !== changedMs;
  });
}

/** Relative to the backup folder where it is inside of it. */
export function artifactName({ path }: Artifact, backupDir: string): string {
  const name = relative(backupDir, path);
  return name.startsWith("..") || isAbsolute(name) ? path : name;
}

/** The whole pattern as an absolute one, for messages. */
export function patternText({ backupDir, cwd, pattern = "$FALKORDRILL_BACKUP_DIR/**" }: ArtifactPlace): string {
  return isOutside(pattern) ? resolve(cwd, pattern) : join(backupDir, pattern.replace(variable, ""));
}
