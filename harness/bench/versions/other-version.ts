// Another version of falkordrill, ready to run: a commit of this checkout in a worktree of its own, or a
// published package. Its folder is removed on disposal, or when this process ends, however it ends.
import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { environmentError, usageError } from "../../base/errors.ts";
import { packageCommit, packageRoot, packageVersion } from "../../base/package.ts";
import type { Progress } from "../../base/progress.ts";
import { privateFolder } from "../../base/process/reaper.ts";
import { runCommand } from "../../base/process/run-command.ts";

export interface Version {
  /** The version as the user named it. */
  readonly label: string;
  readonly version: string;
  readonly commit: string | undefined;
  /** The package folder. */
  readonly root: string;
}

interface Preparing {
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

const installTimeoutMs = 600_000;
const gitTimeoutMs = 60_000;

export function thisVersion(): Version {
  return { label: "this version", version: packageVersion(), commit: packageCommit(), root: packageRoot() };
}

/** `label`: a git ref of this checkout, a version such as 1.2.3, or a package file (.tgz). */
export async function otherVersion(label: string, preparing: Preparing): Promise<Version & AsyncDisposable> {
  await using resources = new AsyncDisposableStack();
  const folder = resources.use(await privateFolder("version"));
  const commit = await commitOf(label);
  const root =
    commit === undefined
      ? await installed(label, folder.path, preparing)
      : await checkedOut(label, commit, { folder: folder.path, resources, ...preparing });
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  const owned = resources.move();
  return { label, version, commit, root, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function commitOf(label: string): Promise<string | undefined> {
  if (label.startsWith("-")) throw usageError(`--against ${label} is neither a git ref nor a version`);
  const found = await runCommand("git", ["rev-parse", "--verify", "--quiet", "--end-of-options", `${label}^{commit}`], {
    timeoutMs: gitTimeoutMs,
    cwd: packageRoot(),
  });
  return found.status === 0 ? found.stdout.trim() : undefined;
}

async function checkedOut(
  label: string,
  commit: string,
  { folder, resources, progress, signal }: Preparing & { folder: string; resources: AsyncDisposableStack },
): Promise<string> {
  const root = join(folder, "checkout");
  const cwd = packageRoot();
  progress.step(`check out ${label} (${commit.slice(0, 10)})`);
  // Worktrees whose folder went with a killed process are forgotten first.
  await must("git", ["worktree", "prune"], { cwd, signal, timeoutMs: gitTimeoutMs });
  await must("git", ["worktree", "add", "--detach", root, commit], { cwd, signal, timeoutMs: gitTimeoutMs });
  resources.defer(async () => {
    await runCommand("git", ["worktree", "remove", "--force", root], { cwd, timeoutMs: gitTimeoutMs });
  });
  const lock = (at: string): string => readFileSync(join(at, "package-lock.json"), "utf8");
  if (lock(root) === lock(cwd)) {
    // The same packages to the last byte of the lockfile: ours will do.
    symlinkSync(join(cwd, "node_modules"), join(root, "node_modules"));
  } else {
    progress.step(`npm ci of ${label}`);
    await must("npm", ["ci", "--no-audit", "--no-fund"], { cwd: root, signal, timeoutMs: installTimeoutMs });
  }
  return root;
}

async function installed(label: string, folder: string, { progress, signal }: Preparing): Promise<string> {
  const file = resolve(label);
  const isFile = label.endsWith(".tgz") && existsSync(file);
  if (!isFile && !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(label)) {
    throw usageError(
      `--against ${label} is neither a commit of ${packageRoot()}, nor a version, nor a package file`,
      "Give a git ref such as main, a version such as 1.2.3, or a .tgz of npm pack.",
    );
  }
  progress.step(`install ${label}`);
  const wanted = isFile ? file : `falkordrill@${label}`;
  const args = ["install", "--no-audit", "--no-fund", "--no-save", "--prefix", folder, wanted];
  await must("npm", args, { cwd: folder, signal, timeoutMs: installTimeoutMs });
  return join(folder, "node_modules", "falkordrill");
}

async function must(
  command: string,
  args: readonly string[],
  options: { cwd: string; timeoutMs: number; signal: AbortSignal },
): Promise<void> {
  const { status, stderr } = await runCommand(command, args, options);
  options.signal.throwIfAborted();
  if (status === 0) return;
  const said = stderr.trim().split("\n").slice(-3).join("; ");
  throw environmentError(`${command} ${args.join(" ")} ended with ${status ?? "a signal"}: ${said}`);
}
