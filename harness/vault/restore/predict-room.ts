// What a restore needs, known before its first byte: a backup records what memory its server used at the cut, and a server
// that loads it uses as much (docs/internals/reference-system.md has the measured error). Too small a target, machine or
// disk is refused before anything is touched.
import { statfs } from "node:fs/promises";
import { environmentError } from "../../base/errors.ts";
import { address } from "../../base/endpoint.ts";
import { formatBytes } from "../../base/units.ts";
import { availableMemory } from "../../engine/machine.ts";
import type { Connection } from "../../falkordb/client/connection.ts";
import type { Manifest } from "../store/manifest.ts";

/** Recorded at the backup; absent in backups of earlier versions, whose restores are checked once they are loaded. */
export type PredictedMemory = NonNullable<Manifest["source"]["memory"]>;

/** Refuses a running server that the data cannot fit into. */
export async function refuseTooSmallServer(
  connection: Connection,
  predicted: PredictedMemory | undefined,
): Promise<void> {
  if (predicted === undefined) return;
  const { maxmemory = "0", total_system_memory: total = "0" } = await connection.info("memory");
  const where = address(connection.endpoint);
  if (maxmemory !== "0" && predicted.usedBytes > Number(maxmemory))
    throw environmentError(
      `the graphs do not fit into ${where}: they took ${formatBytes(predicted.usedBytes)} of memory when they were backed up, ` +
        `and its maxmemory is ${formatBytes(Number(maxmemory))}`,
      "Give it more memory (CONFIG SET maxmemory), and restore again. Nothing was touched.",
    );
  if (total !== "0" && predicted.usedBytes > Number(total))
    throw environmentError(
      `the graphs do not fit into the machine of ${where}: they took ${formatBytes(predicted.usedBytes)} of memory when they ` +
        `were backed up, and it has ${formatBytes(Number(total))}`,
      "Restore into a server with more memory. Nothing was touched.",
    );
}

/** Refuses to start an engine that this machine has too little memory for; `available` is what is free. */
export async function refuseTooSmallMachine(
  predicted: PredictedMemory | undefined,
  available: () => Promise<number> = availableMemory,
): Promise<void> {
  if (predicted === undefined) return;
  const free = await available();
  if (predicted.usedBytes <= free) return;
  throw environmentError(
    `the graphs do not fit into the memory of this machine: they took ${formatBytes(predicted.usedBytes)} when they were backed ` +
      `up, and ${formatBytes(free)} are free`,
    "Restore from a machine with more memory. Nothing was touched.",
  );
}

/** Refuses a folder of this machine in which so much has no room; one that cannot be asked is not refused. */
export async function refuseFullFolder(folder: string, bytes: number, what: string): Promise<void> {
  const space = await statfs(folder).catch(() => undefined);
  if (space === undefined || space.bavail * space.bsize >= bytes) return;
  throw environmentError(
    `${folder} has no room for ${what}: that takes ${formatBytes(bytes)}, and ${formatBytes(space.bavail * space.bsize)} are free`,
    "Free space there. Nothing was touched.",
  );
}
