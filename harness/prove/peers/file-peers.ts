// Peers that look at files: the dump, and what was stored.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { privateFolder } from "../../base/process/reaper.ts";
import { type CommandResult, runCommand } from "../../base/process/run-command.ts";
import { engineBinaries } from "../../engine/binaries/binaries.ts";
import type { Alarm, PeerCheck } from "./peer.ts";

const timeoutMs = 60_000;

async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

async function checksumsOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const sums = new Map<string, string>();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) sums.set(path, await sha256OfFile(path));
  }
  return sums;
}

const checksums: PeerCheck = {
  name: "checksums of stored files",
  looks: "takes SHA-256 of each stored file after the backup, and again before the restore",
  begin: () => {
    let sums: ReadonlyMap<string, string> = new Map();
    return Promise.resolve({
      stored: async (vault) => void (sums = await checksumsOf(vault)),
      stillStored: async (vault) => {
        const now = await checksumsOf(vault);
        const changed = [...sums].find(([path, sum]) => now.get(path) !== sum);
        return changed && `${changed[0].slice(vault.length + 1)} was changed or removed`;
      },
    });
  },
};

const checkRdb: PeerCheck = {
  name: "redis-check-rdb",
  looks: "runs redis-check-rdb on the dump from which a server is started",
  begin: () =>
    Promise.resolve({
      dump: async (path) => {
        const { file, args, argv0 } = (await engineBinaries()).command("redis-check-rdb");
        return failureOf(
          await runCommand(file, [...args, path], { timeoutMs, ...(argv0 === undefined ? {} : { argv0 }) }),
        );
      },
    }),
};

const restic: PeerCheck = {
  name: "restic check --read-data",
  looks: "stores the files of the backup in a restic repository, which is checked whole before the restore",
  unavailable: async () => {
    const { status } = await runCommand("restic", ["version"], { timeoutMs });
    return status === 0 ? undefined : "restic is not installed (apt-get install restic)";
  },
  begin: async () => {
    const folder = await privateFolder("restic");
    const run = async (...args: string[]): Promise<Alarm> => {
      const repository = ["--quiet", "--no-cache", "--repo", join(folder.path, "repository")];
      const env = {
        PATH: "/usr/local/bin:/usr/bin:/bin",
        HOME: folder.path,
        RESTIC_PASSWORD: "a password of no worth",
      };
      return failureOf(await runCommand("restic", [...repository, ...args], { timeoutMs, env }));
    };
    return {
      stored: async (vault) => {
        const failure = (await run("init")) ?? (await run("backup", vault));
        if (failure !== undefined) throw new Error(failure);
      },
      stillStored: () => run("check", "--read-data"),
      end: async () => await folder[Symbol.asyncDispose](),
    };
  },
};

function failureOf({ status, stdout, stderr }: CommandResult): Alarm {
  return status === 0 ? undefined : (stderr.trim() || stdout.trim()).split("\n").at(-1);
}

export const filePeers: readonly PeerCheck[] = [checkRdb, checksums, restic];
