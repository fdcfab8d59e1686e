// The files whose lines are shown as they are written: logs of commands in the folders of the configuration, and what run
// directories record.
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

const logsMax = 50;
/** What a drill records while it runs, in the order in which it is of interest. */
export const runFiles = ["timeline.jsonl", "results.jsonl", "findings.jsonl", "phases.jsonl"] as const;

export interface LogFile {
  /** Names it in the address of its page. */
  readonly key: string;
  readonly name: string;
  readonly path: string;
  readonly atMs: number;
  readonly bytes: number;
}

export interface LogFolders {
  readonly logs: readonly string[];
  readonly runs: readonly string[];
}

/** The newest first. */
export async function listLogs(folders: LogFolders): Promise<readonly LogFile[]> {
  const found = await Promise.all(
    folders.logs.map(async (folder) => {
      const names = (await readdir(folder).catch(() => [])).filter((name) => isPlain(name));
      return await Promise.all(names.map((name) => logFile(keyOfLog(folders, folder, name), name, join(folder, name))));
    }),
  );
  const files = found.flat().filter((file) => file !== undefined);
  return files.toSorted((a, b) => b.atMs - a.atMs).slice(0, logsMax);
}

/** The key of a file in one of the folders of logs. */
export function keyOfLog({ logs }: LogFolders, folder: string, name: string): string {
  return `logs/${logs.indexOf(folder)}/${name}`;
}

/** Undefined for a key that names no file in one of these folders. */
export async function logOf({ logs, runs }: LogFolders, key: string): Promise<LogFile | undefined> {
  const [kind, index = "", name = "", file = ""] = key.split("/");
  if (!/^\d{1,4}$/.test(index) || !isPlain(name)) return undefined;
  const folder = (kind === "logs" ? logs : kind === "runs" ? runs : [])[Number(index)];
  if (folder === undefined) return undefined;
  if (kind === "logs") return await logFile(key, name, join(folder, name));
  return runFiles.some((known) => known === file)
    ? await logFile(key, `${name}/${file}`, join(folder, name, file))
    : undefined;
}

function isPlain(name: string): boolean {
  return /^[\w@+~-][\w@+~.:-]{0,200}$/.test(name);
}

/** A link may lead anywhere, and a pipe would be waited for. */
async function logFile(key: string, name: string, path: string): Promise<LogFile | undefined> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isFile() === true ? { key, name, path, atMs: found.mtimeMs, bytes: found.size } : undefined;
}
