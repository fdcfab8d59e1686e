// The system that a case is tried with, made anew for every try: that of the run, or the engine alone.
import { copyFile, mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { DrillError } from "../base/errors.ts";
import { connect } from "../falkordb/client/connection.ts";
import { referenceSystem } from "../system/reference/reference.ts";
import type { CommandSettings } from "../system/command/command-settings.ts";
import type { BackupSystem, Mutate, SystemContext, SystemFactory } from "../system/system.ts";

export interface ShrunkSystem {
  readonly name: string;
  /** Programs of a team's own system, for the script. */
  readonly programs?: CommandSettings | undefined;
  make(context: SystemContext): Promise<BackupSystem>;
}

/** `given`: undefined for the reference system. */
export function shrunkSystem(
  name: string,
  given: BackupSystem | SystemFactory | undefined,
  { mutate, programs }: { readonly mutate?: Mutate | undefined; readonly programs?: CommandSettings | undefined } = {},
): ShrunkSystem {
  return {
    name,
    programs,
    make: async (context) => {
      const vault = context.folder;
      if (given !== undefined) await mkdir(vault, { recursive: true, mode: 0o700 });
      const system =
        given === undefined
          ? await referenceSystem({ vault, profile: "interop" })
          : typeof given === "object"
            ? { ...given, [Symbol.asyncDispose]: () => Promise.resolve() }
            : await given(context);
      return mutate?.(system, { vault }) ?? system;
    },
  };
}

const engineAlone = "the engine alone";

/** SAVE, and a start from that dump: what it loses, no backup system is to blame for. */
export const engineSystem: ShrunkSystem = {
  name: engineAlone,
  make: ({ folder }) => Promise.resolve(saveAndLoad(folder)),
};

function saveAndLoad(folder: string): BackupSystem {
  const file = join(folder, "dump.rdb");
  const point = { id: "dump", cutOffset: undefined, cutAt: new Date(0).toISOString(), rawBytes: undefined };
  return {
    name: engineAlone,
    capabilities: new Set(["full-backup", "restore-file"]),
    backup: async ({ source }) => {
      await using connection = await connect(source.endpoint);
      await connection.command("SAVE");
      if (source.dataDir === undefined) throw new DrillError("its data folder is out of reach", { exit: "internal" });
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await copyFile(join(source.dataDir, "dump.rdb"), file);
      const { size } = await stat(file);
      return { point: { ...point, storedBytes: size }, phases: [], pauseMs: undefined };
    },
    list: () => Promise.resolve([{ ...point, storedBytes: 0 }]),
    verify: () => Promise.resolve({ ok: true, problems: [], phases: [] }),
    restore: async ({ engines, signal }) => ({
      target: await engines.start({ rdb: file, name: "target", signal }),
      phases: [],
    }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
