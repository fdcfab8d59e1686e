// What this machine offers for a drill: system, disk space, and the programs that are used with it.
import { readFile, statfs } from "node:fs/promises";
import { availableParallelism, freemem, tmpdir, totalmem } from "node:os";
import { runCommand } from "../base/process/run-command.ts";

export interface Machine {
  readonly node: string;
  readonly platform: string;
  readonly system: string;
  readonly libc: string | undefined;
  readonly processors: number;
  readonly memoryBytes: number;
  readonly memoryFreeBytes: number;
  /** Folder in which engines keep their data. */
  readonly temporaryFolder: string;
  readonly diskFreeBytes: number;
  /** Program -> version; undefined where it is not installed. */
  readonly tools: Readonly<Record<string, string | undefined>>;
}

const versionArguments: Readonly<Record<string, readonly string[]>> = {
  docker: ["version", "--format", "{{.Server.Version}}"],
  gpg: ["--version"],
  zstd: ["--version"],
};

export async function describeMachine(): Promise<Machine> {
  const temporaryFolder = tmpdir();
  const { bavail, bsize } = await statfs(temporaryFolder);
  const names = Object.keys(versionArguments);
  const versions = await Promise.all(names.map((name) => versionOf(name)));
  const { glibcVersionRuntime } = (process.report.getReport() as { header: { glibcVersionRuntime?: string } }).header;
  return {
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    system: await systemName(),
    libc: glibcVersionRuntime === undefined ? undefined : `glibc ${glibcVersionRuntime}`,
    processors: availableParallelism(),
    memoryBytes: totalmem(),
    memoryFreeBytes: freemem(),
    temporaryFolder,
    diskFreeBytes: bavail * bsize,
    tools: Object.fromEntries(names.map((name, index) => [name, versions[index]])),
  };
}

/** Memory that a new process of this machine could have, in bytes: also within the limit of its control group. */
export async function availableMemory(): Promise<number> {
  const meminfo = await readFile("/proc/meminfo", "utf8").catch(() => "");
  const kilobytes = /^MemAvailable:\s+(\d+) kB/m.exec(meminfo)?.[1];
  const machine = kilobytes === undefined ? freemem() : Number(kilobytes) * 1024;
  const groupFile = async (name: string): Promise<number> =>
    Number(await readFile(`/sys/fs/cgroup/memory.${name}`, "utf8").catch(() => "max"));
  const group = (await groupFile("max")) - (await groupFile("current"));
  // Without a limit it is not a number.
  return Number.isNaN(group) ? machine : Math.min(machine, Math.max(0, group));
}

async function versionOf(program: string): Promise<string | undefined> {
  const { status, stdout } = await runCommand(program, versionArguments[program] ?? [], { timeoutMs: 10_000 });
  return status === 0 ? (/\d+(?:\.\d+)+/.exec(stdout)?.[0] ?? "unknown") : undefined;
}

async function systemName(): Promise<string> {
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  return /^PRETTY_NAME="?([^"\n]*)/m.exec(release)?.[1] ?? process.platform;
}
