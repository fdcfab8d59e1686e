// The files that a team's backup leaves, and which of them are new.
import { glob, stat } from "node:fs/promises";
import { isAbsolute, join, relative, resolve } from "node:path";

export interface Artifact {
  readonly path: string;
  readonly bytes: number;
  readonly changedMs: number;
}

const variable = "$FALKORDRILL_BACKUP_DIR";

export interface ArtifactPlace {
  readonly backupDir: string;
  readonly cwd: string;
  /** Glob relative to `cwd`; every file in `backupDir` where it is undefined. */
  readonly pattern: string | undefined;
}

/** Matching files, oldest first. */
export async function findArtifacts({
  backupDir,
  cwd,
  pattern = `${variable}/**`,
}: ArtifactPlace): Promise<Artifact[]> {
  const inBackupDir = pattern.startsWith(variable);
  const folder = inBackupDir ? backupDir : cwd;
  const rest = inBackupDir ? pattern.slice(variable.length).replace(/^\//, "") : pattern;
  const found: Artifact[] = [];
  for await (const name of glob(rest === "" ? "**" : rest, { cwd: folder })) {
    const path = isAbsolute(name) ? name : resolve(folder, name);
    // A file may be removed meanwhile.
    const facts = await stat(path).catch(() => undefined);
    if (facts?.isFile() === true) found.push({ path, bytes: facts.size, changedMs: facts.mtimeMs });
  }
  return found.toSorted((a, b) => a.changedMs - b.changedMs || (a.path < b.path ? -1 : 1));
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
export function patternText({ backupDir, cwd, pattern = `${variable}/**` }: ArtifactPlace): string {
  return pattern.startsWith(variable) ? join(backupDir, pattern.slice(variable.length)) : resolve(cwd, pattern);
}
