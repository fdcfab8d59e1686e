// restic and borg, which store deduplicated files, with the settings that suit them best here.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { systemClock } from "../../base/clock.ts";
import { environmentError } from "../../base/errors.ts";
import { runCommand } from "../../base/process/run-command.ts";
import { privateFolder } from "../../base/process/reaper.ts";
import { folderBytes } from "./folder-bytes.ts";

export interface Repository extends AsyncDisposable {
  readonly name: string;
  /** Which dump it gets: the engine's own, or one with `rdbcompression no`. */
  readonly dump: "compressed" | "raw";
  /** Stores the file; gives the bytes that this added. */
  store(file: string, name: string): Promise<{ readonly storedBytes: number; readonly ms: number }>;
}

interface Kind {
  readonly name: string;
  readonly program: string;
  readonly dump: Repository["dump"];
  readonly init: readonly string[];
  readonly store: (file: string, name: string) => readonly string[];
}

const kinds: readonly Kind[] = (["compressed", "raw"] as const).flatMap((dump) => [
  {
    name: `restic, ${dump} dump`,
    program: "restic",
    dump,
    init: ["init", "--quiet"],
    store: (file) => ["backup", "--quiet", "--compression", "auto", file],
  },
  {
    name: `borg, ${dump} dump`,
    program: "borg",
    dump,
    init: ["init", "--encryption", "repokey-blake2"],
    store: (file, name) => ["create", "--compression", "zstd,3", `::${name}`, file],
  },
]);

/** Its chunks are of 2 MiB by default; these are of 16 KiB, which costs it memory and time. */
const smallChunks: Kind = {
  name: "borg, raw dump, small chunks",
  program: "borg",
  dump: "raw",
  init: ["init", "--encryption", "repokey-blake2"],
  store: (file, name) => [
    "create",
    "--compression",
    "zstd,3",
    "--chunker-params",
    "buzhash,12,20,14,4095",
    `::${name}`,
    file,
  ],
};

/** An empty repository of each kind whose program is here, and a sentence for each program that is not. */
export async function openRepositories(
  resources: AsyncDisposableStack,
  note: (line: string) => void,
  signal: AbortSignal,
): Promise<readonly Repository[]> {
  const missing = new Set<string>();
  const repositories: Repository[] = [];
  for (const kind of [...kinds, smallChunks]) {
    const found = await runCommand("which", [kind.program], { timeoutMs: 10_000, env: { PATH: path }, signal });
    if (found.status === 0) repositories.push(resources.use(await openRepository(kind, signal)));
    else missing.add(kind.program);
  }
  for (const program of missing) note(`not compared with ${program}: it is not installed`);
  return repositories;
}

const timeoutMs = 1_800_000;
const path = "/usr/local/bin:/usr/bin:/bin";

async function openRepository(kind: Kind, signal: AbortSignal): Promise<Repository> {
  const folder = await privateFolder("repository");
  const at = join(folder.path, "repository");
  const secret = randomBytes(16).toString("hex");
  const env = {
    PATH: path,
    HOME: folder.path,
    RESTIC_REPOSITORY: at,
    RESTIC_PASSWORD: secret,
    RESTIC_CACHE_DIR: join(folder.path, "cache"),
    BORG_REPO: at,
    BORG_PASSPHRASE: secret,
    BORG_BASE_DIR: join(folder.path, "base"),
  };
  const run = async (args: readonly string[]): Promise<void> => {
    const { status, stderr } = await runCommand(kind.program, args, { timeoutMs, env, signal });
    if (status !== 0)
      throw environmentError(`${kind.program} ${String(args[0])} ended with ${String(status)}: ${stderr.slice(-500)}`);
  };
  try {
    await run(kind.init);
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
  let before = await folderBytes(at);
  return {
    name: kind.name,
    dump: kind.dump,
    store: async (file, name) => {
      const startedMs = systemClock.monotonicMs();
      await run(kind.store(file, name));
      const ms = systemClock.monotonicMs() - startedMs;
      const after = await folderBytes(at);
      const storedBytes = after - before;
      before = after;
      return { storedBytes, ms };
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}
