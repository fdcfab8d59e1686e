// Newer system libraries for the engine binaries, on machines whose own are too old (Debian 12, Ubuntu 22.04): the
// distribution's packages of the next release, unpacked into a private cache folder. Nothing is installed, no root
// is needed, and apt checks the signatures. The folder appears atomically, so processes may race for it.
import { randomBytes } from "node:crypto";
import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { environment } from "../../base/environment.ts";
import { environmentError, errorMessage } from "../../base/errors.ts";
import { type Progress, silentProgress } from "../../base/progress.ts";
import { type AptSource, findAptSource } from "./apt-source.ts";
import { reaper } from "../../base/process/reaper.ts";
import { runCommand } from "../../base/process/run-command.ts";

/** Raised when the list of packages or the release they come from changes. */
const cacheVersion = "1";
const packages = [
  ..."libc6 libstdc++6 libgcc-s1 libgomp1 libssl3t64 libsystemd0 libcap2 libgcrypt20".split(" "),
  ..."liblzma5 libzstd1 liblz4-1 libgpg-error0 zlib1g".split(" "),
];
const loaderName = "ld-linux-x86-64.so.2";

export interface EngineLibraries {
  /** Program that starts another program with these libraries. */
  readonly loader: string;
  readonly folder: string;
}

const alternatives =
  "Set FALKORDRILL_ENGINE_LIBRARIES to a folder with newer libraries (with their ld-linux-x86-64.so.2), or " +
  "FALKORDRILL_REDIS_SERVER and FALKORDRILL_FALKORDB_MODULE to binaries that run here, or use --engine container.";

/** Returns the libraries, and fetches them where they are not cached. */
export async function engineLibraries(
  options: { progress?: Progress; signal?: AbortSignal } = {},
): Promise<EngineLibraries> {
  const configured = environment().engineLibraries;
  if (configured !== undefined) {
    const found = await librariesIn(configured);
    if (found !== undefined) return found;
    throw environmentError(
      `FALKORDRILL_ENGINE_LIBRARIES is "${configured}", and there is no ${loaderName} in it`,
      "Name a folder that holds a C library with its loader.",
    );
  }
  const { cacheHome, home } = environment();
  const cache = join(cacheHome ?? join(home, ".cache"), "falkordrill");
  const folder = join(cache, `engine-libraries-${cacheVersion}`);
  const cached = await librariesIn(folder);
  if (cached !== undefined) return cached;
  await fetchLibraries(folder, options.progress ?? silentProgress, options.signal);
  const fetched = await librariesIn(folder);
  if (fetched !== undefined) return fetched;
  throw environmentError(`the libraries fetched into ${folder} hold no ${loaderName}`, alternatives);
}

/** Looks in the folder itself and where Debian's packages put libraries. */
async function librariesIn(root: string): Promise<EngineLibraries | undefined> {
  for (const place of [".", "usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu", "lib64"]) {
    const folder = join(root, place);
    const loader = join(folder, loaderName);
    if (await stat(loader).catch(() => undefined)) return { loader, folder };
  }
  return undefined;
}

async function fetchLibraries(folder: string, progress: Progress, signal: AbortSignal | undefined): Promise<void> {
  const source = await findAptSource();
  if (source === undefined) {
    throw environmentError(
      "the embedded engine needs a C library of version 2.38 or newer, and newer libraries can be fetched only with " +
        "apt on Debian and Ubuntu",
      alternatives,
    );
  }
  progress.step("engine libraries");
  progress.note(
    `this system's libraries are too old for the engine: fetching those of ${source.suite} into ${folder}, once`,
  );
  const work = join(dirname(folder), `falkordrill-fetch-${randomBytes(6).toString("hex")}`);
  using _registered = reaper.folder(work);
  try {
    await unpackInto(work, source, signal);
    await rename(join(work, "root"), folder).catch(async (error: unknown) => {
      // Another process was faster; its folder is as good as ours.
      if ((await librariesIn(folder)) === undefined) throw error;
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw environmentError(`cannot fetch the engine's libraries: ${errorMessage(error)}`, alternatives, error);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function unpackInto(work: string, source: AptSource, signal: AbortSignal | undefined): Promise<void> {
  await mkdir(join(work, "root"), { recursive: true, mode: 0o700 });
  for (const name of ["lists/partial", "archives/partial"]) await mkdir(join(work, name), { recursive: true });
  const option = source.signedBy === undefined ? "" : `[signed-by=${source.signedBy}] `;
  await writeFile(join(work, "sources.list"), `deb ${option}${source.uri} ${source.suite} main\n`);
  await writeFile(join(work, "status"), "");
  await writeFile(join(work, "apt.conf"), aptConfiguration(work));
  const config = ["-c", join(work, "apt.conf")];
  await run("apt-get", [...config, "update"], work, signal);
  await run("apt-get", [...config, "download", ...packages], work, signal);
  for (const file of (await readdir(work)).filter((name) => name.endsWith(".deb"))) {
    await run("dpkg", ["-x", join(work, file), join(work, "root")], work, signal);
  }
}

/** Runs apt with its state in a private folder and without the machine's update hooks. */
function aptConfiguration(work: string): string {
  return [
    `Dir::Etc::sourcelist "${work}/sources.list";`,
    'Dir::Etc::sourceparts "-";',
    `Dir::State "${work}";`,
    `Dir::State::lists "${work}/lists";`,
    `Dir::State::status "${work}/status";`,
    `Dir::Cache "${work}";`,
    `Dir::Cache::archives "${work}/archives";`,
    'APT::Architecture "amd64";',
    "#clear APT::Architectures;",
    'APT::Sandbox::User "";',
    'APT::Update::Error-Mode "any";',
    'Acquire::Languages "none";',
    'Acquire::Retries "3";',
    'Acquire::http::Timeout "30";',
    'Acquire::https::Timeout "30";',
    "#clear APT::Update::Pre-Invoke;",
    "#clear APT::Update::Post-Invoke;",
    "#clear APT::Update::Post-Invoke-Success;",
    "",
  ].join("\n");
}

async function run(command: string, args: string[], cwd: string, signal: AbortSignal | undefined): Promise<void> {
  const { status, stdout, stderr } = await runCommand(command, args, { timeoutMs: 300_000, cwd, signal });
  if (status === 0) return;
  const said = (stderr + stdout).trim().split("\n").slice(-3).join(" / ");
  throw new Error(`${command} ${args.find((arg) => /^[a-z]+$/.test(arg)) ?? ""} failed: ${said}`);
}
