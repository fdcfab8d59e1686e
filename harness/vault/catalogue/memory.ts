// What a key ring remembers of a vault: the newest entry of its catalogue that was ever seen from here, with the
// backups at that time. It is outside the vault, so a vault that is put back to an older state, or loses its
// catalogue, is noticed, and what is missing can be named.
import { hash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { errorMessage } from "../../base/errors.ts";
import { writeWhole } from "../../base/files/write-whole.ts";
import type { Keyring } from "../keys/keyring.ts";
import { applyEntry, type CataloguedPoint, type CatalogueEvent, eventSchema, pointSchema } from "./entry.ts";

export interface VaultMemory {
  /** Where the vault is. */
  readonly where: string;
  /** Id of its catalogue. */
  readonly vault: string;
  /** Number, hash and time of the newest entry that was seen. */
  readonly number: number;
  readonly sha256: string;
  readonly at: string;
  readonly points: readonly CataloguedPoint[];
  /** What this key ring did and could not record, as the vault was full. */
  readonly unrecorded?: readonly CatalogueEvent[];
}

const memorySchema: z.ZodType<VaultMemory> = z.strictObject({
  where: z.string(),
  vault: z.string(),
  number: z.int().positive(),
  sha256: z.string(),
  at: z.string(),
  points: z.array(pointSchema),
  unrecorded: z.array(eventSchema).exactOptional(),
});

export async function readMemory({ folder }: Keyring, where: string): Promise<VaultMemory | "unreadable" | undefined> {
  const path = memoryPath(folder, where);
  if (!existsSync(path)) return undefined;
  try {
    return memorySchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return "unreadable";
  }
}

/** With the chain up to increment `last`, where that is beyond what the catalogue records: it grows between two entries. */
export function grownTo(point: CataloguedPoint, last: number): CataloguedPoint {
  return last > (point.chain?.number ?? 0) ? { ...point, chain: { number: last } } : point;
}

/** Returns a note where the key ring cannot be written to. */
export function writeMemory({ folder }: Keyring, memory: VaultMemory): string | undefined {
  try {
    writeWhole(memoryPath(folder, memory.where), `${JSON.stringify(memory, undefined, 1)}\n`);
    return undefined;
  } catch (error) {
    return `the key ring cannot remember the state of the vault: ${errorMessage(error)}`;
  }
}

/** These events are recorded with the next entry from here; until then this key ring takes them for recorded. */
export async function rememberUnrecorded(
  keyring: Keyring,
  where: string,
  events: readonly CatalogueEvent[],
): Promise<void> {
  const known = await readMemory(keyring, where);
  if (known === undefined || known === "unreadable") return;
  const state = new Map(known.points.map((point) => [point.id, point]));
  applyEntry(state, { ...known, events });
  writeMemory(keyring, { ...known, points: [...state.values()], unrecorded: [...(known.unrecorded ?? []), ...events] });
}

/** To be called where a new vault is made at this path. */
export async function forget({ folder }: Keyring, where: string): Promise<void> {
  await rm(memoryPath(folder, where), { force: true });
}

function memoryPath(folder: string, where: string): string {
  return join(folder, `seen-${hash("sha256", where).slice(0, 16)}.json`);
}
