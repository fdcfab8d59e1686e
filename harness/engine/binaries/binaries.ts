// Finds the engine's binaries, and how to run them on this machine: directly, or with newer libraries.
import { access } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { environment } from "../../base/environment.ts";
import { environmentError, errorMessage } from "../../base/errors.ts";
import type { Progress } from "../../base/progress.ts";
import { engineLibraries } from "./libraries.ts";
import { runCommand } from "../../base/process/run-command.ts";

const npmPackage = "@falkordblite/linux-x64";

export interface EngineBinaries {
  /** Path of redis-server. */
  readonly server: string;
  /** Path of falkordb.so. */
  readonly module: string;
  /** The redis-server program; under another name it is redis-check-rdb or redis-check-aof. */
  command(name?: "redis-server" | "redis-check-rdb" | "redis-check-aof"): EngineCommand;
}

export interface EngineCommand {
  readonly file: string;
  /** Arguments before the program's own. */
  readonly args: readonly string[];
  readonly argv0: string | undefined;
}

let found: Promise<EngineBinaries> | undefined;

/** Looked up once per process; a failure is not cached. */
export async function engineBinaries(
  options: { progress?: Progress; signal?: AbortSignal } = {},
): Promise<EngineBinaries> {
  found ??= locate(options);
  try {
    return await found;
  } catch (error) {
    found = undefined;
    throw error;
  }
}

async function locate(options: { progress?: Progress; signal?: AbortSignal }): Promise<EngineBinaries> {
  const { server, module } = await binaryPaths();
  const problem = await problemOf(server, module);
  if (problem === undefined) {
    return { server, module, command: (name) => ({ file: server, args: [], argv0: name }) };
  }
  const { loader, folder } = await engineLibraries(options);
  const prefix = ["--library-path", folder];
  const probe = await runCommand(loader, [...prefix, server, "--version"], { timeoutMs: 20_000 });
  if (probe.status !== 0) {
    throw environmentError(
      `redis-server does not run on this machine: ${problem}; nor with the libraries in ${folder}: ${probe.stderr.trim()}`,
      `Remove ${folder} to have it fetched again.`,
    );
  }
  return {
    server,
    module,
    command: (name) => ({
      file: loader,
      args: [...prefix, ...(name === undefined ? [] : ["--argv0", name]), server],
      argv0: undefined,
    }),
  };
}

async function binaryPaths(): Promise<{ server: string; module: string }> {
  const { redisServer, falkordbModule } = environment();
  const folder = redisServer !== undefined && falkordbModule !== undefined ? "" : packageFolder();
  const server = redisServer ?? join(folder, "bin/redis-server");
  const module = falkordbModule ?? join(folder, "bin/falkordb.so");
  for (const path of [server, module]) {
    await access(path).catch((error: unknown) => {
      throw environmentError(
        `engine binary ${path} cannot be read: ${errorMessage(error)}`,
        "Install again, or set FALKORDRILL_REDIS_SERVER and FALKORDRILL_FALKORDB_MODULE.",
      );
    });
  }
  return { server, module };
}

function packageFolder(): string {
  try {
    return dirname(createRequire(import.meta.url).resolve(`${npmPackage}/package.json`));
  } catch (error) {
    throw environmentError(
      `the npm package ${npmPackage} with the engine's binaries is not installed (this is ${process.platform} ${process.arch})`,
      "On Linux x64 run `npm install` without --omit=optional; elsewhere use --engine container.",
      error,
    );
  }
}

/** Undefined when both binaries find their libraries here, else the first error of the system's loader. */
async function problemOf(server: string, module: string): Promise<string | undefined> {
  const version = await runCommand(server, ["--version"], { timeoutMs: 20_000 });
  if (version.status !== 0) return firstLine(version.stderr);
  const libraries = await runCommand("ldd", [module], { timeoutMs: 20_000 });
  const missing = `${libraries.stderr}\n${libraries.stdout}`.split("\n").find((line) => line.includes("not found"));
  return missing === undefined ? undefined : firstLine(missing);
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0] ?? "";
}
